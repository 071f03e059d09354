/** Which sequence numbers have come: all below `next`, and some ahead of it (de-duplication). */
export class Contiguous {
  #next = 0;
  readonly #ahead = new Set<number>();

  get next(): number {
    return this.#next;
  }

  has(sequence: number): boolean {
    return sequence < this.#next || this.#ahead.has(sequence);
  }

  add(sequence: number): void {
    if (sequence !== this.#next) {
      if (sequence > this.#next) this.#ahead.add(sequence);
      return;
    }
    this.#next += 1;
    while (this.#ahead.size > 0 && this.#ahead.delete(this.#next)) this.#next += 1;
  }
}
