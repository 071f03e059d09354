/**
 * Walks every reachable state of one machine (AF-8), breadth first: the one that runs, unchanged.
 * After xstate/graph's `getAdjacencyMap`; unlike it, a step shows its effects, an effect answers
 * only after it was performed, a timer fires only while armed, and the walk has a limit.
 */
import type { AnyEventObject, AnyStateMachine, EventFrom, InputFrom } from 'xstate';
import { InterplexError } from '../errors.ts';
import { changed, changesBy, childrenAfter, endedBy, requireComplete, restOf } from './answers.ts';
import type { Change, Children, EnvironmentOf, Outstanding } from './answers.ts';
import { captureOf } from './capture.ts';
import type { Capture, Captured } from './capture.ts';
import type { Effect } from './effects.ts';
import { CoverageCount } from './coverage.ts';
import type { Coverage } from './coverage.ts';
import { fingerprintOf } from './fingerprint.ts';
import { growthAlong } from './growth.ts';
import { ownOf, stateOf, timersAfter } from './state.ts';
import type { Own, State, Timers } from './state.ts';

export type ExploreOptions<Machine extends AnyStateMachine> = {
  /** The events that may come, and when: answers of effects performed, and facts unasked. */
  readonly environment?: EnvironmentOf<Machine>;
  /** Events offered in every state, whether the machine expects them or not. */
  readonly events?: readonly EventFrom<Machine>[];
  /** The most states to be found; more is an error, never a pass. */
  readonly limit?: number;
} & (undefined extends InputFrom<Machine>
  ? { readonly input?: InputFrom<Machine> }
  : { readonly input: InputFrom<Machine> });

export interface Step<Machine extends AnyStateMachine> {
  readonly state: State<Machine>;
  readonly event: EventFrom<Machine>;
  readonly nextState: State<Machine>;
  readonly effects: readonly Effect[];
  /** False when the machine neither changed nor did anything. */
  readonly stirs: boolean;
}

export interface Exploration<Machine extends AnyStateMachine> {
  readonly start: { readonly state: State<Machine>; readonly effects: readonly Effect[] };
  readonly states: readonly State<Machine>[];
  readonly steps: readonly Step<Machine>[];
  /** Steps to the farthest state. */
  readonly depth: number;
  readonly coverage: Coverage;
  /** A shortest way there. */
  pathTo(state: State<Machine>): Step<Machine>[];
}

const limitDefault = 100_000; // chosen: some seconds' walk

/**
 * Explores `machine`; blocks until done. Throws `IPX_CHECK_LIMIT` past the limit, or
 * `IPX_CHECK_CONTEXT` where the space has no end because something grows, and `IPX_CHECK_STEP`
 * where a step throws.
 */
export function explore<Machine extends AnyStateMachine>(
  machine: Machine,
  options: ExploreOptions<Machine>,
): Exploration<Machine> {
  if (options.environment) requireComplete(machine, options.environment);
  return new Walk(machine, options).explore();
}

interface Place<Machine extends AnyStateMachine> {
  readonly state: State<Machine>;
  readonly own: Own;
  readonly depth: number;
  /** How it was found. */
  readonly by: Step<Machine> | undefined;
}

/** What may happen at a place, and what is outstanding when it does. */
interface Offer {
  readonly event: AnyEventObject;
  readonly outstanding: readonly Outstanding[];
}

/** What a machine does at an event, told once however often it is met. */
interface Reaction {
  readonly own: Own;
  readonly effects: readonly Effect[];
  readonly changes: readonly Change[];
}

class Walk<Machine extends AnyStateMachine> {
  readonly #machine: Machine;
  readonly #options: ExploreOptions<Machine>;
  readonly #capture: Capture;
  readonly #places = new Map<string, Place<Machine>>();
  readonly #placeOf = new Map<State<Machine>, Place<Machine>>();
  readonly #reactions = new Map<string, Reaction>();
  readonly #numbers = new Map<string, number>();
  readonly #numberOfObject = new WeakMap<object, number>();
  readonly #steps: Step<Machine>[] = [];
  readonly #coverage = new CoverageCount();

  constructor(machine: Machine, options: ExploreOptions<Machine>) {
    this.#machine = machine;
    this.#options = options;
    this.#capture = captureOf(machine);
  }

