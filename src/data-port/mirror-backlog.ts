/**
 * The last messages to a replica, in order: those that are not applied yet, and some that are, so
 * that a replica which comes back is sent only what it missed (Redis's replication backlog).
 * Bounded: what is applied gives way.
 */
import { Fifo } from '../fifo.ts';

export interface BacklogEntry {
  readonly sequence: number;
  readonly message: Buffer;
  /** The blocks that it touches; none: the last is before the first. */
  readonly first: number;
  readonly last: number;
  /** Those of them of which the replica misses more than this. */
  readonly missing?: ReadonlySet<number> | undefined;
}

export class Backlog {
  readonly #bytesMax: number;
  readonly #entries = new Fifo<BacklogEntry>();
  /** By block, the last message that touches it and is not applied. */
  readonly #touched = new Map<number, number>();
  /** How many of the entries, oldest first, are applied. */
  #applied = 0;
  #bytes = 0;
  #unappliedBytes = 0;
  #start: number;

  constructor(bytesMax: number, start: number) {
    this.#bytesMax = bytesMax;
    this.#start = start;
  }

  /** A replica that has applied all up to here, or later, can be brought level from it. */
  get start(): number {
    return this.#start;
  }
  get unappliedBytes(): number {
    return this.#unappliedBytes;
  }
  get bytes(): number {
    return this.#bytes;
  }
  get isFull(): boolean {
    return this.#unappliedBytes >= this.#bytesMax;
  }

  add(entry: BacklogEntry): void {
    this.#entries.push(entry);
    this.#bytes += entry.message.length;
    this.#unappliedBytes += entry.message.length;
    this.reserve(entry);
    this.#shrink();
  }

  /**
   * A message with this number is about to come: what is applied meanwhile does not make its blocks
   * whole. Found by the model `mirror`.
   */
  reserve({ sequence, first, last, missing }: Omit<BacklogEntry, 'message'>): void {
    for (let block = first; block <= last; block += 1) {
      if (missing?.has(block) !== true) this.#touched.set(block, sequence);
    }
  }

  /** Whether something that makes the block whole there is on its way. */
  isUnderWay(block: number): boolean {
    return this.#touched.has(block);
  }

  /** All up to `sequence` is applied; tells each block of which nothing is on its way any more. */
  apply(sequence: number, onBlock: (block: number) => void): void {
    for (;;) {
      const entry = this.#entries.at(this.#applied);
      if (!entry || entry.sequence > sequence) break;
      this.#applied += 1;
      this.#unappliedBytes -= entry.message.length;
      for (let block = entry.first; block <= entry.last; block += 1) {
        if (this.#touched.get(block) !== entry.sequence) continue;
        this.#touched.delete(block);
        onBlock(block);
      }
    }
    this.#shrink();
  }

  /** A replica is at `sequence`: what comes after is not applied, whatever another one had. */
  rewind(sequence: number): readonly BacklogEntry[] {
    this.#applied = 0;
    this.#unappliedBytes = 0;
    this.#touched.clear();
    const rest: BacklogEntry[] = [];
    for (const entry of this.#entries) {
      if (entry.sequence <= sequence) {
        this.#applied += 1;
        continue;
      }
      rest.push(entry);
      this.#unappliedBytes += entry.message.length;
      for (let block = entry.first; block <= entry.last; block += 1) {
        this.#touched.set(block, entry.sequence);
      }
    }
    return rest;
  }

  /** Nothing before `start` can be had from it any more. */
  drop(start: number): void {
    this.#entries.takeAll();
    this.#touched.clear();
    this.#applied = 0;
    this.#bytes = 0;
    this.#unappliedBytes = 0;
    this.#start = start;
  }

  #shrink(): void {
    while (this.#bytes > this.#bytesMax && this.#applied > 0) {
      const entry = this.#entries.shift();
      if (!entry) return;
      this.#applied -= 1;
      this.#bytes -= entry.message.length;
      this.#start = entry.sequence;
    }
  }
}
