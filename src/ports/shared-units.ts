/** Leases of units in memory that the holders share: the embedded form (SP-2). */
import type { UnitLease, UnitLeases } from './coupling-facility.ts';
import { UnitTasks, type TaskLock } from './lock-task.ts';
import { holderOf, record, type PoolWords } from './pool-words.ts';

export interface SharedUnitsOptions {
  readonly pool: PoolWords;
  readonly stack: number;
  readonly lock: TaskLock;
  /** Told after each unit that changed hands. */
  readonly onChanged?: (unit: number) => void;
}

export class SharedUnits implements UnitLeases {
  readonly #options: SharedUnitsOptions;
  readonly #tasks: UnitTasks;

  constructor(options: SharedUnitsOptions) {
    this.#options = options;
    this.#tasks = new UnitTasks(options.pool, options.lock.index, options.stack);
  }

  /** Of the life that its holder has now. */
  get epoch(): number {
    const { pool, stack } = this.#options;
    return pool.load(pool.stack(stack) + record.life) >>> 1;
  }

  acquire(wanted: { readonly count: number } | { readonly unit: number }): Promise<UnitLease[]> {
    return Promise.resolve(this.take(wanted));
  }

  release(leases: readonly UnitLease[]): Promise<void> {
    this.give(leases);
    return Promise.resolve();
  }

  isCurrent({ unit, epoch }: UnitLease): boolean {
    const { pool, stack } = this.#options;
    const isHis = pool.load(pool.owners + unit) === pool.holdingOf(stack);
    return epoch === this.epoch && isHis;
  }

  /** Nobody is asked here: who shares memory keeps few to spare, and gives them by himself. */
  watch(): () => void {
    return () => undefined;
  }

  take(wanted: { readonly count: number } | { readonly unit: number }): UnitLease[] {
    const [count, given] = 'unit' in wanted ? [1, wanted.unit] : [wanted.count, -1];
    const leases: UnitLease[] = [];
    while (leases.length < count) {
      const unit = this.#run(this.#tasks.take(given));
      if (unit < 0) break;
      leases.push({ unit, epoch: this.epoch });
    }
    return leases;
  }

  give(leases: readonly UnitLease[]): void {
    for (const lease of leases) {
      if (this.isCurrent(lease)) this.#run(this.#tasks.give(lease.unit));
    }
  }

  held(): UnitLease[] {
    const { pool, stack } = this.#options;
    const all = Array.from({ length: pool.units }, (_, unit) => ({ unit, epoch: this.epoch }));
    return all.filter(({ unit }) => {
      const owner = pool.load(pool.owners + unit);
      return holderOf(owner) === stack && !pool.isDead(owner);
    });
  }

  #run(task: ReturnType<UnitTasks['take']>): number {
    const unit = this.#options.lock.run(task);
    if (unit >= 0) this.#options.onChanged?.(unit);
    return unit;
  }
}
