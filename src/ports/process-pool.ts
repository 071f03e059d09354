/**
 * What of a pool this process has (SP-2): units leased of its host, free to its stacks until none
 * of them has one and it goes back.
 */
import { AwayTasks } from './away-tasks.ts';
import type { UnitLease, UnitLeases } from './coupling-facility.ts';
import { limits } from '../limits.ts';
import type { PoolLock } from './pool-lock.ts';
import type { PoolWords } from './pool-words.ts';

export interface ProcessPoolOptions {
  readonly pool: PoolWords;
  readonly lock: PoolLock;
  readonly leases: UnitLeases & { held(): readonly UnitLease[] };
}

/** How many units are leased at once: some hundred ports, and not all of a small pool. */
const unitsAtOnce = ({ units, shape: { block } }: PoolWords): number => {
  const share = Math.floor(units / limits.portHostShares);
  return Math.max(1, Math.min(Math.floor(limits.portsOfHost / block), share));
};

export class ProcessPool {
  readonly #options: ProcessPoolOptions;
  readonly #tasks: AwayTasks;
  readonly #atOnce: number;
  #filling: Promise<number> | undefined;

  constructor(options: ProcessPoolOptions) {
    this.#options = options;
    this.#tasks = new AwayTasks(options.pool, options.lock.index);
    this.#atOnce = unitsAtOnce(options.pool);
  }

  /** More units, once for all that ask meanwhile. How many came. */
  refill(): Promise<number> {
    this.#filling ??= this.#acquire({ count: this.#atOnce }).finally(() => {
      this.#filling = undefined;
    });
    return this.#filling;
  }

  /** That very unit, if nobody has it. */
  claim(unit: number): Promise<number> {
    return this.#acquire({ unit });
  }

  /** Before the last is gone. */
  async topUp(): Promise<void> {
    if (this.#tasks.freeCount < Math.ceil(this.#atOnce / 2)) await this.refill();
  }

  /** What is free beyond what will be wanted soon. */
  giveSurplus(): Promise<void> {
    return this.#giveBack(2 * this.#atOnce + 1);
  }

  /** Others want it. */
  giveAll(): Promise<void> {
    return this.#giveBack(0);
  }

  async #acquire(wanted: { count: number } | { unit: number }): Promise<number> {
    const { pool, lock, leases } = this.#options;
    const granted = await leases.acquire(wanted);
    // A table is leased as one, and has no units of its own.
    const units = granted.filter(({ unit }) => unit < pool.units);
    for (const { unit } of units) lock.run(this.#tasks.admit(unit));
    return granted.length;
  }

  async #giveBack(kept: number): Promise<void> {
    const { lock, leases } = this.#options;
    const units = new Set<number>();
    for (let free = this.#tasks.freeCount; free > kept; free -= 1) {
      const unit = lock.run(this.#tasks.withdraw());
      if (unit < 0) break;
      units.add(unit);
    }
    if (units.size === 0) return;
    await leases.release(leases.held().filter(({ unit }) => units.has(unit)));
  }
}
