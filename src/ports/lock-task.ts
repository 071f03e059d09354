/**
 * What is done under a pool's lock: a unit chosen, its owner word swapped, the index made to
 * follow. Each method is one atomic operation as others see it: what it writes before is seen by
 * nobody.
 */
import {
  header,
  holderOf,
  isResting,
  portFree,
  portOfGuest,
  record,
  restingHolder,
  type PoolWords,
} from './pool-words.ts';
import type { UnitIndex } from './unit-index.ts';

export interface LockTask {
  /** A unit that looks right; -1: there is none. */
  choose(): number;
  /** What a survivor must repair, should this stack die from here on. */
  intentOf(unit: number): number;
  /** False: it has changed since it was chosen. */
  revise(unit: number): boolean;
  publish(unit: number): void;
}

/** One stack's hand on a pool's lock. */
export interface TaskLock {
  readonly index: UnitIndex;
  /** Does the task under the lock. The unit that it was done to; -1: there is none for it. */
  run(task: LockTask): number;
}

/** The tasks of one stack at one pool. */
export class UnitTasks {
  readonly #pool: PoolWords;
  readonly #index: UnitIndex;
  readonly #stack: number;
  /** Where it looks first: each stack elsewhere, then where it last found one. */
  #hint: number;

  constructor(pool: PoolWords, index: UnitIndex, stack: number) {
    this.#pool = pool;
    this.#index = index;
    this.#stack = stack;
    this.#hint = Math.floor((pool.units * stack) / pool.shape.stacks);
  }

  /** Any unit, or the one given. */
  take(given = -1): LockTask {
    return swapTask(this.#pool, {
      choose: () => {
        if (given < 0) return this.#index.find(this.#hint);
        return this.#ownerOf(given) === 0 ? given : -1;
      },
      from: () => 0,
      to: () => this.#pool.holdingOf(this.#stack),
      publish: (unit) => {
        this.#hint = unit;
        this.#index.remove(unit);
      },
    });
  }

  give(unit: number): LockTask {
    const own = () => this.#pool.holdingOf(this.#stack);
    return swapTask(this.#pool, {
      choose: () => (this.#ownerOf(unit) === own() ? unit : -1),
      from: own,
      to: () => 0,
      publish: () => this.#index.add(unit),
    });
  }

  /** What a dead stack held is at rest from now on; each unit once, whoever comes to it. */
  bury(dead: number, untilS: number): LockTask {
    const isIts = (unit: number) => {
      const owner = this.#ownerOf(unit);
      return holderOf(owner) === dead && this.#pool.isDead(owner);
    };
    return swapTask(this.#pool, {
      choose: this.#searchOf(isIts),
      prepare: (unit) => this.#pool.store(this.#pool.rests + unit, untilS),
      from: (unit) => (isIts(unit) ? this.#ownerOf(unit) : undefined),
      to: () => restingHolder,
      publish: () => {}, // It had an owner, and has one.
    });
  }

  /** What has rested is free. */
  free(nowS: number): LockTask {
    const isOver = (unit: number) =>
      isResting(this.#ownerOf(unit)) && this.#pool.load(this.#pool.rests + unit) >>> 0 <= nowS;
    return swapTask(this.#pool, {
      choose: this.#searchOf(isOver),
      prepare: (unit) => this.#clear(unit),
      from: () => restingHolder,
      to: () => 0,
      publish: (unit) => this.#index.add(unit),
    });
  }

  /** Of a unit at rest nobody but guests has a port. */
  #clear(unit: number): void {
    const { ports, shape } = this.#pool;
    const end = Math.min((unit + 1) * shape.block, ports.length);
    for (let port = unit * shape.block; port < end; port += 1) {
      if (Atomics.load(ports, port) !== portOfGuest) Atomics.store(ports, port, portFree);
    }
  }

  /** Each search goes on where the last one of the same task found something. */
  #searchOf(matches: (unit: number) => boolean): () => number {
    let from = 0;
    return () => {
      while (from < this.#pool.units && !matches(from)) from += 1;
      return from < this.#pool.units ? from : -1;
    };
  }

  #ownerOf(unit: number): number {
    return this.#pool.load(this.#pool.owners + unit);
  }
}

