/**
 * The set of states that several threads find together, in shared memory. Each thread writes rows
 * into chunks of its own; a state is found by whoever swaps its index into an empty slot first, and
 * nobody waits for another. Memory is reserved for all that may come and used as it is written.
 */
import { hashOf } from './state-set.ts';
import { chunkBits, chunkRows } from './board.ts';
import type { Board } from './board.ts';

const indexBits = 26;
const indexMask = 2 ** indexBits - 1;
const loadMax = 0.75; // as of the set of one thread

export interface StatesMemory {
  readonly width: number;
  readonly rows: SharedArrayBuffer;
  readonly parents: SharedArrayBuffer;
  readonly slots: SharedArrayBuffer;
}

export function newStatesMemory(width: number, chunksMax: number): StatesMemory {
  const rows = chunksMax * chunkRows;
  const bytes = (count: number) => new SharedArrayBuffer(count);
  const slots = 2 ** Math.ceil(Math.log2(rows / loadMax));
  return {
    width,
    rows: bytes(rows * width * Int32Array.BYTES_PER_ELEMENT),
    parents: bytes(rows * Uint32Array.BYTES_PER_ELEMENT),
    slots: bytes(slots * Uint32Array.BYTES_PER_ELEMENT),
  };
}

/** Of a row and the way back. */
export const bytesPerRow = (width: number): number => (width + 1) * Int32Array.BYTES_PER_ELEMENT;

/** What one thread does with the set. */
export class SharedStates {
  readonly width: number;
  readonly #rows: Int32Array;
  readonly #parents: Uint32Array;
  readonly #slots: Int32Array;
  readonly #board: Board;
  readonly #thread: number;
  /** The row that is written next, in a chunk of this thread, and how many are left there. */
  #next = 0;
  #left = 0;
  #found = 0;

  constructor(memory: StatesMemory, board: Board, thread: number) {
    this.width = memory.width;
    this.#rows = new Int32Array(memory.rows);
    this.#parents = new Uint32Array(memory.parents);
    this.#slots = new Int32Array(memory.slots);
    this.#board = board;
    this.#thread = thread;
  }

  /** States that this thread has found. */
  get found(): number {
    return this.#found;
  }

  /** The state's index if it is new; else -1. */
  add(row: Int32Array, parent: number): number {
    const hash = hashOf(row);
    const mask = this.#slots.length - 1;
    const tag = hash >>> indexBits;
    let slot = hash & mask;
    let written = -1;
    for (;;) {
      const held = Atomics.load(this.#slots, slot);
      if (held === 0) {
        if (written < 0) written = this.#write(row, parent);
        const word = (tag << indexBits) | (written + 1);
        if (Atomics.compareExchange(this.#slots, slot, 0, word) !== 0) continue; // Look again.
        this.#next++;
        this.#left--;
        this.#found++;
        return written;
      }
      if (held >>> indexBits === tag && this.#isAt((held & indexMask) - 1, row)) return -1;
      slot = (slot + 1) & mask;
    }
  }

  read(index: number, row: Int32Array): void {
    const at = index * this.width;
    for (let place = 0; place < this.width; place++) row[place] = this.#rows[at + place]!;
  }

  parentOf(index: number): number {
    return this.#parents[index]!;
  }

  /** At a place of its own; others see it when a slot names it. */
  #write(row: Int32Array, parent: number): number {
    if (this.#left === 0) this.#beginChunk();
    const index = this.#next;
    const at = index * this.width;
    this.#rows.set(row, at);
    this.#parents[index] = parent;
    return index;
  }

  #isAt(index: number, row: Int32Array): boolean {
    const at = index * this.width;
    for (let place = 0; place < this.width; place++) {
      if (this.#rows[at + place] !== row[place]) return false;
    }
    return true;
  }

  #beginChunk(): void {
    this.#next = this.#board.claimChunk(this.#thread) << chunkBits;
    this.#left = chunkRows;
  }
}
