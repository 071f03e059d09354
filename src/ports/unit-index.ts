/**
 * Which units look available: the bitmap, and the enumerated list (SP-7), first in, first out,
 * which rests each port as long as it can. Read by anybody as a hint, written under the lock: the
 * owner words decide, and what an index leaves out or has twice is put right by whoever comes
 * after.
 */
import { header, indexWords, type PoolWords } from './pool-words.ts';

export interface UnitIndex {
  /** A unit that looks available, from about that one on; -1: none does. */
  find(from: number): number;
  /** After a unit was taken. */
  remove(unit: number): void;
  /** After a unit has become free. */
  add(unit: number): void;
  /** Whoever wrote its owner word may have died before the index followed. */
  repair(unit: number): void;
}

export const unitIndex = (pool: PoolWords): UnitIndex =>
  pool.shape.structure === 'list' ? new UnitList(pool) : new UnitBitmap(pool);

class UnitBitmap implements UnitIndex {
  readonly #pool: PoolWords;
  readonly #count: number;

  constructor(pool: PoolWords) {
    this.#pool = pool;
    this.#count = indexWords(pool.units);
  }

  find(from: number): number {
    const { index } = this.#pool;
    const first = (from >>> 5) % this.#count;
    for (let step = 0; step <= this.#count; step += 1) {
      const word = (first + step) % this.#count;
      let free = ~this.#pool.load(index + word);
      if (step === 0) free &= -1 << (from & 31); // The rest of this word comes last.
      if (free !== 0) return (word << 5) + 31 - Math.clz32(free & -free);
    }
    return -1;
  }

  remove(unit: number): void {
    Atomics.or(this.#pool.words, this.#pool.index + (unit >>> 5), 1 << (unit & 31));
  }

  add(unit: number): void {
    Atomics.and(this.#pool.words, this.#pool.index + (unit >>> 5), ~(1 << (unit & 31)));
  }

  repair(unit: number): void {
    if (this.#pool.load(this.#pool.owners + unit) === 0) this.add(unit);
    else this.remove(unit);
  }
}

/**
 * A ring of units, and for each the place of its entry. A unit bound by its number keeps its entry,
 * passed over while it has an owner: none has two, for `#has` finds it. The counters run to twice
 * the ring's size, so that full and empty differ.
 */
class UnitList implements UnitIndex {
  readonly #pool: PoolWords;
  readonly #places: number;

  constructor(pool: PoolWords) {
    this.#pool = pool;
    this.#places = pool.index + pool.units;
  }

  find(): number {
    const at = this.#firstFree();
    return at === this.#pool.load(header.tail) ? -1 : this.#unitAt(at);
  }

  remove(): void {
    this.#pool.store(header.head, this.#firstFree());
  }

  add(unit: number): void {
    if (this.#has(unit)) return;
    const tail = this.#pool.load(header.tail);
    this.#pool.store(this.#pool.index + (tail % this.#pool.units), unit);
    this.#pool.store(this.#places + unit, tail);
    this.#pool.store(header.tail, this.#after(tail)); // Last: it publishes the entry.
  }

  repair(unit: number): void {
    if (this.#pool.load(this.#pool.owners + unit) === 0) this.add(unit);
    else this.remove();
  }

  #firstFree(): number {
    const tail = this.#pool.load(header.tail);
    let at = this.#pool.load(header.head);
    while (at !== tail && this.#pool.load(this.#pool.owners + this.#unitAt(at)) !== 0) {
      at = this.#after(at);
    }
    return at;
  }

  #has(unit: number): boolean {
    const turn = this.#pool.units * 2;
    const head = this.#pool.load(header.head);
    const length = (this.#pool.load(header.tail) - head + turn) % turn;
    const place = this.#pool.load(this.#places + unit);
    return (place - head + turn) % turn < length && this.#unitAt(place) === unit;
  }

  #unitAt(place: number): number {
    return this.#pool.load(this.#pool.index + (place % this.#pool.units));
  }

  #after(place: number): number {
    return (place + 1) % (this.#pool.units * 2);
  }
}