  explore(): Exploration<Machine> {
    const first = this.#reactionOf(this.#capture.start(this.#options.input));
    const origin = this.#arrive(first, []);
    // The map grows while it is walked, in order of insertion: that is the breadth-first queue.
    for (const place of this.#places.values()) {
      if (place.state.status !== 'active') continue;
      for (const offer of this.#offersAt(place)) {
        this.#arrive(this.#reactionTo(place.own, offer.event), offer.outstanding, { place, offer });
      }
    }
    return {
      start: { state: origin.state, effects: first.effects },
      states: Array.from(this.#placeOf.keys()),
      steps: this.#steps,
      depth: Array.from(this.#places.values()).at(-1)?.depth ?? 0,
      coverage: this.#coverage.of(this.#machine),
      pathTo: (state) => this.#pathTo(state),
    };
  }

  /** Timers, what comes unasked and what is always offered; each answer is a way of its own. */
  *#offersAt({ own: { timers }, state: { outstanding } }: Place<Machine>): Iterable<Offer> {
    const { environment, events = [] } = this.#options;
    const offered = new Set<string>();
    const isNew = (key: string) => offered.size < offered.add(key).size;
    for (const event of [...timers.values(), ...(environment?.unasked ?? []), ...events]) {
      if (isNew(`${this.#numberOf(event)}`)) yield { event, outstanding };
    }
    for (const answered of outstanding) {
      for (const alternative of answered.alternatives) {
        const [event] = alternative;
        const key = `${this.#numberOf(answered)} ${this.#numberOf(alternative)}`;
        if (!event || !isNew(key)) continue;
        const others = outstanding.filter((other) => other !== answered);
        const rest = alternative.length > 1 ? [restOf(answered, alternative)] : [];
        yield { event, outstanding: [...others, ...rest] };
      }
    }
  }

  #reactionTo(own: Own, event: AnyEventObject): Reaction {
    const key = `${this.#numberOf(own.parts)} ${this.#numberOf(event)}`;
    const known = this.#reactions.get(key);
    if (known) return known;
    const reaction = this.#reactionOf(this.#capture.step(own.snapshot, event), own, event);
    this.#reactions.set(key, reaction);
    return reaction;
  }

  #reactionOf(captured: Captured, from?: Own, event?: AnyEventObject): Reaction {
    this.#coverage.add(captured);
    const { snapshot, effects } = captured;
    const isOver = snapshot.status !== 'active';
    const ended = event && endedBy(event);
    const living: Children = new Map(
      Array.from(from?.children ?? []).filter(([child]) => child !== ended),
    );
    const children = childrenAfter(this.#machine, living, effects);
    const timers = timersAfter(from?.timers ?? new Map(), event, effects);
    const { environment } = this.#options;
    const ending: Change[] = ended === undefined ? [] : [{ type: 'stopped', child: ended }];
    const changes = environment && changesBy(this.#machine, environment, children, effects);
    const nothing = { children: new Map() as Children, timers: new Map() as Timers };
    const { children: left, timers: armed } = isOver ? nothing : { children, timers };
    const own = ownOf(snapshot, left, armed);
    return { own, effects, changes: [...ending, ...(changes ?? [])] };
  }

  #arrive(
    { own, effects, changes }: Reaction,
    before: readonly Outstanding[],
    from?: { readonly place: Place<Machine>; readonly offer: Offer },
  ): Place<Machine> {
    const isOver = own.snapshot.status !== 'active';
    const outstanding = isOver ? [] : changed(before, changes);
    const awaited = outstanding.map((answer) => this.#numberOf(answer));
    const key = `${this.#numberOf(own.parts)} ${awaited.toSorted((a, b) => a - b).join(' ')}`;
    const known = this.#places.get(key);
    const state = known?.state ?? stateOf<Machine>(own, outstanding);
    const step = from && this.#record(from.place, from.offer.event, { own, effects }, state);
    if (known) return known;
    const place = { state, own, depth: from === undefined ? 0 : from.place.depth + 1, by: step };
    this.#places.set(key, place);
    this.#placeOf.set(state, place);
    if (this.#places.size > (this.#options.limit ?? limitDefault)) throw this.#tooLarge(state);
    return place;
  }

  #record(
    { state, own: before }: Place<Machine>,
    event: AnyEventObject,
    { own, effects }: Pick<Reaction, 'own' | 'effects'>,
    nextState: State<Machine>,
  ): Step<Machine> {
    const isSame = this.#numberOf(own.parts) === this.#numberOf(before.parts);
    const stirs = !isSame || effects.length > 0;
    const step = { state, event: event as EventFrom<Machine>, nextState, effects, stirs };
    this.#steps.push(step);
    return step;
  }

  /** Alike values have one number: comparing those is what makes a walk fast. */
  #numberOf(value: object): number {
    const known = this.#numberOfObject.get(value);
    if (known !== undefined) return known;
    const fingerprint = fingerprintOf(value);
    const number = this.#numbers.get(fingerprint) ?? this.#numbers.size;
    this.#numbers.set(fingerprint, number);
    this.#numberOfObject.set(value, number);
    return number;
  }

  #pathTo(state: State<Machine>): Step<Machine>[] {
    const path: Step<Machine>[] = [];
    for (let by = this.#placeOf.get(state)?.by; by; by = this.#placeOf.get(by.state)?.by) {
      path.unshift(by);
    }
    return path;
  }

  #tooLarge(state: State<Machine>): InterplexError {
    const growth = growthAlong(this.#pathTo(state));
    const count = `${this.#places.size - 1} states`;
    const { id } = this.#machine;
    if (growth === undefined) {
      const advice = 'raise the limit, or make the input smaller';
      return new InterplexError('IPX_CHECK_LIMIT', `${id} has more than ${count}: ${advice}.`);
    }
    const where = `in ${JSON.stringify(growth.value)} at "${growth.event.type}"`;
    const sentence = `${growth.part} keeps growing ${where}`;
    return new InterplexError('IPX_CHECK_CONTEXT', `${id} has no end: ${sentence} (${count}).`);
  }
}
