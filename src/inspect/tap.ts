/**
 * Where a thread's actors are seen (AF-7). As long as nobody watches nothing is observed: which
 * actors there are is known, and that is all. While somebody does, each step is written once, as
 * JSON, and leaves in parcels. Where steps come faster than they can be read, actors are left alone
 * for the rest of that while, and what they have become by its end is told then.
 */
import type { AnyActor, AnyEventObject, Subscription } from 'xstate';
import { sentenceOf } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Sight, SteppedMember } from '../runtime/sight.ts';
import type { StepListener } from '../runtime/stepped-actor.ts';
import { childrenOf, familyOf } from './actor-family.ts';
import { nodeSession } from './records.ts';
import type { TapOrder, TapReport } from './tap-orders.ts';
import { sessionPrefix, Watch, type Watched } from './watch.ts';

export interface TapOptions extends Watched {
  readonly post: (report: TapReport) => void;
  /** By name, what is measured: asked four times a second while somebody watches. */
  readonly figures?: () => Readonly<Record<string, unknown>>;
  /** Cuts a path that the figures name. Throws where there is none. */
  readonly cut?: (path: string) => void;
}

type Members = () => Iterable<SteppedMember>;

export class Tap implements Sight {
  readonly #options: TapOptions;
  readonly #roots = new Map<AnyActor, Subscription | undefined>();
  /** A part of a node each, for as long as the node lives. */
  readonly #stepped: Members[] = [];
  #watch: Watch | undefined;

  constructor(options: TapOptions) {
    this.#options = options;
  }

  /** An actor without a parent, started or not yet. Returns what to call when it is over. */
  readonly onRoot = (actor: AnyActor): (() => void) => {
    this.#roots.set(actor, undefined);
    if (this.#watch && !this.#watch.isSparing) {
      // That it was made is not heard of any more.
      for (const one of familyOf(actor)) this.#watch.compare(one, actor);
      this.#attach(actor);
      this.#spareWhereFull(this.#watch);
    }
    return () => {
      // Where there is no room its end is told as its absence.
      if (this.#watch?.writer.isFull === false) this.#watch.compare(actor, actor);
      this.#roots.get(actor)?.unsubscribe();
      this.#roots.delete(actor);
    };
  };

  /** Who is told of a step that a stepped actor takes now; `undefined` while nobody is. */
  readonly stepListener = (): StepListener | undefined =>
    this.#watch && !this.#watch.isSparing ? this.#onStep : undefined;

  readonly onStepped = (members: Members): void => void this.#stepped.push(members);

  /** A message of another node has come. */
  message(from: string, message: AnyEventObject): void {
    const watch = this.#watch;
    if (!watch || watch.isSparing || message.type === 'events.taken') return;
    const to = nodeSession(this.#options.node);
    watch.writer.event(to, nodeSession(from), message);
    this.#spareWhereFull(watch);
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
        this.#obey(order.number, () => this.#send(order));
        return;
      case 'cut':
        this.#obey(order.number, () => this.#options.cut?.(order.path));
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
    this.#watch = new Watch(this.#options, timers);
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

  #spareWhereFull(watch: Watch): void {
    if (!watch.writer.isFull) return;
    watch.isSparing = true;
    watch.isBehind = true;
    watch.forgetSteps();
    this.#detachAll();
  }

  /** Tells what was missed, as far as there is room; then all are observed again. */
  #catchUp(watch: Watch): void {
    const seen = new Set<string>();
    let room = limits.inspectCaughtUpMax;
    const tell = (actor: AnyActor, root: AnyActor): void => {
      if (room <= 0) return;
      seen.add(watch.sessionOf(actor));
      if (watch.compare(actor, root)) room -= 1;
      for (const child of childrenOf(actor)) tell(child, root);
    };
    for (const root of this.#roots.keys()) tell(root, root);
    for (const member of this.#members()) {
      if (room <= 0) break;
      seen.add(watch.sessionNamed(member.name));
      if (watch.compareStepped(member)) room -= 1;
    }
    if (room <= 0) return;
    watch.dismissAllBut(seen);
    watch.isSparing = false;
    if (watch.isBehind) watch.writer.gap();
    watch.isBehind = false;
    for (const root of this.#roots.keys()) this.#attach(root);
  }

  *#members(): Iterable<SteppedMember> {
    for (const members of this.#stepped) yield* members();
  }

  #attach(root: AnyActor): void {
    const subscription = root.system.inspect((event) => {
      const watch = this.#watch;
      if (!watch || watch.isSparing) return;
      watch.observe(event, root);
      this.#spareWhereFull(watch);
    });
    this.#roots.set(root, subscription);
  }

  #detachAll(): void {
    for (const [root, subscription] of this.#roots) {
      subscription?.unsubscribe();
      this.#roots.set(root, undefined);
    }
  }

  readonly #onStep: StepListener = (name, step) => {
    const watch = this.#watch;
    if (!watch || watch.isSparing) return; // What has become of it is told as its absence.
    watch.step(name, step);
    this.#spareWhereFull(watch);
  };

  #obey(number: number, act: () => void): void {
    let refusal: string | undefined;
    try {
      act();
    } catch (error) {
      refusal = sentenceOf(error);
    }
    this.#options.post({ number, refusal });
  }

  #send({ sessionId, event }: Extract<TapOrder, { type: 'send' }>): void {
    const prefix = sessionPrefix(this.#options);
    const name = sessionId.startsWith(prefix) ? sessionId.slice(prefix.length) : undefined;
    const actors = [...this.#roots.keys()].flatMap((root) => familyOf(root));
    const found =
      actors.find((actor) => actor.sessionId === name) ??
      Array.from(this.#members()).find((member) => member.name === name)?.actor;
    if (!found) throw new Error(`No actor ${sessionId} takes events at this node.`);
    found.send(event);
  }
}
