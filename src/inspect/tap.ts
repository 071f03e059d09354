/**
 * Where a thread's actors are seen (AF-7). As long as nobody watches nothing is observed: which
 * actors there are is known, and that is all. While somebody does, each step is written once, as
 * JSON, and leaves in parcels. Where steps come faster than they can be read, actors are left alone
 * for the rest of that while, and what they have become by its end is told then.
 */
import type {
  AnyActor,
  AnyEventObject,
  AnyTransitionDefinition,
  InspectionEvent,
  Subscription,
} from 'xstate';
import { limits } from '../limits.ts';
import type { StepListener } from '../runtime/stepped-actor.ts';
import { childrenOf, familyOf, isOver } from './actor-family.ts';
import { transitionId } from './chart.ts';
import { subjectOf, type Subject } from './record-writer.ts';
import { newWatch, type Watch } from './watch.ts';
import { nodeSession } from './records.ts';
import type { TapOrder, TapReport } from './tap-orders.ts';

export interface TapOptions {
  readonly node: string;
  /** Apart from the thread that the node had before. */
  readonly thread: number;
  readonly post: (report: TapReport) => void;
  /** By name, what is measured: asked four times a second while somebody watches. */
  readonly figures?: () => Readonly<Record<string, unknown>>;
}

export class Tap {
  readonly #options: TapOptions;
  readonly #roots = new Map<AnyActor, Subscription | undefined>();
  #watch: Watch | undefined;

  constructor(options: TapOptions) {
    this.#options = options;
  }

