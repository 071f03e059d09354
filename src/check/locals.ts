/**
 * The local states of one actor as small integers. What it does at an event is asked of XState once
 * and looked up from then on: that is what makes a search a matter of integers.
 */
import type { AnyEventObject, AnyStateMachine } from 'xstate';
import { InterplexError, isCheckCode, sentenceOf } from '../errors.ts';
import type { Envelopes } from './envelopes.ts';
import { receive, start } from './family.ts';
import type { Family, Local, Reaction } from './family.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { Naming } from './fingerprint.ts';
import { stateOf } from './state.ts';
import type { ActorState } from './system-state.ts';
import type { Timing } from './model.ts';
import type { TraceStep } from './trace.ts';

/** What a step makes of an actor, and the numbers of the envelopes that it sends. */
export interface Outcome {
  readonly local: number;
  readonly sends: readonly number[];
}
/** A step that an actor may take without hearing from another. */
export interface Choice extends Outcome {
  readonly step: TraceStep;
  /** By what a fair run tells it from others; none where it need never come. */
  readonly fairAs: string | undefined;
}

interface Row {
  readonly local: Local;
  readonly deliveries: Map<number, Outcome | undefined>;
  choices?: readonly Choice[];
  view?: ActorState<AnyStateMachine>;
}

export interface LocalsOptions {
  readonly family: Family;
  readonly input: unknown;
  readonly envelopes: Envelopes;
  readonly timers: Timing;
  /** The message at which it begins, and begins anew; none where it begins at once. */
  readonly beginsAt: string | undefined;
}

export class Locals {
  /** The number of a crashed actor. */
  static readonly down = 0;
  /** The number of one that has not begun. */
  static readonly absent = 1;
  readonly #options: LocalsOptions;
  readonly #rows: Row[] = [];
  readonly #numbers = new Map<string, number>();
  #start: Outcome | undefined;

  constructor(options: LocalsOptions) {
    this.#options = options;
    for (const _ of [Locals.down, Locals.absent]) {
      this.#rows.push({ local: { members: new Map(), pending: [] }, deliveries: new Map() });
    }
  }

  /** One that is not there yet is numbered all the same: a view of it shows how it begins. */
  start(): Outcome {
    const begun = this.#begin();
    const isAbsent = this.#options.beginsAt !== undefined;
    return isAbsent ? { local: Locals.absent, sends: [] } : begun;
  }

