/** Ports at rest, in the order in which their rest ends (SP-4). */
import type { Destination } from './port-stock.ts';

export interface Rest {
  readonly port: number;
  readonly to: Destination | undefined;
  readonly untilMs: number;
  readonly isForeign: boolean;
}

/** Those of one kind rest equally long; another program's port must not hold up all others. */
export class Rests {
  readonly #closed = new Queue();
  readonly #foreign = new Queue();

  get size(): number {
    return this.#closed.size + this.#foreign.size;
  }

  /** Those that another program has. */
  get foreign(): number {
    return this.#foreign.size;
  }

  /** When the first of them ends; Infinity: there is none. */
  get nextMs(): number {
    return Math.min(this.#closed.nextMs, this.#foreign.nextMs);
  }

  /** Those of each kind that end last, at most so many. */
  last(most: number): readonly Rest[] {
    return [...this.#closed.last(most), ...this.#foreign.last(most)];
  }

  add(rest: Rest): void {
    (rest.isForeign ? this.#foreign : this.#closed).add(rest);
  }

  /** Takes out one whose rest is over. */
  take(nowMs: number): Rest | undefined {
    return this.#closed.take(nowMs) ?? this.#foreign.take(nowMs);
  }
}

class Queue {
  #rests: Rest[] = [];
  /** Those before it have ended. */
  #first = 0;

  get size(): number {
    return this.#rests.length - this.#first;
  }

  get nextMs(): number {
    return this.#rests[this.#first]?.untilMs ?? Infinity;
  }

  last(most: number): readonly Rest[] {
    return this.#rests.slice(Math.max(this.#first, this.#rests.length - most));
  }

  add(rest: Rest): void {
    this.#rests.push(rest);
  }

  take(nowMs: number): Rest | undefined {
    const rest = this.#rests[this.#first];
    if (!rest || rest.untilMs > nowMs) return undefined;
    this.#first += 1;
    if (this.#first > compactedAt && this.#first * 2 > this.#rests.length) {
      this.#rests = this.#rests.slice(this.#first);
      this.#first = 0;
    }
    return rest;
  }
}
const compactedAt = 1_024; // What is done stays so long: to move the rest costs less than one each.
