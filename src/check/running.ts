/**
 * Runs a trace again by running actors: each step is done to them, and what they become and send is
 * held against what the checker has worked out.
 */
import type { AnyEventObject } from 'xstate';
import { InterplexError } from '../errors.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { Outcome } from './locals.ts';
import { Locals } from './locals.ts';
import type { Model } from './model.ts';
import type { AnyActors, Message } from './model-actor.ts';
import { differenceOf } from './difference.ts';
import { brokenIn } from './replay.ts';
import type { Replay } from './replay.ts';
import { RunningActor } from './running-actor.ts';
import { System } from './system.ts';
import type { SystemState } from './system-state.ts';
import { retrace } from './retrace.ts';
import type { Trace, TraceStep } from './trace.ts';
import type { TakenStep } from './retrace.ts';

/**
 * Takes the steps of a trace with actors that XState runs, each created from its machine with the
 * model's environment for effects, under a clock that fires what the trace names. Blocks; no time
 * passes. Throws `IPX_CHECK_TRACE` as `replay` does, `IPX_CHECK_DIFFERENCE` where a running actor
 * is, or sends, something else than the checker has, and `IPX_CHECK_UNRUNNABLE` where an effect
 * cannot be replaced. The states that it answers with are those of the running actors.
 */
export function replayRunning<Actors extends AnyActors>(
  model: Model<Actors>,
  trace: Trace,
): Replay<Actors> {
  const system = new System(model);
  const taken = retrace(system as System, trace);
  const cast = new Cast(system as System);
  try {
    const first = cast.start() as SystemState<Actors>;
    const states = [first, ...taken.map((step) => cast.take(step) as SystemState<Actors>)];
    const state = states.at(-1) ?? first;
    const broken = brokenIn(model, state);
    const expected = brokenIn(model, system.stateOf(taken.at(-1)?.after ?? system.start()));
    if (broken.join() !== expected.join()) {
      const claims = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ');
      const found = `The claims broken in the end are [${claims(broken)}]`;
      throw difference(`${found}, by the checker [${claims(expected)}].`);
    }
    return { states, state, broken };
  } finally {
    cast.stop();
  }
}

const difference = (sentence: string) => new InterplexError('IPX_CHECK_DIFFERENCE', sentence);

/** The declared actors, running. */
class Cast {
  readonly #system: System;
  readonly #running = new Map<string, RunningActor>();
  /** By the number of its envelope, what was last sent so. */
  readonly #sent = new Map<number, AnyEventObject>();
  /** The envelopes of this step. */
  #sends: number[] = [];
  #count = 0;

  constructor(system: System) {
    this.#system = system;
  }