  #begin(): Outcome {
    const { family, input } = this.#options;
    this.#start ??= this.#outcomeOf(
      this.#located(undefined, 'its start', () => start(family, input)),
    );
    return this.#start;
  }

  /** Undefined where it neither changes nor does anything. */
  deliver(number: number, envelope: number): Outcome | undefined {
    const { deliveries, local } = this.#rows[number]!;
    if (deliveries.has(envelope)) return deliveries.get(envelope);
    const outcome = this.#heard(number, local, this.#options.envelopes.at(envelope).event);
    deliveries.set(envelope, outcome);
    return outcome;
  }

  #heard(number: number, local: Local, event: AnyEventObject): Outcome | undefined {
    if (event.type === this.#options.beginsAt && this.isDone(number)) return this.#begin();
    if (number === Locals.absent) return undefined;
    return this.#stirring(number, this.#reactionTo(local, { path: '', event }));
  }

  choices(number: number): readonly Choice[] {
    const row = this.#rows[number]!;
    row.choices ??= this.#choicesOf(number, row.local);
    return row.choices;
  }

  isDone(number: number): boolean {
    if (number === Locals.absent) return true;
    return number !== Locals.down && this.view(number).status === 'done';
  }

  local(number: number): Local {
    return this.#rows[number]!.local;
  }

  numberOf(local: Local): number {
    const key = textOf(local);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#rows.length;
    this.#rows.push({ local, deliveries: new Map() });
    this.#numbers.set(key, number);
    return number;
  }

  view(number: number): ActorState<AnyStateMachine> {
    const row = this.#rows[number]!;
    row.view ??=
      number > Locals.absent
        ? viewOf(row.local)
        : absentView(this.view(this.#begin().local), { isDown: number === Locals.down });
    return row.view;
  }

  *#offers(local: Local): Iterable<Offer> {
    const { name } = this.#options.family;
    const child = (path: string) => (path === '' ? {} : { child: path });
    for (const [path, { role, own }] of local.members) {
      for (const [timer, event] of own.timers) {
        if (!mayFire(this.#options.timers, timer)) continue;
        const step = { kind: 'timer', actor: name, ...child(path), event } as const;
        yield { step, path, event, local, fairAs: `timer ${path} ${timer}` };
      }
      for (const event of role.environment.unasked ?? []) {
        const step = { kind: 'unasked', actor: name, ...child(path), event } as const;
        yield { step, path, event, local, fairAs: undefined };
      }
    }
    for (const answered of local.pending) {
      const others = local.pending.filter((other) => other !== answered);
      const { path, effect } = answered;
      const fairAs = `answer ${path} ${effect} ${answered.child ?? ''}`;
      for (const alternative of answered.alternatives) {
        const [event] = alternative;
        const left = alternative.slice(1);
        const rest = left.length > 0 ? [{ ...answered, alternatives: [left] }] : [];
        const after = { ...local, pending: [...others, ...rest] };
        const heard = event === undefined ? {} : { event, ...(left.length > 0 && { rest: left }) };
        const step = { kind: 'answer', actor: name, ...child(path), effect, ...heard } as const;
        yield { step, path, event, local: after, fairAs };
      }
    }
  }

  #choicesOf(number: number, local: Local): Choice[] {
    const choices: Choice[] = [];
    const seen = new Set<string>();
    for (const { step, path, event, local: after, fairAs } of this.#offers(local)) {
      const reaction =
        event === undefined
          ? { local: after, sends: [] }
          : this.#reactionTo(after, { path, event });
      const outcome = this.#stirring(number, reaction);
      const key = `${fairAs} ${fingerprintOf(step)} ${outcome?.local}`;
      if (outcome === undefined || seen.has(key)) continue;
      seen.add(key);
      choices.push({ ...outcome, step, fairAs });
    }
    return choices;
  }

  #reactionTo(local: Local, told: { path: string; event: AnyEventObject }): Reaction {
    const { family } = this.#options;
    const { type } = told.event;
    return this.#located(local, `"${type}"`, () => receive(family, local, told));
  }

  #stirring(number: number, reaction: Reaction): Outcome | undefined {
    const outcome = this.#outcomeOf(reaction);
    return outcome.local === number && outcome.sends.length === 0 ? undefined : outcome;
  }

  #outcomeOf({ local, sends }: Reaction): Outcome {
    const { envelopes, family } = this.#options;
    return {
      local: this.#located(local, 'the end of a step', () => this.numberOf(local)),
      sends: sends.map(({ to, event }) =>
        this.#located(local, `the sending of "${event.type}"`, () =>
          envelopes.numberOf({ from: family.name, to, event }),
        ),
      ),
    };
  }

  /** Whatever goes wrong in a step is told with the actor, its state and the event. */
  #located<Value>(local: Local | undefined, at: string, act: () => Value): Value {
    try {
      return act();
    } catch (cause) {
      const value: unknown = local?.members.get('')?.own.snapshot.value;
      const where = value === undefined ? '' : `, in ${JSON.stringify(value)}`;
      const code =
        cause instanceof InterplexError && isCheckCode(cause.code) ? cause.code : 'IPX_CHECK_STEP';
      const reason = sentenceOf(cause);
      const sentence = `Actor "${this.#options.family.name}"${where}, at ${at}: ${reason}`;
      throw new InterplexError(code, sentence, { cause });
    }
  }
}

/** XState names the timer of a state by its delay. */
const mayFire = (timing: Timing, timer: string): boolean =>
  typeof timing === 'string'
    ? timing === 'whenever'
    : timing.some((delay) => timer.startsWith(`xstate.after.${delay}.`));

interface Offer {
  readonly step: TraceStep;
  readonly path: string;
  readonly event: AnyEventObject | undefined;
  /** The local state with what the answer leaves outstanding. */
  readonly local: Local;
  readonly fairAs: string | undefined;
}

/** Alike local states have one text. */
export function textOf({ members, pending }: Local, naming?: Naming): string {
  const lives = Array.from(
    members,
    ([path, { own }]) => `${path}=${fingerprintOf(own.parts, naming)}`,
  );
  // One of the alternatives comes: their order tells nothing.
  const awaited = pending.map(({ alternatives, ...answer }) => {
    const texts = alternatives.map((alternative) => fingerprintOf(alternative, naming));
    return `${fingerprintOf(answer, naming)}[${texts.toSorted().join()}]`;
  });
  return `${lives.toSorted().join(';')}|${awaited.toSorted().join(';')}`;
}

function viewOf({ members, pending }: Local): ActorState<AnyStateMachine> {
  const stateAt = (path: string) => {
    const member = members.get(path);
    return (
      member &&
      stateOf(
        member.own,
        pending.filter((answer) => answer.path === path),
      )
    );
  };
  return Object.assign(stateAt('')!, { isDown: false, child: stateAt });
}

const absentView = (
  atStart: ActorState<AnyStateMachine>,
  { isDown }: Pick<ActorState<AnyStateMachine>, 'isDown'>,
): ActorState<AnyStateMachine> => ({
  ...atStart,
  status: 'stopped',
  isDown,
  children: [],
  timers: [],
  outstanding: [],
  matches: () => false,
  hasTag: () => false,
  child: () => undefined,
});
