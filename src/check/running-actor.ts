/**
 * One declared actor of a model, run by XState: below a parent and among peers that put whatever
 * they are sent in flight, under a clock that stands still.
 */
import { createActor, createMachine, fromCallback } from 'xstate';
import type { AnyActorRef, AnyEventObject, AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import type { InspectionEvent } from 'xstate';
import { changed, changesBy } from './answers.ts';
import type { Outstanding } from './answers.ts';
import { answeringBy } from './family.ts';
import { fingerprintOf } from './fingerprint.ts';
import { eventOf, HeldClock, withoutContext } from './held-clock.ts';
import type { ActorOf, Message, ModelActor } from './model-actor.ts';
import { asChild, childrenOf, isAlive, memberAt, pathsFrom } from './running-family.ts';
import { end, StandIns, unrunnable } from './stand-ins.ts';
import type { Performed } from './stand-ins.ts';
import { ownOf, stateOf } from './state.ts';
import type { Own, State } from './state.ts';
import type { ActorState } from './system-state.ts';
import type { TraceStep } from './trace.ts';

/** An answer that may come, of whom, and by which child. */
interface Awaited extends Outstanding {
  readonly owner: AnyActorRef;
  readonly by?: AnyActorRef;
}

/** A member of the family as it is found. */
export interface Found {
  readonly own: Own;
  readonly pending: readonly Outstanding[];
}

export interface RunningOptions {
  readonly name: string;
  readonly played: ModelActor;
  /** Everybody in the model. */
  readonly names: readonly string[];
  send(message: Message): void;
}

export class RunningActor {
  readonly #options: RunningOptions;
  readonly #standIns: StandIns;
  readonly #clock: HeldClock;
  readonly #peers = new Map<string, AnyActorRef>();
  readonly #parent: AnyActorRef;
  #awaited: readonly Awaited[] = [];
  /** What could not be run, though XState may have made an event of the throw. */
  #refusal: Error | undefined;

  /** Begins at once. */
  constructor(options: RunningOptions) {
    this.#options = options;
    this.#standIns = new StandIns(options.played.children ?? {}, (told) => this.#perform(told));
    this.#clock = new HeldClock(() => this.#parent.system.getSnapshot()._scheduledEvents);
    const parent = createActor(this.#parentMachine(), {
      id: 'parent',
      clock: this.#clock,
      logger: () => {},
      inspect: (event) => this.#guard(event),
    });
    this.#parent = parent;
    parent.subscribe({ error: (error) => this.#refuse(error) });
    parent.start();
    this.#requireRunnable();
  }

  stop(): void {
    (this.#parent as ReturnType<typeof createActor>).stop();
  }

  /** What comes to one that has ended XState only warns of. */
  hear(path: string, event: AnyEventObject): void {
    const hearing = this.#at(path);
    if (hearing === undefined || !isAlive(hearing)) return;
    hearing.send(this.#localized(event));
    this.#requireRunnable();
  }

  /** False where there is no such timer. */
  fire({ child = '', event }: TraceStep): boolean {
    const source = this.#at(child);
    const wanted = fingerprintOf(withoutContext(event!));
    const timer = this.#clock.timers.find(
      (other) => other.source === source && fingerprintOf(eventOf(other)) === wanted,
    );
    if (timer === undefined) return false;
    this.#clock.fire(timer);
    this.#requireRunnable();
    return true;
  }

  /** False where no such answer is awaited. */
  answer({ child = '', effect, event, rest = [] }: TraceStep): boolean {
    const owner = this.#at(child);
    const wanted = fingerprintOf(event === undefined ? [] : [event, ...rest]);
    const isWanted = (one: readonly AnyEventObject[]) => fingerprintOf(one) === wanted;
    const answered = this.#living.find(
      (one) => one.owner === owner && one.effect === effect && one.alternatives.some(isWanted),
    );
    const alternative = answered?.alternatives.find(isWanted);
    if (answered === undefined || alternative === undefined) return false;
    const others = this.#awaited.filter((other) => other !== answered);
    const left = alternative.slice(1);
    this.#awaited = left.length > 0 ? [...others, { ...answered, alternatives: [left] }] : others;
    if (alternative[0] !== undefined) this.#come(answered.owner, alternative[0]);
    this.#requireRunnable();
    return true;
  }

  /** Undefined where nobody is at that path. */
  found(path: string): Found | undefined {
    const actor = this.#at(path);
    if (actor === undefined) return undefined;
    const { timers } = this.#clock;
    const mine = timers.filter(({ source }) => source === actor);
    const own = ownOf(
      actor.getSnapshot() as AnyMachineSnapshot,
      new Map(childrenOf(actor).map(([id, child]) => [id, asChild(child)])),
      new Map(mine.map((timer) => [timer.id, eventOf(timer)])),
    );
    const awaited = this.#living.filter(({ owner }) => owner === actor);
    return { own, pending: awaited.map(outstandingOf) };
  }

  /** The paths of those who run: its own, and those of children that are machines. */
  get paths(): string[] {
    return pathsFrom(this.#own);
  }

  view(): ActorState<AnyStateMachine> {
    const states = new Map<string, State<AnyStateMachine>>(
      this.paths.map((path) => {
        const { own, pending } = this.found(path)!;
        return [path, stateOf(own, pending)];
      }),
    );
    const own = states.get('')!;
    return Object.assign(own, { isDown: false, child: (path: string) => states.get(path) });
  }

  get #own(): AnyActorRef {
    return (this.#parent.getSnapshot() as { context: { own: AnyActorRef } }).context.own;
  }

  #at(path: string): AnyActorRef | undefined {
    return memberAt(this.#own, path);
  }

  /** The answers of who still lives. */
  get #living(): readonly Awaited[] {
    const living = new Set<AnyActorRef>();
    for (const path of this.paths) {
      const actor = this.#at(path)!;
      if (isAlive(actor)) living.add(actor);
      for (const [, child] of childrenOf(actor)) living.add(child);
    }
    return this.#awaited.filter(({ owner, by }) => living.has(owner) && (!by || living.has(by)));
  }

  /** It is nobody's child in the model; here its peers are its siblings. */
  #parentMachine(): AnyStateMachine {
    const { name, played, names } = this.#options;
    const machine = this.#standIns.provided(played.machine, played.environment ?? {});
    const parenting = createMachine({
      id: 'parent',
      context: ({ spawn }) => {
        for (const to of names.filter((other) => other !== name)) {
          this.#peers.set(to, spawn(this.#peer(to), { id: to, systemId: to }));
        }
        return { own: spawn(machine, { id: name, systemId: name, input: this.#input() }) };
      },
      on: { '*': { actions: ({ event }) => this.#tellParent(event) } },
    });
    return parenting;
  }

  #peer(to: string) {
    return fromCallback<AnyEventObject>(({ receive }) =>
      receive((event) => this.#options.send({ to, event })),
    );
  }

  #input(): unknown {
    const { name, played } = this.#options;
    const actorOf: ActorOf = (other) => {
      const peer = this.#peers.get(other);
      if (peer === undefined) throw unrunnable(`the input of "${name}" refers to itself`);
      return peer;
    };
    const { input } = played;
    return typeof input === 'function' ? (input as (of: ActorOf) => unknown)(actorOf) : input;
  }

  /** Its end is told to nobody. */
  #tellParent(event: AnyEventObject): void {
    const { name, played } = this.#options;
    const isEnd = [`xstate.done.actor.${name}`, `xstate.error.actor.${name}`].includes(event.type);
    if (!isEnd && played.parent !== undefined) {
      this.#options.send({ to: played.parent, event });
    }
  }

  #perform({ played, owner, by, effect }: Performed): void {
    const answering = answeringBy(played.environment, (message) => this.#options.send(message));
    const children = new Map(by === undefined ? [] : [[by.id, asChild(by)]]);
    const changes = changesBy(played.machine, answering, children, [effect]);
    const mine = this.#awaited.filter((one) => one.owner === owner);
    const others = this.#awaited.filter((one) => one.owner !== owner);
    const known = new Map<Outstanding, Awaited>(mine.map((one) => [one, one]));
    const now = changed(mine, changes).map(
      (one) => known.get(one) ?? { owner, ...(by && { by }), ...one },
    );
    this.#awaited = [...others, ...now];
  }

  /** The end of a child is told by XState, where the child is there to end. */
  #come(owner: AnyActorRef, event: AnyEventObject): void {
    const ended = /^xstate\.(?:done|error)\.actor\.(.+)$/.exec(event.type)?.[1];
    const child = childrenOf(owner).find(([id]) => id === ended)?.[1];
    if (child && this.#standIns.isStandIn(child)) end(child, event);
    else owner.send(this.#localized(event));
  }

  /** Who is meant by a reference is here a peer: what is sent to it goes over the network. */
  #localized<Value>(value: Value): Value;
  #localized(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    if ('sessionId' in value && 'id' in value) {
      const { id } = value;
      if (id === this.#options.name) return this.#own;
      return this.#peers.get(id as string) ?? value;
    }
    if (Array.isArray(value)) return value.map((part: unknown) => this.#localized(part));
    if (Object.getPrototypeOf(value) !== Object.prototype) return value;
    const parts = Object.entries(value).map(([key, part]) => [key, this.#localized(part)] as const);
    return Object.fromEntries(parts);
  }

  #guard(event: InspectionEvent): void {
    const actor = event.actorRef as AnyActorRef;
    try {
      if (event.type === '@xstate.event' && actor.system !== (this.#parent ?? actor).system) {
        throw unrunnable(`"${event.event.type}" would reach "${actor.id}" past the network`);
      }
      // The parent and the peers are ours.
      const isTheirs = event.type === '@xstate.action' ? actor._parent : actor._parent?._parent;
      if (isTheirs) this.#standIns.guard(event);
    } catch (error) {
      this.#refuse(error);
      throw error;
    }
  }

  #refuse(error: unknown): void {
    this.#refusal ??= error instanceof Error ? error : new Error(String(error));
  }

  #requireRunnable(): void {
    if (this.#refusal === undefined) return;
    this.stop();
    throw this.#refusal;
  }
}

/** What is awaited, and nothing of who awaits it. */
export const outstandingOf = ({ effect, child, alternatives }: Outstanding): Outstanding => ({
  effect,
  ...(child !== undefined && { child }),
  alternatives,
});
