/** What a stack has of a pool whose structure is the table: rows, each under the lock (SP-7). */
import type { PoolLock } from './pool-lock.ts';
import { record, type PoolWords } from './pool-words.ts';
import { claimed, heldByNobody, type Destination, type PortStock } from './port-stock.ts';
import { everywhere, restingOwner, type TupleTasks } from './tuple-tasks.ts';

export class TuplePorts implements PortStock {
  readonly #lock: PoolLock;
  readonly #tasks: TupleTasks;
  readonly #pool: PoolWords;
  readonly #usedAt: number;
  /** By destination, where its next port is looked for: those given back last come last. */
  readonly #nexts = new Map<string, number>();
  readonly #hint: number;

  constructor(pool: PoolWords, stack: number, lock: PoolLock, tasks: TupleTasks) {
    this.#pool = pool;
    this.#lock = lock;
    this.#tasks = tasks;
    this.#usedAt = pool.stack(stack) + record.used;
    this.#hint = Math.floor(Math.random() * pool.shape.count);
  }

  obtain(to: Destination = everywhere): number {
    const key = `${to.clientAddress} ${to.clientPort}`;
    const port = this.#lock.run(this.#tasks.take(to, this.#nexts.get(key) ?? this.#hint));
    if (port < 0) return -1;
    if (this.#nexts.size >= destinationsRemembered) this.#nexts.clear();
    this.#nexts.set(key, (port + 1) % this.#pool.shape.count);
    this.#note(1);
    return port;
  }

  claim(port: number): number {
    if (this.#lock.run(this.#tasks.take(everywhere, port, true)) >= 0) {
      this.#note(1);
      return claimed;
    }
    const holder = this.#tasks.holderOf(port);
    return holder === undefined || holder === restingOwner ? heldByNobody : holder;
  }

  release(port: number, to: Destination = everywhere): void {
    this.#lock.run(this.#tasks.give(to, port));
    this.#note(-1);
  }

  figures() {
    return { leased: this.#pool.load(this.#usedAt), free: 0 };
  }

  drain(): void {} // It has no more than is in use.

  #note(change: 1 | -1): void {
    this.#pool.words[this.#usedAt]! += change;
  }
}
/** Hints alone: they are begun anew. */
const destinationsRemembered = 1_024;
