/**
 * The set of states that were found: each is a row of small integers, kept in typed arrays and
 * found by open addressing. Rows are of two bytes a number until one needs four.
 */

const chunkBits = 14;
const chunkRows = 1 << chunkBits;
const chunkMask = chunkRows - 1;
/** A slot holds a row's index plus one, and above it some bits of its hash. */
const indexBits = 26;
const indexMask = 2 ** indexBits - 1;
/** Rows that can be told apart by a slot. */
export const statesMax = indexMask - 1;
const loadMax = 0.75; // chosen: probes stay short, and a slot costs 5 to 11 bytes a state

type Numbers = Uint16Array | Uint32Array;

/** Rows by index. */
class Rows {
  readonly #width: number;
  #chunks: Numbers[] = [];
  #isWide = false;

  constructor(width: number) {
    this.#width = width;
  }

  get bytes(): number {
    return this.#chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  write(index: number, row: Int32Array): void {
    const at = index & chunkMask;
    if (at === 0) {
      const length = chunkRows * this.#width;
      this.#chunks.push(this.#isWide ? new Uint32Array(length) : new Uint16Array(length));
    }
    if (!this.#isWide && isWide(row)) {
      this.#isWide = true;
      this.#chunks = this.#chunks.map((chunk) => Uint32Array.from(chunk));
    }
    this.#chunks[index >>> chunkBits]!.set(row, at * this.#width);
  }

  read(index: number, row: Int32Array): void {
    const chunk = this.#chunks[index >>> chunkBits]!;
    const at = (index & chunkMask) * this.#width;
    for (let place = 0; place < this.#width; place++) row[place] = chunk[at + place]!;
  }

  isAt(index: number, row: Int32Array): boolean {
    const chunk = this.#chunks[index >>> chunkBits]!;
    const at = (index & chunkMask) * this.#width;
    for (let place = 0; place < this.#width; place++) {
      if (chunk[at + place] !== row[place]) return false;
    }
    return true;
  }
}

export class StateSet {
  readonly width: number;
  #count = 0;
  readonly #keys: Rows;
  readonly #rows: Rows;
  #slots = new Uint32Array(1 << 12);
  /** By state, the one that it was found from. */
  readonly #parents: Uint32Array[] = [];

  /** `isKeyed`: a state is told from others by a key, and not by its row. */
  constructor(width: number, { isKeyed }: { readonly isKeyed: boolean }) {
    this.width = width;
    this.#rows = new Rows(width);
    this.#keys = isKeyed ? new Rows(width) : this.#rows;
  }

  get count(): number {
    return this.#count;
  }

  /** Bytes of what is kept. */
  get bytes(): number {
    const keys = this.#keys === this.#rows ? 0 : this.#keys.bytes;
    const parents = this.#parents.length * chunkRows * Uint32Array.BYTES_PER_ELEMENT;
    return this.#rows.bytes + keys + parents + this.#slots.byteLength;
  }

  /** The state's index if it is new; else the complement (`~`) of the index that it has. */
  add(row: Int32Array, key: Int32Array, parent: number): number {
    const hash = hashOf(key);
    const mask = this.#slots.length - 1;
    const tag = hash >>> indexBits;
    let slot = hash & mask;
    for (let held = this.#slots[slot]!; held !== 0; held = this.#slots[slot]!) {
      if (held >>> indexBits === tag) {
        const index = (held & indexMask) - 1;
        if (this.#keys.isAt(index, key)) return ~index;
      }
      slot = (slot + 1) & mask;
    }
    const index = this.#count++;
    this.#rows.write(index, row);
    if (this.#keys !== this.#rows) this.#keys.write(index, key);
    if ((index & chunkMask) === 0) this.#parents.push(new Uint32Array(chunkRows));
    this.#parents[index >>> chunkBits]![index & chunkMask] = parent;
    this.#slots[slot] = ((tag << indexBits) >>> 0) + index + 1;
    if (this.#count > this.#slots.length * loadMax) this.#widenSlots();
    return index;
  }

  /** The index of a row that is in the set; of one that is told from others by itself. */
  indexOf(row: Int32Array): number {
    return ~this.add(row, row, 0);
  }

  read(index: number, row: Int32Array): void {
    this.#rows.read(index, row);
  }

  parentOf(index: number): number {
    return this.#parents[index >>> chunkBits]![index & chunkMask]!;
  }

  #widenSlots(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2);
    const mask = this.#slots.length - 1;
    const key = new Int32Array(this.width);
    for (let index = 0; index < this.#count; index++) {
      this.#keys.read(index, key);
      const hash = hashOf(key);
      let slot = hash & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = (((hash >>> indexBits) << indexBits) >>> 0) + index + 1;
    }
  }
}

function isWide(row: Int32Array): boolean {
  for (let place = 0; place < row.length; place++) if (row[place]! > 0xffff) return true;
  return false;
}

/** Mixed as in MurmurHash3: small numbers in neighbouring places must not meet. */
export function hashOf(row: Int32Array): number {
  let hash = 0x9e3779b9;
  for (let place = 0; place < row.length; place++) {
    hash = Math.imul(hash ^ Math.imul(row[place]!, 0xcc9e2d51), 0x85ebca6b);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** By index, from the start, which is left out, to the state. */
export function pathTo(set: StateSet, index: number): number[] {
  const path: number[] = [];
  for (let at = index; at > 0; at = set.parentOf(at)) path.unshift(at);
  return path;
}

export function rowAt(set: StateSet, index: number): Int32Array {
  const row = new Int32Array(set.width);
  set.read(index, row);
  return row;
}
