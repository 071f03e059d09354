/**
 * Names that were told once and are numbers from then on. The sender gives the numbers, in turn
 * and over again, so that the table is bounded and a newcomer takes the oldest's place.
 */

/** Numbers below have meanings of their own. */
const slotFirst = 2;

export interface Slotted {
  /** 0 once its place was taken by another. */
  slot: number;
}

export class SlotTable<Entry extends Slotted> {
  readonly #entries: Entry[] = [];
  readonly #size: number;
  #next = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** Gives the entry a number; whoever had it has none any more, and is returned. */
  add(entry: Entry): Entry | undefined {
    const former = this.#entries[this.#next];
    if (former) former.slot = 0;
    entry.slot = this.#next + slotFirst;
    this.#entries[this.#next] = entry;
    this.#next = (this.#next + 1) % this.#size;
    return former;
  }
}
