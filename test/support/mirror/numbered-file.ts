/**
 * A file of slots in which every state tells which writes it has: write `n` puts its number into
 * slot `n % slots`, with a tail that follows from it. So a file is a prefix of the writes, or not.
 */
import { readFileSync } from 'node:fs';

export const slots = 61;
const slotBytes = 1_000;

/** Where write `number` goes, and what it writes. The first is 1. */
export function slotOf(number: number): { offset: number; bytes: Buffer } {
  const bytes = Buffer.alloc(slotBytes, number & 0xff);
  bytes.writeUInt32LE(number, 0);
  return { offset: (number % slots) * slotBytes, bytes };
}

/** How many of the writes the file has, if it has exactly the first so many; else -1. */
export function prefixOf(path: string): number {
  const bytes = readFileSync(path);
  let most = 0;
  for (let at = 0; at + 4 <= bytes.length; at += slotBytes) {
    most = Math.max(most, bytes.readUInt32LE(at));
  }
  const expected = Buffer.alloc(slots * slotBytes);
  for (let number = Math.max(1, most - slots + 1); number <= most; number += 1) {
    const { offset, bytes: slot } = slotOf(number);
    slot.copy(expected, offset);
  }
  return bytes.equals(expected.subarray(0, bytes.length)) && isZero(expected, bytes.length)
    ? most
    : -1;
}

const isZero = (bytes: Buffer, from: number) => bytes.subarray(from).every((byte) => byte === 0);
