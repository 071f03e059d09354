/**
 * A file that others write (DP-10): what they did is found by sums of its blocks, whenever it was
 * modified. In which order they wrote is not to be known, so a replica of it is level only once the
 * file stood still for a whole look at it.
 */
import { stat } from 'node:fs/promises';
import { bounds } from './mirror-bounds.ts';
import { sumsOf } from './mirror-replica.ts';
import type { MirrorSource } from './mirror-source.ts';

export class FileWatch {
  readonly #source: MirrorSource;
  readonly #onFailure: (error: unknown) => void;
  readonly #timer: NodeJS.Timeout;
  #sums: Buffer = Buffer.alloc(0);
  #length = 0;
  #seenNs = '';
  #looking: Promise<void> = Promise.resolve();
  #isLooking = false;

  constructor(source: MirrorSource, onFailure: (error: unknown) => void) {
    this.#source = source;
    this.#onFailure = onFailure;
    this.#timer = setInterval(() => void this.#lookNow(), bounds.lookMs);
  }

  /** Settles when what has changed since the last look is marked. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look());
    return this.#looking;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #lookNow(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      await this.look();
    } catch (error) {
      this.close();
      this.#onFailure(error);
    }
    this.#isLooking = false;
  }

  async #look(): Promise<void> {
    const { mtimeNs, size } = await stat(this.#source.path, { bigint: true });
    const seen = `${mtimeNs} ${size}`;
    if (seen === this.#seenNs) return;
    // Within one tick of the file system's clock there may be a change that has the same time.
    const ageMs = Date.now() - Number(mtimeNs / 1_000_000n);
    this.#seenNs = ageMs > bounds.tickMs ? seen : '';
    const changed = await this.#changedRanges(Number(size));
    if (changed.length > 0) await this.#source.markChanged(changed);
  }

  async #changedRanges(length: number): Promise<(readonly [offset: number, length: number])[]> {
    const { blockBytes } = this.#source;
    const rangeBytes = Math.max(blockBytes, bounds.sumsBytes);
    const former = this.#sums;
    const sums: Buffer[] = [];
    const changed: [number, number][] = [];
    for (let offset = 0; offset < length; offset += rangeBytes) {
      const own = sumsOf(await this.#source.read(offset, rangeBytes), blockBytes);
      sums.push(own);
      for (let at = 0; at < own.length; at += 32) {
        const place = (offset / blockBytes) * 32 + at;
        if (own.subarray(at, at + 32).equals(former.subarray(place, place + 32))) continue;
        changed.push([offset + (at / 32) * blockBytes, blockBytes]);
      }
    }
    if (length < this.#length) changed.push([length, this.#length - length]);
    this.#sums = Buffer.concat(sums);
    this.#length = length;
    return changed;
  }
}