  /** An actor without a parent, before it is started. Returns what to call when it is over. */
  root(actor: AnyActor): () => void {
    this.#roots.set(actor, undefined);
    if (this.#watch && !this.#watch.isSparing) this.#attach(actor);
    return () => {
      if (this.#watch) this.#compare(this.#watch, actor, actor, nodeSession(this.#options.node));
      this.#roots.get(actor)?.unsubscribe();
      this.#roots.delete(actor);
    };
  }

  /** Who is told of the steps of a stepped actor that begins now; `undefined` while nobody is. */
  readonly stepListener = (): StepListener | undefined =>
    this.#watch && !this.#watch.isSparing ? this.#onStep : undefined;

  /** A message of another node has come. */
  message(from: string, message: AnyEventObject): void {
    const watch = this.#watch;
    if (!watch || watch.isSparing || message.type === 'events.taken') return;
    const to = nodeSession(this.#options.node);
    watch.writer.event(to, nodeSession(from), message);
    if (watch.writer.isFull) this.#spare(watch);
  }

  order(order: TapOrder): void {
    switch (order.type) {
      case 'watch':
        this.#begin();
        return;
      case 'ignore':
        this.#end();
        return;
      case 'taken':
        if (this.#watch) this.#watch.isPosted = false;
        return;
      case 'send':
        this.#send(order);
        return;
    }
  }

  /** Asked again, it tells of all again: somebody more watches. */
  #begin(): void {
    const timers = this.#watch?.timers ?? [
      setInterval(() => this.#flush(), limits.inspectFlushMs).unref(),
      setInterval(() => this.#measure(), limits.vitalSignsMs).unref(),
    ];
    this.#detachAll();
    this.#watch = newWatch(this.#options.node, timers);
    this.#flush();
    this.#measure();
  }

  #end(): void {
    for (const timer of this.#watch?.timers ?? []) clearInterval(timer);
    this.#detachAll();
    this.#watch = undefined;
  }

  #measure(): void {
    this.#watch?.writer.figures(this.#options.figures?.() ?? {});
  }

  #flush(): void {
    const watch = this.#watch;
    if (!watch || watch.isPosted) return;
    const nowMs = performance.now();
    if (watch.isSparing && nowMs >= watch.restUntilMs) {
      this.#catchUp(watch);
      const tookMs = performance.now() - nowMs;
      watch.restUntilMs = nowMs + tookMs * (limits.inspectRestFactor + 1);
    }
    const text = watch.writer.take();
    if (text === '') return;
    watch.isPosted = true;
    this.#options.post(text);
  }

  #spare(watch: Watch): void {
    watch.isSparing = true;
    watch.isBehind = true;
    watch.transitions.clear();
    this.#detachAll();
  }

  /** Tells what was missed, as far as there is room; then all are observed again. */
  #catchUp(watch: Watch): void {
    const { node } = this.#options;
    const seen = new Set<string>();
    let room = limits.inspectRecordsMax * 4;
    const tell = (actor: AnyActor, root: AnyActor, parentId: string): void => {
      if (room <= 0) return;
      seen.add(this.#sessionOf(actor));
      if (this.#compare(watch, actor, root, parentId)) room -= 1;
      for (const child of childrenOf(actor)) tell(child, root, this.#sessionOf(actor));
    };
    for (const root of this.#roots.keys()) tell(root, root, nodeSession(node));
    if (room <= 0) return;
    for (const [sessionId, subject] of watch.present) {
      if (!seen.has(sessionId)) this.#over(watch, subject);
    }
    watch.isSparing = false;
    if (watch.isBehind) watch.writer.gap();
    watch.isBehind = false;
    for (const root of this.#roots.keys()) this.#attach(root);
  }

  /** Tells of an actor if there is anything new. */
  #compare(watch: Watch, actor: AnyActor, root: AnyActor, parentId: string): boolean {
    const snapshot: unknown = actor.getSnapshot();
    if (watch.told.get(actor) === snapshot) return false;
    const isNew = !watch.told.has(actor);
    watch.told.set(actor, snapshot);
    const subject = subjectOf(actor, this.#sessionOf, { root, parentId });
    watch.present.set(subject.sessionId, subject);
    if (isNew) watch.writer.actor(subject, snapshot);
    else watch.writer.snapshot(subject, snapshot);
    if (isOver(snapshot)) watch.present.delete(subject.sessionId);
    return true;
  }

  /** It is being made: its snapshot cannot be read yet, and is told when it starts. */
  #meet({ told, present, writer }: Watch, actor: AnyActor, root: AnyActor): void {
    const parentId = this.#parentOf(actor);
    const subject = subjectOf(actor, this.#sessionOf, { root, parentId });
    told.set(actor, undefined);
    present.set(subject.sessionId, subject);
    writer.actor(subject, { status: 'active' });
  }

  #over({ present, writer }: Watch, subject: Subject): void {
    present.delete(subject.sessionId);
    writer.snapshot(subject, { status: 'stopped' });
  }

  #attach(root: AnyActor): void {
    const subscription = root.system.inspect((event) => this.#observe(root, event));
    this.#roots.set(root, subscription);
  }

  #detachAll(): void {
    for (const [root, subscription] of this.#roots) {
      subscription?.unsubscribe();
      this.#roots.set(root, undefined);
    }
  }

  #observe(root: AnyActor, event: InspectionEvent): void {
    const watch = this.#watch;
    if (!watch || watch.isSparing) return;
    // It is declared as what XState and its like have in common; here it is XState's own.
    const actor = event.actorRef as AnyActor;
    switch (event.type) {
      case '@xstate.microstep':
        noteTransitions(watch.transitions, actor, event._transitions);
        return;
      case '@xstate.event': {
        const source = event.sourceRef as AnyActor | undefined;
        const sourceId = source && this.#sessionOf(source);
        watch.writer.event(this.#sessionOf(actor), sourceId, event.event);
        break;
      }
      case '@xstate.actor':
        this.#meet(watch, actor, root);
        break;
      case '@xstate.snapshot': {
        const subject = subjectOf(actor, this.#sessionOf, {
          root,
          parentId: this.#parentOf(actor),
        });
        watch.told.set(actor, event.snapshot);
        const transitions = watch.transitions.get(actor);
        watch.writer.snapshot(subject, event.snapshot, event.event, transitions);
        watch.transitions.delete(actor);
        if (isOver(event.snapshot)) watch.present.delete(subject.sessionId);
        break;
      }
      default:
        return;
    }
    if (watch.writer.isFull) this.#spare(watch);
  }

  readonly #onStep: StepListener = (name, { event, snapshot, transitions }) => {
    const watch = this.#watch;
    if (!watch || watch.isSparing) return; // What has become of it is told as its absence.
    const sessionId = `${this.#options.node}.${this.#options.thread}/${name}`;
    const known = watch.present.get(sessionId);
    if (known) {
      const taken = transitions.map((transition) => transitionId(transition));
      watch.writer.snapshot(known, snapshot, event, taken);
    } else {
      const parentId = nodeSession(this.#options.node);
      const logic: unknown = snapshot.machine;
      const subject = { sessionId, rootId: sessionId, parentId, name, logic };
      watch.present.set(sessionId, subject);
      watch.writer.actor(subject, snapshot);
    }
    if (snapshot.status !== 'active') watch.present.delete(sessionId);
    if (watch.writer.isFull) this.#spare(watch);
  };

  #send({ number, sessionId, event }: Extract<TapOrder, { type: 'send' }>): void {
    const found = [...this.#roots.keys()]
      .flatMap((root) => familyOf(root))
      .find((actor) => this.#sessionOf(actor) === sessionId);
    let refusal = found ? undefined : `No actor ${sessionId} takes events at this node.`;
    try {
      found?.send(event);
    } catch (error) {
      refusal = error instanceof Error ? error.message : String(error);
    }
    this.#options.post({ number, refusal });
  }

  /** XState gives the same to actors of other threads. */
  readonly #sessionOf = ({ sessionId }: AnyActor): string =>
    `${this.#options.node}.${this.#options.thread}/${sessionId}`;

  #parentOf({ _parent: parent }: AnyActor): string {
    // Declared as a reference to any actor; in one system it is XState's own.
    return parent
      ? this.#sessionOf(parent as unknown as AnyActor)
      : nodeSession(this.#options.node);
  }
}

function noteTransitions(
  noted: Map<AnyActor, string[]>,
  actor: AnyActor,
  edges: readonly AnyTransitionDefinition[],
): void {
  const ids = edges.map((edge) => transitionId(edge));
  noted.set(actor, [...(noted.get(actor) ?? []), ...ids]);
}
