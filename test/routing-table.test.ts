/**
 * Goal: CT-10: the table tells where each connection is, whatever order the reports of its owners
 * come in.
 * Method: every order of a connection's reports, told to a table, ends in the same rows.
 */
import { expect, test } from 'vitest';
import type { ConnectionDescription, Epoch, NodeId, VipaName } from '#actors/vocabulary';
import { RoutingTable } from '#internal/transfer/routing-table';

const connection = (number: number, epoch: number): ConnectionDescription => ({
  origin: 'edge' as NodeId,
  number,
  vipa: 'chat' as VipaName,
  tuple: { clientAddress: '127.0.0.1', clientPort: number, address: '127.0.0.1', port: 7_000 },
  epoch: epoch as Epoch,
  hops: epoch - 1,
  hopsSilent: 1,
});

type Report = (table: RoutingTable) => void;
const moved =
  (epoch: number, owner: string, number = 1): Report =>
  (table) =>
    table.move({
      connection: connection(number, epoch),
      owner: owner as NodeId,
      carrier: 'descriptor',
      movedAtMs: epoch,
    });
const ended =
  (epoch: number, number = 1): Report =>
  (table) =>
    table.end(number, epoch as Epoch);

const ordersOf = (reports: readonly Report[]): Report[][] =>
  reports.length === 0
    ? [[]]
    : reports.flatMap((first) =>
        ordersOf(reports.filter((other) => other !== first)).map((rest) => [first, ...rest]),
      );

const rowsAfter = (reports: readonly Report[]) => {
  const table = new RoutingTable();
  for (const report of reports) report(table);
  return table.rows().map(({ owner, connection: { epoch } }) => `${owner} ${epoch}`);
};

test('CT-10 the highest epoch is the owner, in every order of the reports', () => {
  const orders = ordersOf([moved(2, 'hall-1'), moved(3, 'hall-2'), moved(4, 'hall-1')]);
  expect(orders).toHaveLength(6);
  for (const order of orders) expect(rowsAfter(order)).toEqual(['hall-1 4']);
});

test('CT-10 an ended connection has no row, in every order of the reports', () => {
  const orders = ordersOf([moved(2, 'hall-1'), moved(3, 'hall-2'), ended(3)]);
  for (const order of orders) expect(rowsAfter(order)).toEqual([]);
});

test('CT-10 an end that an earlier owner tells is not the end', () => {
  expect(rowsAfter([moved(2, 'hall-1'), moved(3, 'hall-2'), ended(2)])).toEqual(['hall-2 3']);
});

test('CT-10 what a lost node owned has ended, and its late reports change nothing', () => {
  const table = new RoutingTable();
  for (const report of [moved(2, 'hall-1', 1), moved(2, 'hall-2', 2), moved(2, 'hall-1', 3)]) {
    report(table);
  }
  expect(table.endAllOf('hall-1' as NodeId)).toBe(2);
  moved(2, 'hall-1', 3)(table);
  expect(table.rows().map(({ connection: { number } }) => number)).toEqual([2]);
  expect(table.size).toBe(1);
});

test('CT-10 the ends that are remembered are bounded', () => {
  const table = new RoutingTable();
  for (let number = 1; number <= 70_000; number += 1) ended(2, number)(table);
  moved(2, 'hall-1', 1)(table); // Forgotten: its stragglers must be in by now.
  moved(2, 'hall-1', 70_000)(table); // Remembered.
  expect(table.rows().map(({ connection: { number } }) => number)).toEqual([1]);
});
