/**
 * What a datagram's body holds: who sends it and to whom, then frames to its end.
 *
 * ```
 * body     name of the sender (text) · its incarnation (5) · session of the receiver (8, or zeros)
 * ping     number (varint)                    wants a pong over the same way
 * pong     number
 * summary  flags (1: asks, 2: with buckets) · hash of the table (4, 4) · 64 × low hash (4)
 * digests  isLast (1) · see `digest`
 * rows     count (varint) · (age in ms of a tombstone (varint), row)*
 * segment  epoch (varint) · offset (6) · block: of the stream of reliable messages
 * ack      epoch · received up to (6) · count · (gap, length: varints)*: what was received beyond
 * message  block: one that may be lost
 * fragment number (varint) · index · count · block: of such a message
 * seek     name: look whether this node answers
 * found    name: it does
 * claim    1 if it is a verdict: the receiver goes · age in ms (varint): to another of this name
 * ```
 *
 * Frames are append only. What must not be taken twice (segment, ack, message, fragment) counts
 * only when the receiver's session is named.
 */
import type { NodeId } from '../../actors/vocabulary.ts';
import { limits } from '../limits.ts';
import { Malformed, type ByteReader, type ByteWriter } from '../wire/bytes.ts';
import { readRow, writeRow, type Row } from './row.ts';

export const frames = {
  ping: 1,
  pong: 2,
  summary: 3,
  digests: 4,
  rows: 5,
  segment: 6,
  ack: 7,
  message: 8,
  fragment: 9,
  seek: 10,
  found: 11,
  claim: 12,
} as const;

/** Bytes of a frame beside its block: type, varints, offset, length. */
export const frameOverhead = 24;

export interface Sender {
  readonly node: NodeId;
  readonly incarnation: number;
  /** The session that the sender takes the receiver to be in. */
  readonly to: string;
}

export const nobody = '\0'.repeat(8);

export function writeSender(writer: ByteWriter, { node, incarnation, to }: Sender): void {
  writer.text(node);
  writer.fixed(incarnation, 5);
  writer.reserve(8);
  writer.bytes.write(to, writer.end, 'latin1');
  writer.end += 8;
}

/** Throws `Malformed`. */
export function readSender(reader: ByteReader): Sender {
  const node = reader.text() as NodeId;
  if (node.length === 0 || node.length > limits.nameLengthMax) throw new Malformed('a name');
  const incarnation = reader.fixed(5);
  return { node, incarnation, to: reader.raw(8).toString('latin1') };
}

export function writeNumbered(writer: ByteWriter, type: number, number: number): void {
  writer.byte(type);
  writer.varint(number);
}

export function writeNamed(writer: ByteWriter, type: number, node: NodeId): void {
  writer.byte(type);
  writer.text(node);
}

/** A row on its way, with how long it has been a tombstone. */
export interface AgedRow {
  readonly row: Row;
  readonly ageMs: number;
}

export function writeRows(writer: ByteWriter, rows: readonly AgedRow[]): void {
  writer.byte(frames.rows);
  writer.varint(rows.length);
  for (const { row, ageMs } of rows) {
    writer.varint(Math.round(ageMs));
    writeRow(writer, row);
  }
}

/** Throws `Malformed`. */
export function readRows(reader: ByteReader): AgedRow[] {
  return Array.from({ length: reader.count(12) }, () => {
    const ageMs = reader.varint();
    return { ageMs, row: readRow(reader) };
  });
}

/** A piece of the stream of reliable messages to one receiver. */
export interface Segment {
  readonly epoch: number;
  readonly offset: number;
  readonly bytes: Buffer;
}

export function writeSegment(writer: ByteWriter, { epoch, offset, bytes }: Segment): void {
  writer.byte(frames.segment);
  writer.varint(epoch);
  writer.fixed(offset, 6);
  writer.block(bytes);
}

/** Throws `Malformed`. */
export const readSegment = (reader: ByteReader): Segment => ({
  epoch: reader.varint(),
  offset: reader.fixed(6),
  bytes: reader.block(),
});

export interface Ack {
  readonly epoch: number;
  /** All before it is received. */
  readonly upTo: number;
  /** Received beyond it, in order: from and to, in turn. */
  readonly ranges: readonly number[];
}

/** Whether all of these bytes of the stream are received, as it tells. */
export function tellsOf(
  { upTo, ranges }: Ack,
  { offset, bytes }: Pick<Segment, 'offset' | 'bytes'>,
): boolean {
  const end = offset + bytes.length;
  if (end <= upTo) return true;
  for (let index = 0; index < ranges.length; index += 2) {
    if (offset >= (ranges[index] ?? 0) && end <= (ranges[index + 1] ?? 0)) return true;
  }
  return false;
}

/** Ranges that one acknowledgement tells: what it leaves out the next one has. */
const ackRangesMax = 16;

export function writeAck(writer: ByteWriter, { epoch, upTo, ranges }: Ack): void {
  writer.byte(frames.ack);
  writer.varint(epoch);
  writer.fixed(upTo, 6);
  const count = Math.min(ranges.length / 2, ackRangesMax);
  writer.varint(count);
  let last = upTo;
  for (const bound of ranges.slice(0, count * 2)) {
    writer.varint(bound - last);
    last = bound;
  }
}

/** Throws `Malformed`. */
export function readAck(reader: ByteReader): Ack {
  const epoch = reader.varint();
  const upTo = reader.fixed(6);
  let last = upTo;
  const ranges = Array.from({ length: reader.count(2) * 2 }, () => {
    last += reader.varint();
    return last;
  });
  return { epoch, upTo, ranges };
}

/** How long the sender has lived, said to another node of its name. */
export interface Claim {
  readonly isVerdict: boolean;
  readonly ageMs: number;
}

export function writeClaim(writer: ByteWriter, { isVerdict, ageMs }: Claim): void {
  writer.byte(frames.claim);
  writer.byte(isVerdict ? 1 : 0);
  writer.varint(ageMs);
}

/** Throws `Malformed`. */
export const readClaim = (reader: ByteReader): Claim => ({
  isVerdict: reader.byte() === 1,
  ageMs: reader.varint(),
});

export interface Fragment {
  readonly number: number;
  readonly index: number;
  readonly count: number;
  readonly bytes: Buffer;
}

export function writeFragment(writer: ByteWriter, fragment: Fragment): void {
  writer.byte(frames.fragment);
  writer.varint(fragment.number);
  writer.varint(fragment.index);
  writer.varint(fragment.count);
  writer.block(fragment.bytes);
}

/** Throws `Malformed`. */
export function readFragment(reader: ByteReader): Fragment {
  const number = reader.varint();
  const index = reader.varint();
  const count = reader.varint();
  if (index >= count || count > limits.fragmentsMax) throw new Malformed('a fragment');
  return { number, index, count, bytes: reader.block() };
}
