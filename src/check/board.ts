/**
 * What threads that search together tell each other, in words of shared memory: which states each
 * has found, who expands which of them, when a level is done, and that it is over.
 */
import { InterplexError } from '../errors.ts';
import type { LimitName } from './judge.ts';

export const chunkBits = 12;
/** Rows that a thread takes at a time. */
export const chunkRows = 1 << chunkBits;
/** States that a thread expands between two looks at the board. */
const batch = 64;
/** Words of one thread, apart from another's by more than a line of cache. */
const threadWords = 32;

const word = { generation: 0, arrived: 1, end: 2, depth: 3, chunks: 4, isOver: 5, seen: 6 };
const ends = [
  'none',
  'exhausted',
  'found',
  'states',
  'depth',
  'time',
  'bytes',
  'in flight',
  'stopped',
] as const;
type End = (typeof ends)[number];

export interface BoardMemory {
  readonly threads: number;
  readonly chunksMax: number;
  /** Claims that something be seen, each with a word. */
  readonly wanted: number;
  readonly words: SharedArrayBuffer;
  /** By thread, the transitions that it tried. */
  readonly tried: SharedArrayBuffer;
}

/** There is room for no more of them. */
export class StatesLimit extends InterplexError {
  constructor() {
    super('IPX_CHECK_LIMIT', 'There is room for no more states.');
  }
}

type BoardSize = Omit<BoardMemory, 'words' | 'tried'>;

export function newBoardMemory(size: BoardSize): BoardMemory {
  const count = word.seen + size.wanted + size.threads * (threadWords + size.chunksMax);
  return {
    ...size,
    words: new SharedArrayBuffer(count * Int32Array.BYTES_PER_ELEMENT),
    tried: new SharedArrayBuffer(size.threads * Float64Array.BYTES_PER_ELEMENT),
  };
}

/** A part of the states that one thread found, by their order there. */
export interface Batch {
  readonly thread: number;
  readonly from: number;
  readonly to: number;
}

export class Board {
  readonly threads: number;
  readonly #words: Int32Array;
  readonly #tried: Float64Array;
  readonly #wanted: number;
  readonly #chunksMax: number;

  constructor({ threads, wanted, chunksMax, words, tried }: BoardMemory) {
    this.threads = threads;
    this.#tried = new Float64Array(tried);
    this.#words = new Int32Array(words);
    this.#wanted = wanted;
    this.#chunksMax = chunksMax;
  }

  get depth(): number {
    return Atomics.load(this.#words, word.depth);
  }

  get end(): End {
    return ends[Atomics.load(this.#words, word.end)]!;
  }
  /** The first word counts. */
  stop(end: Extract<End, LimitName> | 'exhausted' | 'found'): void {
    Atomics.compareExchange(this.#words, word.end, 0, ends.indexOf(end));
  }

  get chunks(): number {
    return Atomics.load(this.#words, word.chunks);
  }
  claimChunk(thread: number): number {
    const chunk = Atomics.add(this.#words, word.chunks, 1);
    if (chunk >= this.#chunksMax) throw new StatesLimit();
    const at = this.#at(thread, 3);
    const count = Atomics.add(this.#words, at, 1);
    this.#words[this.#tableAt(thread) + count] = chunk;
    return chunk;
  }

  tellFound(thread: number, count: number): void {
    Atomics.store(this.#words, this.#at(thread, 0), count);
  }
  found(thread: number): number {
    return Atomics.load(this.#words, this.#at(thread, 0));
  }
  get states(): number {
    let sum = 0;
    for (let thread = 0; thread < this.threads; thread++) sum += this.found(thread);
    return sum;
  }
  tellTried(thread: number, count: number): void {
    this.#tried[thread] = count;
  }
  get tried(): number {
    return this.#tried.reduce((sum, count) => sum + count, 0);
  }
  /** States of this level and the next that nobody has begun with. */
  get queued(): number {
    let taken = 0;
    for (let thread = 0; thread < this.threads; thread++) {
      const claimed = Atomics.load(this.#words, this.#at(thread, 2));
      taken += Math.min(claimed, Atomics.load(this.#words, this.#at(thread, 1)));
    }
    return this.states - taken;
  }

  /** The index of a state, by the thread that found it and its order there. */
  indexOf(thread: number, order: number): number {
    const chunk = this.#words[this.#tableAt(thread) + (order >> chunkBits)]!;
    return (chunk << chunkBits) | (order & (chunkRows - 1));
  }

  /** What of this level is expanded next, a thread's own states first; none when it is done. */
  claim(thread: number): Batch | undefined {
    for (let step = 0; step < this.threads; step++) {
      const owner = (thread + step) % this.threads;
      const levelEnd = Atomics.load(this.#words, this.#at(owner, 1));
      if (Atomics.load(this.#words, this.#at(owner, 2)) >= levelEnd) continue;
      const from = Atomics.add(this.#words, this.#at(owner, 2), batch);
      if (from < levelEnd) return { thread: owner, from, to: Math.min(from + batch, levelEnd) };
    }
    return undefined;
  }

  see(wanted: number): void {
    Atomics.store(this.#words, word.seen + wanted, 1);
  }
  isSeen(wanted: number): boolean {
    return Atomics.load(this.#words, word.seen + wanted) === 1;
  }

  /** The start is found: the first level is this one state. */
  begin(thread: number): void {
    this.tellFound(thread, 1);
    Atomics.store(this.#words, this.#at(thread, 1), 1);
  }

  /**
   * Waits for all threads; the last to come begins the next level, or ends the search. Whether it
   * goes on: all are told alike, or one would wait where another has left.
   */
  meet(depthMax: number): boolean {
    const generation = Atomics.load(this.#words, word.generation);
    if (Atomics.add(this.#words, word.arrived, 1) === this.threads - 1) {
      this.#deepen(depthMax);
      Atomics.store(this.#words, word.isOver, this.end === 'none' ? 0 : 1);
      Atomics.store(this.#words, word.arrived, 0);
      Atomics.add(this.#words, word.generation, 1);
      Atomics.notify(this.#words, word.generation);
    }
    while (Atomics.load(this.#words, word.generation) === generation) {
      Atomics.wait(this.#words, word.generation, generation);
    }
    return Atomics.load(this.#words, word.isOver) === 0;
  }

  #deepen(depthMax: number): void {
    if (this.end !== 'none') return;
    let isNew = false;
    for (let thread = 0; thread < this.threads; thread++) {
      const levelEnd = Atomics.load(this.#words, this.#at(thread, 1));
      const found = this.found(thread);
      Atomics.store(this.#words, this.#at(thread, 2), levelEnd);
      Atomics.store(this.#words, this.#at(thread, 1), found);
      isNew ||= found > levelEnd;
    }
    if (!isNew) return this.stop('exhausted');
    if (Atomics.add(this.#words, word.depth, 1) + 1 >= depthMax) this.stop('depth');
  }

  /** Of a thread: 0 states found; 1 of them, in this level and before; 2 begun with; 3 chunks. */
  #at(thread: number, which: 0 | 1 | 2 | 3): number {
    return word.seen + this.#wanted + thread * threadWords + which;
  }
  #tableAt(thread: number): number {
    return word.seen + this.#wanted + this.threads * threadWords + thread * this.#chunksMax;
  }
}
