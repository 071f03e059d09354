/**
 * What one target misses, a bit a block, kept in a file beside the source: whatever becomes of the
 * source's process, every block that differs there is marked here. A mark is in the file before the
 * source is written; it is taken away later, many at a time, so that a block which is written again
 * and again costs no mark (as DRBD's activity log has it).
 *
 * | 0 "IPXDIRT1" | 8 bytes of a block, u32 | 12 zero | 16 bits, the least significant first |
 */
import { open, type FileHandle } from 'node:fs/promises';
import { readAll, writeAll } from './mirror-file.ts';

const magic = 'IPXDIRT1';
const headBytes = 16;

export class DirtyMap {
  readonly blockBytes: number;
  readonly #file: FileHandle;
  readonly #isDurable: boolean;
  /** What is missing now, and what the file says: never less. */
  #bits: Buffer;
  #stored: Buffer;
  #count = 0;
  #clears = 0;

  private constructor(file: FileHandle, bits: Buffer, blockBytes: number, isDurable: boolean) {
    this.#file = file;
    this.#bits = bits;
    this.#stored = Buffer.from(bits);
    this.#isDurable = isDurable;
    this.blockBytes = blockBytes;
    for (const byte of bits) this.#count += onesOf(byte);
  }

  /** `undefined` if there is none, or it cannot be read: then nothing is known of that target. */
  static async read(
    path: string,
    blockBytes: number,
    isDurable: boolean,
  ): Promise<DirtyMap | undefined> {
    const file = await open(path, 'r+').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (!file) return undefined;
    const { size } = await file.stat();
    const bytes = await readAll(file, 0, size);
    const isOurs = bytes.length >= headBytes && bytes.toString('latin1', 0, 8) === magic;
    if (isOurs && bytes.readUInt32LE(8) === blockBytes) {
      return new DirtyMap(file, Buffer.from(bytes.subarray(headBytes)), blockBytes, isDurable);
    }
    await file.close();
    return undefined;
  }

  /** A new one, in which nothing is marked. */
  static async create(path: string, blockBytes: number, isDurable: boolean): Promise<DirtyMap> {
    const file = await open(path, 'w+');
    const head = Buffer.alloc(headBytes);
    head.write(magic, 'latin1');
    head.writeUInt32LE(blockBytes, 8);
    await writeAll(file, head, 0);
    return new DirtyMap(file, Buffer.alloc(0), blockBytes, isDurable);
  }

  /** Blocks that are marked. */
  get count(): number {
    return this.#count;
  }
  /** Marks that were taken away and are still in the file. */
  get clears(): number {
    return this.#clears;
  }

  has(block: number): boolean {
    return ((this.#bits[block >> 3] ?? 0) & (1 << (block & 7))) !== 0;
  }

  /** The first marked block from `block` on, or -1. */
  next(block: number): number {
    const bits = this.#bits;
    for (let at = block >> 3; at < bits.length; at += 1) {
      let byte = bits[at] ?? 0;
      if (at === block >> 3) byte &= 0xff << (block & 7);
      if (byte !== 0) return at * 8 + (31 - Math.clz32(byte & -byte));
    }
    return -1;
  }

  /** The marks are in the file when it settles. Blocks from `first` to `last`. */
  async mark(first: number, last: number): Promise<void> {
    this.#reach(last);
    let least = Infinity;
    let most = -1;
    for (let block = first; block <= last; block += 1) {
      const [at, bit] = [block >> 3, 1 << (block & 7)];
      const byte = this.#bits[at] ?? 0;
      if ((byte & bit) === 0) {
        this.#bits[at] = byte | bit;
        this.#count += 1;
      }
      if (((this.#stored[at] ?? 0) & bit) !== 0) continue;
      this.#stored[at] = (this.#stored[at] ?? 0) | bit;
      least = Math.min(least, at);
      most = at;
    }
    if (most < 0) return;
    try {
      await this.#store(least, most + 1);
    } catch (error) {
      this.#stored.fill(0, least, most + 1); // Nobody knows what of it is there.
      throw error;
    }
  }

  /** Its target has the block. */
  clear(block: number): void {
    if (!this.has(block)) return;
    this.#bits[block >> 3] = (this.#bits[block >> 3] ?? 0) & ~(1 << (block & 7));
    this.#count -= 1;
    this.#clears += 1;
  }

  clearAll(): void {
    this.#clears += this.#count;
    this.#bits.fill(0);
    this.#count = 0;
  }

  /** The file says no more than what is missing. Never while `mark` is under way. */
  async trim(): Promise<void> {
    if (this.#clears === 0) return;
    this.#clears = 0;
    this.#stored = Buffer.from(this.#bits);
    await this.#store(0, this.#stored.length);
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #store(from: number, to: number): Promise<void> {
    await writeAll(this.#file, this.#stored.subarray(from, to), headBytes + from);
    if (this.#isDurable) await this.#file.datasync();
  }

  #reach(block: number): void {
    const bytes = (block >> 3) + 1;
    if (bytes <= this.#bits.length) return;
    const larger = Buffer.alloc(Math.max(bytes, this.#bits.length * 2, 64));
    this.#bits = Buffer.concat([this.#bits, larger.subarray(this.#bits.length)]);
    this.#stored = Buffer.concat([this.#stored, larger.subarray(this.#stored.length)]);
  }
}

function onesOf(byte: number): number {
  let ones = 0;
  for (let rest = byte; rest !== 0; rest &= rest - 1) ones += 1;
  return ones;
}
