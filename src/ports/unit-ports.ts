/** Ports taken and given back one by one, each under the lock: a list, or blocks of one (SP-3). */
import { UnitTasks } from './lock-task.ts';
import type { PoolLock } from './pool-lock.ts';
import { holderOf, record, type PoolWords } from './pool-words.ts';
import { claimed, heldByNobody, type PortStock } from './port-stock.ts';

export class UnitPorts implements PortStock {
  readonly #pool: PoolWords;
  readonly #lock: PoolLock;
  readonly #tasks: UnitTasks;
  readonly #usedAt: number;

  constructor(pool: PoolWords, stack: number, lock: PoolLock) {
    this.#pool = pool;
    this.#lock = lock;
    this.#tasks = new UnitTasks(pool, lock.index, stack);
    this.#usedAt = pool.stack(stack) + record.used;
  }

  obtain(): number {
    return this.#note(this.#lock.run(this.#tasks.take()));
  }

  claim(port: number): number {
    if (this.#note(this.#lock.run(this.#tasks.take(port))) === port) return claimed;
    const holder = holderOf(this.#pool.load(this.#pool.owners + port));
    return holder < 0 ? heldByNobody : holder;
  }

  release(port: number): void {
    this.#lock.run(this.#tasks.give(port));
    this.#pool.words[this.#usedAt]! -= 1;
  }

  figures() {
    return { leased: this.#pool.load(this.#usedAt), free: 0 };
  }

  drain(): void {} // It has no more than is in use.

  #note(port: number): number {
    if (port >= 0) this.#pool.words[this.#usedAt]! += 1;
    return port;
  }
}
