/** What a tap keeps and tells as long as somebody watches. */
import type {
  AnyActor,
  AnyMachineSnapshot,
  AnyTransitionDefinition,
  InspectionEvent,
} from 'xstate';
import type { SteppedMember } from '../runtime/sight.ts';
import type { TakenStep } from '../runtime/stepped-actor.ts';
import { isOver } from './actor-family.ts';
import { transitionId } from './chart.ts';
import { RecordWriter, subjectOf, type Subject } from './record-writer.ts';
import { nodeSession } from './records.ts';

/** Whose actors they are: a node, and which of its threads, one after another. */
export interface Watched {
  readonly node: string;
  readonly thread: number;
}

export class Watch {
  readonly writer: RecordWriter;
  readonly timers: readonly NodeJS.Timeout[];
  /** Posted, and not taken yet: the main thread may stand still. */
  isPosted = false;
  /** Actors are left alone: what is new of them is found by comparison. */
  isSparing = true;
  /** Until then what was missed is not looked for: looking took its time. */
  restUntilMs = 0;
  /** Steps were missed since the last parcel. */
  isBehind = false;
  readonly #prefix: string;
  readonly #node: string;
  /** What was last told of each. */
  readonly #told = new WeakMap<object, unknown>();
  /** Those that were told of and have not been told of as ended. */
  readonly #present = new Map<string, Subject>();
  /** The same of stepped ones, which are told of by their names. */
  readonly #toldSteps = new Map<string, unknown>();
  /** Of the step that each is in. */
  readonly #transitions = new Map<AnyActor, string[]>();

  constructor({ node, thread }: Watched, timers: readonly NodeJS.Timeout[]) {
    this.writer = new RecordWriter(node);
    this.timers = timers;
    this.#node = node;
    this.#prefix = sessionPrefix({ node, thread });
  }

  /** XState gives the same to actors of other threads. */
  readonly sessionOf = ({ sessionId }: AnyActor): string => `${this.#prefix}${sessionId}`;

  /** Steps of which only the beginning was heard. */
  forgetSteps(): void {
    this.#transitions.clear();
  }

  observe(event: InspectionEvent, root: AnyActor): void {
    // It is declared as what XState and its like have in common; here it is XState's own.
    const actor = event.actorRef as AnyActor;
    switch (event.type) {
      case '@xstate.microstep':
        this.#noteTransitions(actor, event._transitions);
        return;
      case '@xstate.event': {
        const source = event.sourceRef as AnyActor | undefined;
        this.writer.event(this.sessionOf(actor), source && this.sessionOf(source), event.event);
        return;
      }
      case '@xstate.actor': {
        // It is being made: its snapshot cannot be read yet, and is told when it starts.
        const subject = this.#subjectOf(actor, root);
        this.#told.set(actor, undefined);
        this.#present.set(subject.sessionId, subject);
        this.writer.actor(subject, { status: 'active' });
        return;
      }
      case '@xstate.snapshot': {
        const subject = this.#subjectOf(actor, root);
        this.#told.set(actor, event.snapshot);
        const transitions = this.#transitions.get(actor);
        this.writer.snapshot(subject, event.snapshot, event.event, transitions);
        this.#transitions.delete(actor);
        if (isOver(event.snapshot)) this.#present.delete(subject.sessionId);
        return;
      }
      default:
        return;
    }
  }

  /** A stepped actor has taken a step; of one that is not known it tells what it is now. */
  step(name: string, { event, snapshot, transitions }: TakenStep): void {
    const sessionId = this.sessionNamed(name);
    const known = this.#present.get(sessionId);
    if (known) {
      const taken = transitions.map((transition) => transitionId(transition));
      this.writer.snapshot(known, snapshot, event, taken);
    } else {
      this.writer.actor(this.#meetStepped(name, snapshot.machine), snapshot);
    }
    this.#noteStep(sessionId, snapshot);
  }

  /** Tells of an actor if there is anything new. */
  compare(actor: AnyActor, root: AnyActor): boolean {
    const snapshot: unknown = actor.getSnapshot();
    if (this.#told.get(actor) === snapshot) return false;
    const isNew = !this.#told.has(actor);
    this.#told.set(actor, snapshot);
    const subject = this.#subjectOf(actor, root);
    this.#present.set(subject.sessionId, subject);
    if (isNew) this.writer.actor(subject, snapshot);
    else this.writer.snapshot(subject, snapshot);
    if (isOver(snapshot)) this.#present.delete(subject.sessionId);
    return true;
  }

  /** The same of a stepped one. */
  compareStepped({ name, actor }: SteppedMember): boolean {
    const { snapshot } = actor;
    const sessionId = this.sessionNamed(name);
    const told = this.#toldSteps.get(sessionId) ?? this.#told.get(actor);
    if (!snapshot || told === snapshot) return false;
    this.#told.set(actor, snapshot);
    const known = this.#present.get(sessionId);
    if (known) this.writer.snapshot(known, snapshot);
    else this.writer.actor(this.#meetStepped(name, snapshot.machine), snapshot);
    this.#noteStep(sessionId, snapshot);
    return true;
  }

  /** Tells of all as ended that were there and are not among these. */
  dismissAllBut(seen: ReadonlySet<string>): void {
    for (const [sessionId, subject] of this.#present) {
      if (seen.has(sessionId)) continue;
      this.#present.delete(sessionId);
      this.#toldSteps.delete(sessionId);
      this.writer.snapshot(subject, { status: 'stopped' });
    }
  }

  sessionNamed(name: string): string {
    return `${this.#prefix}${name}`;
  }

  #meetStepped(name: string, logic: unknown): Subject {
    const sessionId = this.sessionNamed(name);
    const parentId = nodeSession(this.#node);
    const subject = { sessionId, rootId: sessionId, parentId, name, logic, isStepped: true };
    this.#present.set(sessionId, subject);
    return subject;
  }

  #noteStep(sessionId: string, snapshot: AnyMachineSnapshot): void {
    if (snapshot.status === 'active') {
      this.#toldSteps.set(sessionId, snapshot);
      return;
    }
    this.#present.delete(sessionId);
    this.#toldSteps.delete(sessionId);
  }

  #subjectOf(actor: AnyActor, root: AnyActor): Subject {
    const { _parent: parent } = actor;
    // Declared as a reference to any actor; in one system it is XState's own.
    const parentId = parent
      ? this.sessionOf(parent as unknown as AnyActor)
      : nodeSession(this.#node);
    return subjectOf(actor, this.sessionOf, { root, parentId });
  }

  #noteTransitions(actor: AnyActor, edges: readonly AnyTransitionDefinition[]): void {
    const ids = edges.map((edge) => transitionId(edge));
    this.#transitions.set(actor, [...(this.#transitions.get(actor) ?? []), ...ids]);
  }
}

/** Before the session that an actor has in its thread. */
export const sessionPrefix = ({ node, thread }: Watched): string => `${node}.${thread}/`;
