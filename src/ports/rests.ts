/** Ports at rest, in the order in which their rest ends: it is as long for each (SP-4). */
import type { Destination } from './port-stock.ts';

export interface Rest {
  readonly port: number;
  readonly to: Destination | undefined;
  readonly untilMs: number;
  readonly isForeign: boolean;
}

export class Rests {
  #queue: Rest[] = [];
  /** Those before it have ended. */
  #first = 0;
  #foreign = 0;

  get size(): number {
    return this.#queue.length - this.#first;
  }

  /** Those that another program has. */
  get foreign(): number {
    return this.#foreign;
  }

  /** When the first of them ends; `undefined`: there is none. */
  get nextMs(): number | undefined {
    return this.#queue[this.#first]?.untilMs;
  }

  /** Those that end last, at most so many. */
  last(most: number): readonly Rest[] {
    return this.#queue.slice(Math.max(this.#first, this.#queue.length - most));
  }

  add(rest: Rest): void {
    this.#queue.push(rest);
    if (rest.isForeign) this.#foreign += 1;
  }

  /** Takes out the first, if its rest is over. */
  take(nowMs: number): Rest | undefined {
    const rest = this.#queue[this.#first];
    if (!rest || rest.untilMs > nowMs) return undefined;
    this.#first += 1;
    if (rest.isForeign) this.#foreign -= 1;
    if (this.#first > compactedAt && this.#first * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#first);
      this.#first = 0;
    }
    return rest;
  }
}
const compactedAt = 1_024; // What is done stays so long: to move the rest costs less than one each.
