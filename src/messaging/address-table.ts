/**
 * The cluster destination address table as a value (CM-2, CM-5): merging gives another one, and is
 * commutative, associative and idempotent, because of two rows of a node the later one stays. Rows
 * lie in buckets by their node's name, so that two tables compare by the hash of each bucket, and a
 * change copies one bucket. Hashes are sums over rows: equal rows, equal hash, in whatever order.
 */
import { createHash } from 'node:crypto';
import type { NodeId } from '../../actors/vocabulary.ts';
import { compareRows, hashOf, type Hash, type Row } from './row.ts';

export const bucketCount = 64;

interface Bucket {
  readonly rows: ReadonlyMap<NodeId, Row>;
  readonly hash: Hash;
}
export interface AddressTable {
  readonly buckets: readonly Bucket[];
  readonly size: number;
  /** Of all rows. */
  readonly hash: Hash;
}

const zero: Hash = { high: 0, low: 0 };
const emptyBucket: Bucket = { rows: new Map(), hash: zero };
export const emptyTable: AddressTable = {
  buckets: Array.from({ length: bucketCount }, () => emptyBucket),
  size: 0,
  hash: zero,
};

const bucketOf = new Map<NodeId, number>();
/** Names are few and come again; but who sends ever new ones shall not fill the memory. */
const namesKept = 65_536;

function bucketFor(node: NodeId): number {
  const known = bucketOf.get(node);
  if (known !== undefined) return known;
  if (bucketOf.size >= namesKept) bucketOf.clear();
  const bucket = (createHash('sha256').update(node).digest()[0] ?? 0) % bucketCount;
  bucketOf.set(node, bucket);
  return bucket;
}

export const rowOf = (table: AddressTable, node: NodeId): Row | undefined =>
  table.buckets[bucketFor(node)]?.rows.get(node);

export const rowsOf = (table: AddressTable): Row[] =>
  table.buckets.flatMap(({ rows }) => [...rows.values()]);

/** The table with this row, unless it has a later one: then the same table. */
export function merged(table: AddressTable, row: Row): AddressTable {
  const index = bucketFor(row.node);
  const bucket = table.buckets[index] ?? emptyBucket;
  const former = bucket.rows.get(row.node);
  if (former && compareRows(row, former) <= 0) return table;
  const change = minus(hashOf(row), former ? hashOf(former) : zero);
  const rows = new Map(bucket.rows).set(row.node, row);
  return replaced(table, index, rows, change);
}

/** The table without the node's row: of an expired tombstone. */
export function without(table: AddressTable, node: NodeId): AddressTable {
  const index = bucketFor(node);
  const bucket = table.buckets[index] ?? emptyBucket;
  const former = bucket.rows.get(node);
  if (!former) return table;
  const rows = new Map(bucket.rows);
  rows.delete(node);
  return replaced(table, index, rows, minus(zero, hashOf(former)));
}

/** All rows of both. */
export const joined = (one: AddressTable, other: AddressTable): AddressTable =>
  rowsOf(other).reduce(merged, one);

/** 16 hexadecimal digits: equal on two nodes when their tables are. */
export const hashText = ({ high, low }: Hash): string => `${hexadecimal(high)}${hexadecimal(low)}`;

export const isSameHash = (one: Hash, other: Hash): boolean =>
  one.high === other.high && one.low === other.low;

function replaced(
  table: AddressTable,
  index: number,
  rows: ReadonlyMap<NodeId, Row>,
  change: Hash,
): AddressTable {
  const bucket = table.buckets[index] ?? emptyBucket;
  return {
    buckets: table.buckets.with(index, { rows, hash: plus(bucket.hash, change) }),
    size: table.size + rows.size - bucket.rows.size,
    hash: plus(table.hash, change),
  };
}

/** Lanes of 32 bits, each by itself: enough to tell tables apart, and its own inverse exists. */
const plus = (one: Hash, other: Hash): Hash => ({
  high: (one.high + other.high) | 0,
  low: (one.low + other.low) | 0,
});
const minus = (one: Hash, other: Hash): Hash => ({
  high: (one.high - other.high) | 0,
  low: (one.low - other.low) | 0,
});
const hexadecimal = (lane: number) => (lane >>> 0).toString(16).padStart(8, '0');
