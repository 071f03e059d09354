/**
 * Goal: tables become equal whatever comes in whatever order, how often ever: merging is
 * commutative, associative and idempotent, tombstones included, and equal rows have equal hashes
 * (CM-2, CM-5). Method: random rows of few nodes, incarnations and versions, so that they meet
 * often, by fast-check.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  emptyTable,
  hashText,
  joined,
  merged,
  rowOf,
  rowsOf,
  without,
  type AddressTable,
} from '#internal/messaging/address-table';
import {
  keyOf,
  readDigests,
  readDifferingBuckets,
  writeBuckets,
  writeDigests,
} from '#internal/messaging/digest';
import { orderFor, responsibleFor } from '#internal/messaging/responsibilities';
import { compareRows, readRow, rowStatuses, writeRow, type Row } from '#internal/messaging/row';
import { ByteReader, ByteWriter } from '#internal/wire/bytes';
import type { NodeId } from '#actors/vocabulary';

/** Its adapters follow from its stamp: one owner writes one row of each version. */
const rowArbitrary: fc.Arbitrary<Row> = fc
  .record({
    node: fc.constantFrom('a', 'b', 'c', 'd', 'é', 'node-17').map((name) => name as NodeId),
    incarnation: fc.integer({ min: 0, max: 2 }),
    version: fc.integer({ min: 0, max: 2 }),
    status: fc.constantFrom(...rowStatuses),
  })
  .map((stamp) => ({ ...stamp, adapters: adaptersOf(stamp) }));
const adaptersOf = ({ incarnation, version }: Pick<Row, 'incarnation' | 'version'>) =>
  Array.from({ length: 1 + version }, (_, index) => ({
    address: `10.${incarnation}.${version}.${index + 1}`,
    port: 4_400 + index,
    ...(index === 0 ? {} : { dataPort: 5_000, router: '10.0.0.254' }),
    status: index === 0 ? ('up' as const) : ('down' as const),
    type: 'ethernet',
    mtu: 1_500,
    prefix: 24,
    classOfService: index,
  }));
const rowsArbitrary = fc.array(rowArbitrary, { maxLength: 24 });
const tableOf = (rows: readonly Row[]): AddressTable => rows.reduce(merged, emptyTable);
const shown = (table: AddressTable) => ({
  rows: rowsOf(table).toSorted((one, other) => (one.node < other.node ? -1 : 1)),
  hash: hashText(table.hash),
  size: table.size,
});
const holds = (property: fc.IRawProperty<unknown>) => fc.assert(property, { numRuns: 500 });

test('CM-5 merging is commutative', () =>
  holds(
    fc.property(rowsArbitrary, rowsArbitrary, (one, other) => {
      const [a, b] = [tableOf(one), tableOf(other)];
      expect(shown(joined(a, b))).toEqual(shown(joined(b, a)));
    }),
  ));
test('CM-5 merging is associative', () =>
  holds(
    fc.property(rowsArbitrary, rowsArbitrary, rowsArbitrary, (one, two, three) => {
      const [a, b, c] = [tableOf(one), tableOf(two), tableOf(three)];
      expect(shown(joined(joined(a, b), c))).toEqual(shown(joined(a, joined(b, c))));
    }),
  ));
test('CM-5 merging is idempotent: what is known changes nothing, not even the value', () =>
  holds(
    fc.property(rowsArbitrary, (rows) => {
      const table = tableOf(rows);
      expect(joined(table, table)).toBe(table);
      for (const row of rowsOf(table)) expect(merged(table, row)).toBe(table);
    }),
  ));
test('CM-5 of each node the latest row stays, whatever came before or after', () =>
  holds(
    fc.property(rowsArbitrary, fc.array(fc.nat(), { minLength: 24 }), (rows, numbers) => {
      const order = rows
        .map((row, index) => ({ row, key: numbers[index] ?? 0 }))
        .toSorted((one, other) => one.key - other.key)
        .map(({ row }) => row);
      expect(shown(tableOf(order))).toEqual(shown(tableOf(rows)));
      for (const row of rows) {
        expect(compareRows(rowOf(tableOf(rows), row.node)!, row)).toBeGreaterThanOrEqual(0);
      }
    }),
  ));
