/**
 * Single ports between a process and the others of its host (SP-6). What it lends, its main thread
 * holds as a guest of the block, so that no stack here takes it, whoever of them ends. What it
 * borrows is free to its stacks, one port of a block that is away, until none of them has it.
 */
import { GuestTasks } from './lock-task.ts';
import type { PoolLock } from './pool-lock.ts';
import { isAway, portFree, portOfGuest, portUsed, type PoolWords } from './pool-words.ts';

export class LentHere {
  readonly #pool: PoolWords;
  readonly #lock: PoolLock;
  readonly #guests: GuestTasks;
  readonly #lent = new Set<number>();
  /** With how often nobody was seen to have it: who was granted it comes a moment later. */
  readonly #borrowed = new Map<number, number>();
  /** Those that stacks have asked for and not been told of: what is granted is not given back. */
  readonly #wanted = new Map<number, number>();

  /** `stack` is that of the main thread, which outlives the others. */
  constructor(pool: PoolWords, lock: PoolLock, stack: number) {
    this.#pool = pool;
    this.#lock = lock;
    this.#guests = new GuestTasks(pool, stack);
  }

  get borrowed(): readonly number[] {
    return Array.from(this.#borrowed.keys());
  }

  /** Whether nobody here has it. Asked again, it is lent as before. */
  lend(port: number): boolean {
    if (this.#lent.has(port)) return true;
    if (this.#lock.run(this.#guests.take(port)) < 0) return false;
    this.#lent.add(port);
    return true;
  }

  /** Of a unit that comes, others have these already. Whether there is room to note it. */
  keep(ports: readonly number[]): boolean {
    const foreign = ports.filter((port) => !this.#borrowed.has(port) && !this.#lent.has(port));
    const kept = foreign.filter((port) => this.#lock.run(this.#guests.hold(port)) >= 0);
    for (const port of kept) this.#lent.add(port);
    if (kept.length === foreign.length) return true;
    for (const port of kept) this.returned(port); // Its unit does not come, then.
    return false;
  }

  returned(port: number): void {
    if (this.#lent.delete(port)) this.#lock.run(this.#guests.give(port));
  }

  reconcile(lent: readonly number[]): void {
    for (const port of this.#lent) if (!lent.includes(port)) this.returned(port);
  }

  /** A stack asks for it, or has been told. */
  wanted(port: number, change: 1 | -1): void {
    const count = (this.#wanted.get(port) ?? 0) + change;
    if (count > 0) this.#wanted.set(port, count);
    else this.#wanted.delete(port);
  }

  /** A stack that asked for it may take it now. */
  borrow(port: number): void {
    this.#borrowed.set(port, 0);
    this.returned(port); // Should its unit have come meanwhile, with word that another has it.
    if (this.#isAway(port)) this.#swap(port, portUsed, portFree);
  }

  /** Those that no stack has any more: they go back. */
  unused(): number[] {
    const unused: number[] = [];
    for (const [port, seen] of this.#borrowed) {
      const isHad = this.#wanted.has(port) || this.#byteOf(port) === portOfGuest;
      this.#borrowed.set(port, isHad ? 0 : seen + 1);
      if (isHad || seen + 1 < looksMin) continue;
      // Should its unit have come meanwhile, it is one of that unit's own.
      if (this.#isAway(port)) this.#swap(port, portFree, portUsed);
      if (this.#byteOf(port) === portOfGuest) continue; // Taken at this moment.
      this.#borrowed.delete(port);
      unused.push(port);
    }
    return unused;
  }

  #swap(port: number, from: number, to: number): void {
    Atomics.compareExchange(this.#pool.ports, port, from, to);
  }

  #byteOf(port: number): number {
    return Atomics.load(this.#pool.ports, port);
  }

  #isAway(port: number): boolean {
    const unit = Math.floor(port / this.#pool.shape.block);
    return isAway(this.#pool.load(this.#pool.owners + unit));
  }
}

/** Between two of them lies the time that a thread has to take what it was granted. */
const looksMin = 3;
