/** Sums of a file's blocks on both sides: where they are alike, so are the bytes (DP-10). */
import { sumsOf } from './mirror-replica.ts';

const sumBytes = 32;

/** What a replica answers: its sums of the range, and how long it is. */
export interface Summed {
  readonly sums: Buffer;
  readonly length: number;
}
export interface Comparison {
  /** Blocks of the range that differ, or are there on one side only. */
  readonly differing: readonly number[];
  readonly ownLength: number;
  readonly otherLength: number;
  /** The sums of the source. */
  readonly sums: Buffer;
}

export function comparisonOf(
  offset: number,
  blockBytes: number,
  own: Buffer,
  ownLength: number,
  { sums: others, length: otherLength }: Summed,
): Comparison {
  const sums = sumsOf(own, blockBytes);
  const differing: number[] = [];
  const first = offset / blockBytes;
  const count = Math.max(sums.length, others.length) / sumBytes;
  for (let index = 0; index < count; index += 1) {
    const [from, to] = [index * sumBytes, (index + 1) * sumBytes];
    if (!sums.subarray(from, to).equals(others.subarray(from, to))) differing.push(first + index);
  }
  return { differing, ownLength, otherLength, sums };
}

/** Sums that were asked for, by the offset of their range. */
export class SumsWishes {
  readonly #open = new Map<number, { take(summed: Summed): void; fail(error: Error): void }[]>();

  make(offset: number): Promise<Summed> {
    const answer = new Promise<Summed>((take, fail) => {
      this.#open.set(offset, [...(this.#open.get(offset) ?? []), { take, fail }]);
    });
    void Promise.allSettled([answer]); // Whoever asked may be gone before it is refused.
    return answer;
  }

  answer(offset: number, summed: Summed): void {
    const [next, ...rest] = this.#open.get(offset) ?? [];
    if (rest.length === 0) this.#open.delete(offset);
    else this.#open.set(offset, rest);
    next?.take(summed);
  }

  end(error: Error): void {
    for (const waiting of this.#open.values()) for (const wish of waiting) wish.fail(error);
    this.#open.clear();
  }
}