test('CM-5 equal hashes are of equal rows, and other rows have another', () =>
  holds(
    fc.property(rowsArbitrary, rowsArbitrary, (one, other) => {
      const [a, b] = [shown(tableOf(one)), shown(tableOf(other))];
      expect(a.hash === b.hash).toBe(JSON.stringify(a.rows) === JSON.stringify(b.rows));
    }),
  ));
test('CM-5 without a node it is what it would be had the node never been there', () =>
  holds(
    fc.property(rowsArbitrary, rowArbitrary, (rows, { node }) => {
      const others = rows.filter((row) => row.node !== node);
      expect(shown(without(tableOf(rows), node))).toEqual(shown(tableOf(others)));
    }),
  ));
test('CM-5 a tombstone replaces the row that it is of, and the next row the tombstone', () => {
  const row = { node: 'a' as NodeId, incarnation: 1, version: 1, status: 'present' } as const;
  const adapters = adaptersOf(row);
  const gone = { ...row, adapters, status: 'gone' } as const;
  const refuted = { ...row, adapters, version: 2 };
  const table = tableOf([gone, { ...row, adapters }, refuted, gone]);
  expect(rowsOf(table)).toEqual([refuted]);
  expect(rowsOf(tableOf([{ ...row, adapters }, gone]))).toEqual([gone]);
});

test('CM-2 a row is read as it was written', () =>
  holds(
    fc.property(rowArbitrary, (row) => {
      const writer = new ByteWriter(16);
      writeRow(writer, row);
      expect(readRow(new ByteReader(writer.take()))).toEqual(row);
    }),
  ));

describe('CM-5 digests', () => {
  test('CM-5 take 12 bytes a node, and tell every stamp', () =>
    holds(
      fc.property(rowsArbitrary, fc.nat(), (rows, salt) => {
        const table = tableOf(rows);
        const writer = new ByteWriter(16);
        writeDigests(writer, table, { salt });
        expect(writer.end).toBe(4 + 1 + 1 + 12 * table.size);
        const { stamps } = readDigests(new ByteReader(writer.take()));
        for (const row of rowsOf(table)) {
          const { incarnation, version, status } = row;
          expect(stamps.get(keyOf(row.node, salt))).toEqual({ incarnation, version, status });
        }
      }),
    ));
  test('CM-5 buckets that differ are those of the rows that do', () =>
    holds(
      fc.property(rowsArbitrary, rowsArbitrary, (one, other) => {
        const [a, b] = [tableOf(one), tableOf(other)];
        const writer = new ByteWriter(16);
        writeBuckets(writer, a);
        const found = readDifferingBuckets(new ByteReader(writer.take()), b);
        const differing = a.buckets.flatMap((bucket, index) =>
          JSON.stringify(bucket.hash) === JSON.stringify(b.buckets[index]?.hash) ? [] : [index],
        );
        expect(found).toEqual(differing);
      }),
    ));
});

describe('CM-8 responsibilities', () => {
  test('CM-8 equal tables give equal answers, in whatever order their rows came', () =>
    holds(
      fc.property(rowsArbitrary, fc.string(), (rows, duty) => {
        const [one, other] = [tableOf(rows), tableOf(rows.toReversed())];
        expect(orderFor(rowsOf(one), duty)).toEqual(orderFor(rowsOf(other), duty));
        expect(responsibleFor(rowsOf(one), duty)).toBe(orderFor(rowsOf(other), duty)[0]);
      }),
    ));
  test('CM-8 only a node that is present, with an adapter that is up, has a duty', () =>
    holds(
      fc.property(rowsArbitrary, fc.string(), (rows, duty) => {
        const table = tableOf(rows);
        const able = rowsOf(table).filter(({ status }) => status === 'present');
        const nodes = able.map(({ node }) => node);
        expect(orderFor(rowsOf(table), duty).toSorted()).toEqual(nodes.toSorted());
      }),
    ));
  test('CM-8 a node that leaves moves its own duties and no others', () =>
    holds(
      fc.property(rowsArbitrary, rowArbitrary, fc.string(), (rows, { node }, duty) => {
        const table = tableOf(rows);
        const before = orderFor(rowsOf(table), duty);
        const after = orderFor(rowsOf(without(table, node)), duty);
        expect(after).toEqual(before.filter((other) => other !== node));
      }),
    ));
});
