/**
 * The memory of one pool: the source ports of one address and protocol, shared by stacks (SP-2).
 * Words of 32 bits; a *unit* is what stacks take of each other: a block of ports, or one port.
 *
 *   header   0 lock: a holding, 0 free          1 intent: unit + 1, -(guest port + 1), 0 none
 *            2 phase: 0 registering, 1 open     3 key + 1: which address of a range, 0 nobody's yet
 *            4 head and 5 tail of the list      6 units left when exhaustion was warned of
 *   stacks   each: 0 life: epoch << 1 | alive   1 waits for the lock   2 turns it had
 *            3 in use  4 at rest  5 foreign  6 conflicts  7 when its guests have rested, s
 *            8… its guests: ports in others' blocks, port + 1; negative: at rest
 *   owners   by unit: a holding, 0 free
 *   rests    by unit: when a unit of the dead has rested, seconds since 1970
 *   index    the bitmap, a bit a unit, set: unavailable; or the list, a ring of free units and
 *            then, by unit, the place of its entry
 *   ports    by port, a byte: its lowest bit set: in use or at rest; the one beside it set, too:
 *            not by the block's lessee but by a guest. Only blocks of several ports have them.
 *
 * A *holding* is epoch << 9 | stack + 1; or, in the low bits, 511: at rest after a death, or 510:
 * away, no unit of this process's. A unit's owner word decides; the index is made to agree with it,
 * under the lock. APPEND ONLY.
 */
export type PoolStructure = 'bitmap' | 'list' | 'table';

export interface PoolShape {
  readonly structure: PoolStructure;
  /** The first port, and how many: a multiple of `block`. */
  readonly first: number;
  readonly count: number;
  /** Ports of a unit: 1, or 16, 32, 64 … */
  readonly block: number;
  readonly stacks: number;
  readonly guests: number;
}

export const header = {
  lock: 0,
  intent: 1,
  phase: 2,
  key: 3,
  head: 4,
  tail: 5,
  warned: 6,
} as const;
const headerWords = 8;
export const record = {
  life: 0,
  waits: 1,
  turns: 2,
  used: 3,
  resting: 4,
  foreign: 5,
  conflicts: 6,
  guestsRest: 7,
  guests: 8,
} as const;
const holderMask = 0x1ff;
/** The holder of what a dead stack held, until it has rested. */
export const restingHolder = holderMask;
/** Of a unit that this process has not leased of its host: no stack here may have a port of it. */
export const awayHolder = holderMask - 1;
/** What a port's byte says. */
export const portFree = 0;
export const portUsed = 1;
export const portOfGuest = 3;

export class PoolWords {
  readonly words: Int32Array;
  readonly shape: PoolShape;
  readonly units: number;
  readonly owners: number;
  readonly rests: number;
  readonly index: number;
  readonly length: number;
  /** A byte each, as numbers from 0. */
  readonly ports: Int8Array;

  /** Over memory that `poolMemory` made, or over a copy of its words. */
  constructor(shape: PoolShape, words: Int32Array) {
    const { count, block, stacks, guests, structure } = shape;
    this.shape = shape;
    this.words = words;
    this.units = structure === 'table' ? 0 : count / block;
    this.owners = headerWords + stacks * (record.guests + guests);
    this.rests = this.owners + this.units;
    this.index = this.rests + this.units;
    const ports = this.index + (structure === 'list' ? this.units * 2 : indexWords(this.units));
    const bytes = block > 1 ? count : 0;
    this.length = ports + bytes / words.BYTES_PER_ELEMENT;
    const isThere = words.length >= this.length;
    const at = words.byteOffset + ports * words.BYTES_PER_ELEMENT;
    this.ports = isThere ? new Int8Array(words.buffer, at, bytes) : new Int8Array();
  }

  /** Where a stack's record begins. */
  stack(stack: number): number {
    return headerWords + stack * (record.guests + this.shape.guests);
  }

  load(at: number): number {
    return Atomics.load(this.words, at);
  }

  /** Whether the word was as expected, and is replaced. */
  swap(at: number, expected: number, next: number): boolean {
    return Atomics.compareExchange(this.words, at, expected, next) === expected;
  }

  store(at: number, value: number): void {
    Atomics.store(this.words, at, value);
  }

  /** What a stack that lives writes wherever it holds something. */
  holdingOf(stack: number): number {
    return ((this.load(this.stack(stack)) >>> 1) << 9) | (stack + 1);
  }

  /** Whether the holder has ended, for certain: its life is another, or is over. */
  isDead(holding: number): boolean {
    const holder = holderOf(holding);
    if (holder < 0) return false;
    return this.load(this.stack(holder)) !== (((holding >>> 9) << 1) | 1);
  }

  /** The stack that is a guest at that port, if any. */
  guestAt(port: number): number | undefined {
    const { stacks, guests } = this.shape;
    for (let stack = 0; stack < stacks; stack += 1) {
      const at = this.stack(stack) + record.guests;
      for (let entry = at; entry < at + guests; entry += 1) {
        if (Math.abs(this.load(entry)) === port + 1) return stack;
      }
    }
    return undefined;
  }

  /** A stack begins a life of its own; what an earlier one left must be reclaimed before. */
  begin(stack: number): void {
    const at = this.stack(stack);
    const epoch = ((this.load(at) >>> 1) + 1) & 0x3f_ffff;
    for (let word = 1; word < record.guestsRest; word += 1) this.store(at + word, 0);
    this.store(at, (epoch << 1) | 1);
  }

  /** Marks it dead: once for each life, by whoever knows it for certain. */
  end(stack: number): boolean {
    const life = this.load(this.stack(stack));
    return (life & 1) === 1 && this.swap(this.stack(stack), life, life & ~1);
  }
}

/** The stack of a holding; -1: nobody's, or at rest. */
export const holderOf = (holding: number): number => {
  const holder = holding & holderMask;
  return holder >= awayHolder ? -1 : holder - 1;
};
export const isAway = (holding: number): boolean => (holding & holderMask) === awayHolder;
export const isResting = (holding: number): boolean => (holding & holderMask) === restingHolder;

/** Of the bitmap: a bit a unit. */
export const indexWords = (units: number): number => Math.ceil(units / 32);

/** Memory of a pool of which every unit is free, or away. */
export function poolMemory(shape: PoolShape, units: 'free' | 'away' = 'free'): SharedArrayBuffer {
  const { length } = new PoolWords(shape, new Int32Array());
  const memory = new SharedArrayBuffer(length * Int32Array.BYTES_PER_ELEMENT);
  const words = new Int32Array(memory);
  const pool = layOut(shape, words);
  if (units === 'free') return memory;
  words.fill(awayHolder, pool.owners, pool.rests);
  if (shape.structure === 'bitmap') {
    words.fill(-1, pool.index, pool.index + indexWords(pool.units));
  }
  if (shape.structure === 'list') words[header.tail] = 0;
  pool.ports.fill(portUsed);
  return memory;
}

/** Fills memory that nobody shares yet: every unit is free. */
export function layOut(shape: PoolShape, words: Int32Array): PoolWords {
  const pool = new PoolWords(shape, words);
  if (shape.structure === 'list') {
    for (let unit = 0; unit < pool.units; unit += 1) {
      words[pool.index + unit] = unit;
      words[pool.index + pool.units + unit] = unit;
    }
    words[header.tail] = pool.units;
  }
  // Bits beyond the last unit are of none.
  const beyond = pool.units % 32;
  if (shape.structure !== 'bitmap' || beyond === 0) return pool;
  words[pool.index + indexWords(pool.units) - 1] = -1 << beyond;
  return pool;
}
