/**
 * What two tables tell each other before any row is sent (CM-5), as Scuttlebutt does (van Renesse
 * and others, 2008): 12 bytes a node while the cluster is small, else first 4 bytes a bucket, then
 * the digests of the buckets that differ.
 *
 * A node's digest is a key of its name (32 bits), its incarnation (40), version (22) and status
 * (2). Keys are salted anew each time: two names that share one are told apart by the next
 * heartbeat.
 */
import type { NodeId } from '../../actors/vocabulary.ts';
import { bucketCount, type AddressTable } from './address-table.ts';
import { rowStatuses, type Row, type Stamp } from './row.ts';
import { Malformed, type ByteReader, type ByteWriter } from '../wire/bytes.ts';

/** Beyond that, buckets first: 100 digests fill a datagram of 1,400 bytes. */
export const smallClusterMax = 100;

export interface Digests {
  readonly salt: number;
  /** Which buckets are told of; all, if there is none here. */
  readonly buckets: readonly number[] | undefined;
  readonly stamps: ReadonlyMap<number, Stamp>;
}

/** FNV-1a over the name's characters. */
export function keyOf(node: NodeId, salt: number): number {
  let key = 0x811c9dc5 ^ salt;
  for (let index = 0; index < node.length; index += 1) {
    key = Math.imul(key ^ node.charCodeAt(index), 0x01000193);
  }
  return key >>> 0;
}

const digestBytes = 12;

/** Writes the digests of all rows, or of those in some buckets. */
export function writeDigests(
  writer: ByteWriter,
  table: AddressTable,
  { salt, buckets }: { salt: number; buckets?: readonly number[] },
): void {
  writer.fixed(salt, 4);
  writer.byte(buckets?.length ?? 0);
  for (const bucket of buckets ?? []) writer.byte(bucket);
  const told = buckets?.map((index) => table.buckets[index]) ?? table.buckets;
  writer.varint(told.reduce((sum, bucket) => sum + (bucket?.rows.size ?? 0), 0));
  for (const bucket of told) {
    for (const row of bucket?.rows.values() ?? []) writeStamp(writer, row, salt);
  }
}

function writeStamp(writer: ByteWriter, row: Row, salt: number): void {
  writer.fixed(keyOf(row.node, salt), 4);
  writer.fixed(row.incarnation, 5);
  writer.fixed(row.version * 4 + rowStatuses.indexOf(row.status), 3);
}

/** The inverse. Throws `Malformed`. */
export function readDigests(reader: ByteReader): Digests {
  const salt = reader.fixed(4);
  const buckets = Array.from({ length: reader.byte() }, () => bucketIn(reader));
  const stamps = new Map<number, Stamp>();
  for (let count = reader.count(digestBytes); count > 0; count -= 1) {
    const key = reader.fixed(4);
    const incarnation = reader.fixed(5);
    const word = reader.fixed(3);
    const status = rowStatuses[word % 4];
    if (status === undefined) throw new Malformed('a status');
    stamps.set(key, { incarnation, version: word >> 2, status });
  }
  return { salt, buckets: buckets.length === 0 ? undefined : buckets, stamps };
}

function bucketIn(reader: ByteReader): number {
  const bucket = reader.byte();
  if (bucket < bucketCount) return bucket;
  throw new Malformed(`bucket ${bucket}`);
}

/** The low lane of each bucket's hash. */
export function writeBuckets(writer: ByteWriter, table: AddressTable): void {
  for (const { hash } of table.buckets) writer.fixed(hash.low >>> 0, 4);
}

/** The buckets in which the sender's table differs from this one. Throws `Malformed`. */
export function readDifferingBuckets(reader: ByteReader, table: AddressTable): number[] {
  const differing: number[] = [];
  for (const [index, { hash }] of table.buckets.entries()) {
    if (reader.fixed(4) !== hash.low >>> 0) differing.push(index);
  }
  return differing;
}
