/** In the main thread: what the taps of all threads tell, for whoever watches. */
import type { MessagePort } from 'node:worker_threads';
import { InterplexError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { PlainEvent } from './records.ts';
import type { Tap } from './tap.ts';
import type { TapOrder, TapReport } from './tap-orders.ts';

/** Records as JSON, with commas between them. */
export type Parcel = string;

/** A page, or a client of Stately's protocol. */
export interface Watcher {
  take(parcel: Parcel): void;
}

/** A thread's tap, wherever it is. */
interface Source {
  order(order: TapOrder): void;
}

export class Collector {
  readonly #sources = new Map<string, Source>();
  readonly #watchers = new Set<Watcher>();
  /** What was told lately, for who comes later. */
  #kept: Parcel[] = [];
  #keptBytes = 0;
  #lastNumber = 0;
  readonly #sendings = new Map<number, (refusal: string | undefined) => void>();

  /** Told when the first comes, and when the last has gone. */
  onWatched: (isWatched: boolean) => void = () => undefined;

  get isWatched(): boolean {
    return this.#watchers.size > 0;
  }

  /** The tap of another thread; of a node that has begun anew its new one. */
  join(name: string, port: MessagePort): void {
    const source: Source = { order: (order) => port.postMessage(order) };
    this.#sources.set(name, source);
    port.on('message', (report: TapReport) => {
      source.order({ type: 'taken' });
      this.hear(report);
    });
    port.on('close', () => {
      if (this.#sources.get(name) === source) this.#sources.delete(name);
    });
    port.unref();
    if (this.isWatched) source.order({ type: 'watch' });
  }

  /** The tap of this thread, which reports to `hear`. */
  joinHere(name: string, tap: Tap): void {
    this.#sources.set(name, tap);
    if (this.isWatched) tap.order({ type: 'watch' });
  }

  readonly hear = (report: TapReport): void => {
    if (typeof report === 'string') {
      this.tell(report);
      return;
    }
    this.#sendings.get(report.number)?.(report.refusal);
    this.#sendings.delete(report.number);
  };

  /** Also for what is known in this thread alone. */
  tell(parcel: Parcel): void {
    if (!this.isWatched) return;
    this.#keep(parcel);
    for (const watcher of this.#watchers) watcher.take(parcel);
  }

  /** What was kept comes first; then all actors are told of as they are. */
  watch(watcher: Watcher): void {
    for (const parcel of this.#kept) watcher.take(parcel);
    this.#watchers.add(watcher);
    if (this.#watchers.size === 1) this.onWatched(true);
    this.renew();
  }

  /** Lets all actors be told of as they are: somebody has missed something. */
  renew(): void {
    for (const source of this.#sources.values()) source.order({ type: 'watch' });
  }

  unwatch(watcher: Watcher): void {
    if (!this.#watchers.delete(watcher) || this.isWatched) return;
    for (const source of this.#sources.values()) source.order({ type: 'ignore' });
    this.#kept = [];
    this.#keptBytes = 0;
    this.onWatched(false);
  }

  /** Sends an event to an actor, whatever its thread. Rejects: IPX_ACTOR_UNKNOWN. */
  async send(sessionId: string, event: PlainEvent): Promise<void> {
    const [, node = ''] = /^(.*)\.\d+\/[^/]*$/.exec(sessionId) ?? [];
    const source = this.#sources.get(node);
    if (!source) throw unknown(`No actor ${sessionId} is known here.`);
    this.#lastNumber += 1;
    const number = this.#lastNumber;
    const refusal = await new Promise<string | undefined>((resolve) => {
      this.#sendings.set(number, resolve);
      source.order({ type: 'send', number, sessionId, event });
      const giveUp = () => {
        this.#sendings.delete(number);
        resolve(`Node "${node}" did not answer within ${limits.blockedMs} ms.`);
      };
      setTimeout(giveUp, limits.blockedMs).unref();
    });
    if (refusal !== undefined) throw unknown(refusal);
  }

  #keep(parcel: Parcel): void {
    this.#kept.push(parcel);
    this.#keptBytes += parcel.length;
    // Half of it at once: one at a time would move the whole list each time.
    if (this.#keptBytes <= limits.inspectKeptBytes) return;
    const gone = this.#kept.splice(0, Math.ceil(this.#kept.length / 2));
    this.#keptBytes -= gone.reduce((sum, { length }) => sum + length, 0);
  }
}

const unknown = (sentence: string) => new InterplexError('IPX_ACTOR_UNKNOWN', sentence);
