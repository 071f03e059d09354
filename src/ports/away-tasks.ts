/**
 * Units between this process and its host (SP-2), under the pool's lock as all that changes hands:
 * what the host has leased to the process is free to its stacks, and what none of them has can go
 * back. Of a unit that is away all ports are in use but those that are borrowed (`lent-here`), so
 * that nobody is a guest elsewhere there.
 */
import { swapTask, type LockTask } from './lock-task.ts';
import {
  awayHolder,
  isAway,
  portFree,
  portOfGuest,
  portUsed,
  type PoolWords,
} from './pool-words.ts';
import type { UnitIndex } from './unit-index.ts';

export class AwayTasks {
  readonly #pool: PoolWords;
  readonly #index: UnitIndex;

  constructor(pool: PoolWords, index: UnitIndex) {
    this.#pool = pool;
    this.#index = index;
  }

  /** From now on any stack of this process may take it, but for ports of guests. */
  admit(unit: number): LockTask {
    return swapTask(this.#pool, {
      choose: () => (isAway(this.#ownerOf(unit)) ? unit : -1),
      prepare: () => this.#clear(unit),
      from: () => awayHolder,
      to: () => 0,
      publish: () => this.#index.add(unit),
    });
  }

  /** Any unit that no stack has, and no guest is in; or the one given, if it is such. */
  withdraw(given = -1): LockTask {
    const isIdle = (unit: number) =>
      this.#ownerOf(unit) === 0 && !this.#portsOf(unit).some((port) => port !== portFree);
    return swapTask(this.#pool, {
      choose: () => {
        if (given >= 0) return isIdle(given) ? given : -1;
        for (let unit = this.#pool.units - 1; unit >= 0; unit -= 1) if (isIdle(unit)) return unit;
        return -1;
      },
      from: (unit) => (isIdle(unit) ? 0 : undefined),
      to: () => awayHolder,
      publish: (unit) => {
        this.#index.remove(unit);
        this.#portsOf(unit).fill(portUsed);
      },
    });
  }

  /** All that are not away. */
  here(): number[] {
    const units = Array.from({ length: this.#pool.units }, (_, unit) => unit);
    return units.filter((unit) => !isAway(this.#ownerOf(unit)));
  }

  get freeCount(): number {
    let count = 0;
    for (let unit = 0; unit < this.#pool.units; unit += 1) {
      if (this.#ownerOf(unit) === 0) count += 1;
    }
    return count;
  }

  /** Under the lock nobody else writes them. */
  #clear(unit: number): void {
    const ports = this.#portsOf(unit);
    for (const [at, port] of ports.entries()) if (port !== portOfGuest) ports[at] = portFree;
  }

  #portsOf(unit: number): Int8Array {
    const { ports, shape } = this.#pool;
    return ports.subarray(unit * shape.block, (unit + 1) * shape.block);
  }

  #ownerOf(unit: number): number {
    return this.#pool.load(this.#pool.owners + unit);
  }
}