  start(): SystemState {
    const system = this.#system;
    const at = 'At the start';
    const starts = system.locals.map((locals) => locals.start());
    this.#located(at, () => {
      for (const [index, { local }] of starts.entries()) {
        if (local !== Locals.absent) this.#begin(system.names[index]!);
      }
    });
    return this.#settled(at, { after: system.start(), sends: starts.flatMap(sendsOf) });
  }

  take({ move, before, after }: TakenStep): SystemState {
    const { step, sends } = move;
    const at = placeOf(step, ++this.#count);
    if (step.kind === 'crash') {
      this.#crash(before, after, sends);
      return this.#settled(at, { after, sends: [] });
    }
    const isTaken = this.#located(at, () => this.#do(step));
    if (!isTaken) throw difference(`${at}: the running actor has no such ${step.kind}.`);
    return this.#settled(at, { after, sends });
  }

  stop(): void {
    for (const running of this.#running.values()) running.stop();
  }

  /** False where there is nothing of the kind. */
  #do(step: TraceStep): boolean {
    const { kind, actor: name, child = '', event } = step;
    const running = this.#running.get(name);
    switch (kind) {
      case 'loss':
      case 'crash':
        return true;
      case 'delivery':
      case 'repetition':
        return this.#deliver(step);
      case 'restart':
        this.#begin(name);
        return true;
      case 'unasked':
        running?.hear(child, event!);
        return true;
      case 'timer':
        return running?.fire(step) ?? false;
      case 'answer':
        return running?.answer(step) ?? false;
    }
  }

  #deliver({ from, actor: to, event }: TraceStep): boolean {
    const number = this.#system.envelopes.numberOf({ from: from!, to, event: event! });
    const sent = this.#sent.get(number);
    if (sent === undefined) return false;
    const running = this.#running.get(to);
    const { beginsAt } = this.#system.model.actors[to]!;
    const isAway = running === undefined || running.view().status === 'done';
    if (isAway && beginsAt === sent.type) this.#begin(to);
    else running?.hear('', sent);
    return true;
  }

  #begin(name: string): void {
    const { names, model } = this.#system;
    this.#running.get(name)?.stop();
    const send = (message: Message) => this.#send(name, message);
    const played = model.actors[name]!;
    this.#running.set(name, new RunningActor({ name, names, played, send }));
  }

  #send(from: string, { to, event }: Message): void {
    const number = this.#system.envelopes.numberOf({ from, to, event });
    this.#sends.push(number);
    this.#sent.set(number, event);
  }

  /** Those who are told of it are told by the model. */
  #crash(before: Int32Array, after: Int32Array, notices: readonly number[]): void {
    for (const [index, name] of this.#system.names.entries()) {
      const isDown = this.#localAt(after, index) === Locals.down;
      if (!isDown || this.#localAt(before, index) === Locals.down) continue;
      this.#running.get(name)?.stop();
      this.#running.delete(name);
    }
    for (const number of notices) this.#sent.set(number, this.#system.envelopes.at(number).event);
  }

  /** What XState was run into, told with its place. */
  #located<Value>(at: string, act: () => Value): Value {
    try {
      return act();
    } catch (cause) {
      if (!(cause instanceof InterplexError)) throw cause;
      throw new InterplexError(cause.code, `${at}: ${cause.message}.`, { cause });
    }
  }

  #settled(at: string, { after, sends }: Expected): SystemState {
    const system = this.#system;
    const checked = system.stateOf(after);
    const actors = system.names.map((name, index) => {
      const running = this.#running.get(name);
      const local = system.locals[index]!.local(this.#localAt(after, index));
      const told = differenceOf(running, local);
      if (told !== undefined) throw difference(`${at}: of "${name}" ${told}.`);
      return [name, running?.view() ?? checked.actors[name]!] as const;
    });
    const [found, wanted] = [this.#ordered(this.#sends), this.#ordered(sends)];
    if (found.join() !== wanted.join()) {
      const [said, expected] = [this.#textOf(found), this.#textOf(wanted)];
      throw difference(`${at}: ${said} is sent, by the checker ${expected}.`);
    }
    this.#sends = [];
    return { actors: Object.fromEntries(actors), messages: checked.messages };
  }

  /** As far as the network keeps an order. */
  #ordered(sends: readonly number[]): number[] {
    const { envelopes, rules } = this.#system;
    const inOrder = sends.filter((number) => rules.isInOrder(number));
    const others = sends.filter((number) => !rules.isInOrder(number));
    const { receivers } = envelopes;
    const byReceiver = inOrder.toSorted((one, other) => receivers[one]! - receivers[other]!);
    return [...byReceiver, ...others.toSorted((one, other) => one - other)];
  }

  #textOf(sends: readonly number[]): string {
    const envelopes = sends.map((number) => this.#system.envelopes.at(number));
    const texts = envelopes.map(
      ({ from, to, event }) => `${fingerprintOf(event)} (${from} to ${to})`,
    );
    return texts.join(', ') || 'nothing';
  }

  #localAt(row: Int32Array, index: number): number {
    return this.#system.sites[index]!.localOf(row[index]!);
  }
}

interface Expected {
  readonly after: Int32Array;
  readonly sends: readonly number[];
}

const sendsOf = ({ sends }: Outcome) => sends;

function placeOf({ kind, actor, event, effect }: TraceStep, number: number): string {
  const what = [kind, effect && `of ${effect}`, event && `of "${event.type}"`];
  return `Step ${number} of the trace (${actor}, ${what.filter(Boolean).join(' ')})`;
}
