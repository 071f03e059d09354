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
  /** By the beginning of its actors' sessions that of this thread: a node may have its name. */
  readonly #here = new Map<string, Source>();
  readonly #watchers = new Set<Watcher>();
  /** What was told lately, for who comes later. */
  #kept: Parcel[] = [];
  #keptBytes = 0;
  #lastNumber = 0;
  readonly #asked = new Map<number, (refusal: string | undefined) => void>();

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
  joinHere(prefix: string, tap: Tap): void {
    this.#here.set(prefix, tap);
    if (this.isWatched) tap.order({ type: 'watch' });
  }

  readonly hear = (report: TapReport): void => {
    if (typeof report === 'string') {
      this.tell(report);
      return;
    }
    this.#asked.get(report.number)?.(report.refusal);
    this.#asked.delete(report.number);
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
    this.renew();
  }

  /** Lets all actors be told of as they are: somebody has missed something. */
  renew(): void {
    for (const source of this.#all()) source.order({ type: 'watch' });
  }

  unwatch(watcher: Watcher): void {
    if (!this.#watchers.delete(watcher) || this.isWatched) return;
    for (const source of this.#all()) source.order({ type: 'ignore' });
    this.#kept = [];
    this.#keptBytes = 0;
  }

  /** Sends an event to an actor, whatever its thread. Rejects: IPX_ACTOR_UNKNOWN. */
  async send(sessionId: string, event: PlainEvent): Promise<void> {
    const [prefix = '', node = ''] = /^(.*?)\.\d+\//.exec(sessionId) ?? [];
    const source = this.#here.get(prefix) ?? this.#sources.get(node);
    const orderOf = (number: number) => ({ type: 'send', number, sessionId, event }) as const;
    const refusal = await this.#ask(source, orderOf);
    if (refusal !== undefined) throw new InterplexError('IPX_ACTOR_UNKNOWN', refusal);
  }

  /** Cuts a path that the figures of its node name. Rejects: IPX_COMMAND_REFUSED. */
  async cut(path: string): Promise<void> {
    const [node = ''] = path.split(' ', 1);
    const source = this.#sources.get(node);
    const refusal = await this.#ask(source, (number) => ({ type: 'cut', number, path }));
    if (refusal !== undefined) throw new InterplexError('IPX_COMMAND_REFUSED', refusal);
  }

  /** Why it was refused; `undefined` once it is done. */
  #ask(
    source: Source | undefined,
    orderOf: (number: number) => TapOrder,
  ): Promise<string | undefined> {
    if (!source) return Promise.resolve('Its node is not known here: it may have ended.');
    this.#lastNumber += 1;
    const number = this.#lastNumber;
    return new Promise((resolve) => {
      this.#asked.set(number, resolve);
      source.order(orderOf(number));
      const giveUp = () => {
        this.#asked.delete(number);
        resolve(`Its node did not answer within ${limits.blockedMs} ms.`);
      };
      setTimeout(giveUp, limits.blockedMs).unref();
    });
  }

  #all(): Iterable<Source> {
    return [...this.#here.values(), ...this.#sources.values()];
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
