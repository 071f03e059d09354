/** Whether a replica has the bytes of its source, by sums of both, range by range (DP-10). */
import { createHash } from 'node:crypto';
import { bounds } from './mirror-bounds.ts';
import type { Comparison } from './mirror-sums.ts';

export interface Verification {
  readonly isEqual: boolean;
  /** Bytes that were compared. */
  readonly bytes: number;
  /** Where they differ; neighbouring blocks as one range. Bounded: the first 1,000. */
  readonly ranges: readonly { readonly offset: number; readonly length: number }[];
  /** SHA-256 over the SHA-256 sums of the source's blocks, in hexadecimal. */
  readonly digest: string;
}

export async function verification(
  compare: (offset: number, bytes: number) => Promise<Comparison>,
  blockBytes: number,
): Promise<Verification> {
  const rangeBytes = Math.max(blockBytes, bounds.sumsBytes);
  const digest = createHash('sha256');
  const ranges: { offset: number; length: number }[] = [];
  let offset = 0;
  let isEqual = true;
  let length = 0;
  do {
    const { differing, ownLength, otherLength, sums } = await compare(offset, rangeBytes);
    digest.update(sums);
    for (const block of differing) {
      isEqual = false;
      const at = block * blockBytes;
      const last = ranges.at(-1);
      if (last && last.offset + last.length === at) last.length += blockBytes;
      else if (ranges.length < bounds.rangesMax) ranges.push({ offset: at, length: blockBytes });
    }
    if (ownLength !== otherLength) isEqual = false;
    length = Math.max(ownLength, otherLength);
    offset += rangeBytes;
  } while (offset < length);
  return { isEqual, bytes: length, ranges, digest: digest.digest('hex') };
}