/** How a unit's owner word is swapped for another. */
export interface Swap {
  readonly choose: () => number;
  readonly prepare?: (unit: number) => void;
  readonly from: (unit: number) => number | undefined;
  readonly to: () => number;
  readonly publish: (unit: number) => void;
}

export const swapTask = (pool: PoolWords, swap: Swap): LockTask => ({
  choose: swap.choose,
  intentOf: (unit) => unit + 1,
  revise: (unit) => {
    const expected = swap.from(unit);
    if (expected === undefined || pool.load(pool.owners + unit) !== expected) return false;
    swap.prepare?.(unit);
    return pool.swap(pool.owners + unit, expected, swap.to());
  },
  publish: swap.publish,
});

/** A port in a block that another stack leases (SP-6). */
export class GuestTasks {
  readonly #pool: PoolWords;
  readonly #entries: number;

  constructor(pool: PoolWords, stack: number) {
    this.#pool = pool;
    this.#entries = pool.stack(stack) + record.guests;
  }

  take(port: number): LockTask {
    const { ports } = this.#pool;
    const isTaken = () => Atomics.load(ports, port) !== portFree;
    return {
      choose: () => (this.#find((word) => word === 0) < 0 || isTaken() ? -1 : port),
      intentOf: guestIntent,
      revise: () => {
        if (isTaken()) return false;
        const entry = this.#find((word) => word === 0 || word === port + 1);
        this.#pool.store(entry, port + 1); // Nothing is held by an entry alone.
        if (Atomics.compareExchange(ports, port, portFree, portOfGuest) === portFree) return true;
        this.#pool.store(entry, 0); // Or it would be given back when this stack dies.
        return false;
      },
      publish: () => {},
    };
  }

  /** Of a unit that no stack can lease yet: its port is this guest's already. */
  hold(port: number): LockTask {
    const entry = () => this.#find((word) => word === 0);
    return {
      choose: () => (entry() < 0 ? -1 : port),
      intentOf: guestIntent,
      revise: () => {
        this.#pool.store(entry(), port + 1);
        Atomics.store(this.#pool.ports, port, portOfGuest);
        return true;
      },
      publish: () => {},
    };
  }

  give(port: number): LockTask {
    const entry = () => this.#find((word) => Math.abs(word) === port + 1);
    return {
      choose: () => (entry() < 0 ? -1 : port),
      intentOf: guestIntent,
      revise: () => {
        Atomics.store(this.#pool.ports, port, portFree);
        return true;
      },
      publish: () => this.#pool.store(entry(), 0),
    };
  }

  /** The ports of a dead stack rest from now on. */
  rest(): void {
    for (const [at, word] of this.#words()) if (word > 0) this.#pool.swap(at, word, -word);
  }

  /** Those that rest, each to be given back by `give`. */
  resting(): number[] {
    return this.#words().flatMap(([, word]) => (word < 0 ? [-word - 1] : []));
  }

  /** Its holder died between the entry and the cell. */
  repair(port: number): void {
    const isHeld = Atomics.load(this.#pool.ports, port) === portOfGuest;
    const entry = this.#find((word) => Math.abs(word) === port + 1);
    if (!isHeld && entry >= 0) this.#pool.store(entry, 0);
  }

  #words(): [at: number, word: number][] {
    return Array.from({ length: this.#pool.shape.guests }, (_, index) => {
      const at = this.#entries + index;
      return [at, this.#pool.load(at)];
    });
  }

  #find(matches: (word: number) => boolean): number {
    for (let index = 0; index < this.#pool.shape.guests; index += 1) {
      if (matches(this.#pool.load(this.#entries + index))) return this.#entries + index;
    }
    return -1;
  }
}

const guestIntent = (port: number) => -(port + 1);

/** Frees a lock whose holder is dead, should nobody else want it. */
export const freeLockTask = (pool: PoolWords): LockTask => ({
  choose: () => (pool.isDead(pool.load(header.lock)) ? 0 : -1),
  intentOf: () => 0,
  revise: () => true,
  publish: () => {},
});

/** Finishes, or takes back, what the dead holder of the lock had begun. */
export function repairFor(pool: PoolWords, index: UnitIndex, dead: number): void {
  const intent = pool.load(header.intent);
  if (intent > 0) index.repair(intent - 1);
  if (intent < 0) new GuestTasks(pool, dead).repair(-intent - 1);
}
