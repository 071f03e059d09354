/**
 * What of a pool this process has (SP-2): units leased of its host, free to its stacks until none
 * of them has one and it goes back.
 */
import { AwayTasks } from './away-tasks.ts';
import type { UnitLease } from './coupling-facility.ts';
import type { LendOutcome } from './host-words.ts';
import { limits } from '../limits.ts';
import { LentHere } from './lent-here.ts';
import type { PoolLock } from './pool-lock.ts';
import { header, isAway, type PoolWords } from './pool-words.ts';
import type { Borrowed, LendingLeases, PortLender } from './port-lender.ts';

export interface ProcessPoolOptions {
  readonly pool: PoolWords;
  readonly lock: PoolLock;
  /** The main thread's. */
  readonly stack: number;
  readonly leases: LendingLeases;
}

/** How many units are leased at once: some hundred ports, and not all of a small pool. */
const unitsAtOnce = ({ units, shape: { block } }: PoolWords): number => {
  const share = Math.floor(units / limits.portHostShares);
  return Math.max(1, Math.min(Math.floor(limits.portsOfHost / block), share));
};

export class ProcessPool implements PortLender {
  readonly #options: ProcessPoolOptions;
  readonly #tasks: AwayTasks;
  readonly #lent: LentHere;
  readonly #atOnce: number;
  #filling: Promise<number> | undefined;

  constructor(options: ProcessPoolOptions) {
    const { pool, lock, stack } = options;
    this.#options = options;
    this.#tasks = new AwayTasks(pool, lock.index);
    this.#lent = new LentHere(pool, lock, stack);
    this.#atOnce = unitsAtOnce(pool);
  }

  /** More units, once for all that ask meanwhile. How many came. */
  refill(): Promise<number> {
    this.#filling ??= this.#acquire(this.#atOnce).finally(() => {
      this.#filling = undefined;
    });
    return this.#filling;
  }

  /** That very port, counted from the first: by its unit, if nobody leases it, else alone. */
  async claim(port: number): Promise<Borrowed> {
    this.#lent.wanted(port, 1);
    try {
      const borrowed = await this.#options.leases.borrow(port);
      if (borrowed.isLent) this.#lent.borrow(port);
      await this.#admit(borrowed.leases);
      return borrowed;
    } finally {
      this.#lent.wanted(port, -1);
    }
  }

  /** Another process wants it: with its unit, if that is one port and nobody has it. */
  lend(port: number): LendOutcome {
    const { pool, lock, leases } = this.#options;
    const { block } = pool.shape;
    const unit = Math.floor(port / block);
    const isOpen = pool.load(header.phase) === 1; // Before, live connections may claim it.
    if (unit >= pool.units || !isOpen) return 'taken';
    if (isAway(pool.load(pool.owners + unit))) return 'away';
    if (block > 1) return this.#lent.lend(port) ? 'lent' : 'taken';
    if (lock.run(this.#tasks.withdraw(unit)) < 0) return 'taken';
    void leases.release(leases.held().filter((lease) => lease.unit === unit));
    return 'away';
  }

  get borrowed(): readonly number[] {
    return this.#lent.borrowed;
  }

  returned(port: number): void {
    this.#lent.returned(port);
  }

  reconcile(lent: readonly number[]): void {
    this.#lent.reconcile(lent);
  }

  /** Single ports that no stack has any more: said at once, before one of them is wished again. */
  async giveUnused(): Promise<void> {
    const { leases } = this.#options;
    await Promise.all(this.#lent.unused().map((port) => leases.giveBack(port)));
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

  async #acquire(count: number): Promise<number> {
    return this.#admit(await this.#options.leases.acquire({ count }));
  }

  /** How many of them: of whose ports too many are others' it has no room to note. */
  async #admit(granted: readonly UnitLease[]): Promise<number> {
    const { pool, lock, leases } = this.#options;
    const refused = granted.filter(({ lent = [] }) => !this.#lent.keep(lent));
    const admitted = granted.filter((lease) => !refused.includes(lease));
    for (const { unit } of admitted) {
      // A table is leased as one, and has no units of its own.
      if (unit < pool.units) lock.run(this.#tasks.admit(unit));
    }
    if (refused.length > 0) await leases.release(refused);
    return admitted.length;
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
