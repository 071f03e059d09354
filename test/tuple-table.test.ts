/**
 * Goal: CT-10: the shared copy of the routing table holds what was put and no more, by 4-tuple, and
 * what a dead node owned or was writing can be cleared away.
 * Method: a plain Map as the model over many random steps; then threads of one memory that write
 * and read at once.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import type { Tuple } from '#actors/vocabulary';
import { limits } from '#internal/limits';
import { TupleTable, tupleTableMemory, type TupleRow } from '#internal/ports/tuple-table';

const tuple = (clientPort: number, clientAddress = '192.0.2.7'): Tuple => ({
  clientAddress,
  clientPort,
  address: '127.0.0.1',
  port: 443,
});
const row = (changes: Partial<TupleRow> = {}): TupleRow => ({
  origin: 3,
  owner: 5,
  vipa: 2,
  carrier: 1,
  number: 7,
  epoch: 2,
  hops: 1,
  movedAtMs: 1_763_650_000_123,
  ...changes,
});
const rowsOf = (table: TupleTable) =>
  [...table.rows()].toSorted((a, b) => a.tuple.clientPort - b.tuple.clientPort);

/** A fair enough sequence that is the same in every run (Park and Miller). */
function sequence(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

test('CT-10 a row comes back as it was put, at the ends of every field', () => {
  const table = new TupleTable(tupleTableMemory(), 0);
  const largest = { origin: 255, owner: 255, vipa: 255, carrier: 255, number: 2 ** 32 - 1 };
  const least = { origin: 0, owner: 0, vipa: 0, carrier: 0, number: 0, hops: 0, movedAtMs: 0 };
  for (const [port, given] of [
    [1, row()],
    [2, row({ ...largest, epoch: 2 ** 32 - 1, hops: 2 ** 24 - 1, relayedBy: 254 })],
    [65_535, row({ ...least, relayedBy: 0 })],
  ] as const) {
    expect(table.put(tuple(port), given)).toBe(true);
    expect(table.get(tuple(port))).toEqual(given);
  }
  expect(rowsOf(table)).toHaveLength(3);
  expect([0, 1, 254].map((node) => table.countRelayedBy(node))).toEqual([1, 0, 1]);
});

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['2001:db8::1', '2001:db8::1'],
  ['::1', '::1'],
  ['::ffff:192.0.2.7', '192.0.2.7'], // As a socket of both kinds shows an IPv4 client.
])('CT-10 an address %s is kept as %s', (given, kept) => {
  const table = new TupleTable(tupleTableMemory(), 0);
  table.put(tuple(1, given), row());
  expect(rowsOf(table)[0]?.tuple).toEqual(tuple(1, kept));
  expect(table.get(tuple(1, kept))).toEqual(row());
  expect(table.get(tuple(2, kept))).toBeUndefined();
});

test('CT-10 over many random steps it holds what a map holds', () => {
  const table = new TupleTable(tupleTableMemory(), 0);
  const model = new Map<number, TupleRow>();
  const random = sequence(1);
  for (let step = 0; step < 20_000; step += 1) {
    const port = 1 + random(500);
    if (random(3) === 0) {
      table.remove(tuple(port), model.get(port) ?? row());
      model.delete(port);
    } else {
      const given = row({ epoch: step, owner: random(4), number: port });
      if (table.put(tuple(port), given)) model.set(port, given);
    }
  }
  const kept = Array.from({ length: 500 }, (_, index) => index + 1);
  expect(kept.map((port) => table.get(tuple(port)))).toEqual(kept.map((port) => model.get(port)));
  expect(rowsOf(table).map(({ tuple: { clientPort } }) => clientPort)).toEqual(
    [...model.keys()].toSorted((a, b) => a - b),
  );
});

test('CT-10 the end of an earlier connection, or of an earlier epoch, removes nothing', () => {
  const table = new TupleTable(tupleTableMemory(), 0);
  table.put(tuple(1), row({ epoch: 4 }));
  table.remove(tuple(1), row({ epoch: 3 }));
  table.remove(tuple(1), row({ epoch: 9, number: 8 }));
  table.remove(tuple(1), row({ epoch: 9, origin: 4 }));
  expect(table.get(tuple(1))).toEqual(row({ epoch: 4 }));
  table.remove(tuple(1), row({ epoch: 4 }));
  expect(table.get(tuple(1))).toBeUndefined();
});

test('CT-10 the rows of a dead node go, those of others stay', () => {
  const table = new TupleTable(tupleTableMemory(), 0);
  for (let port = 1; port <= 100; port += 1) table.put(tuple(port), row({ owner: port % 3 }));
  expect(table.removeOwnedBy(1)).toBe(34);
  expect(rowsOf(table)).toHaveLength(66);
  expect(rowsOf(table).some(({ row: { owner } }) => owner === 1)).toBe(false);
});

test('CT-10 a row that a dead node was writing is cleared, and its place used again', () => {
  const memory = tupleTableMemory();
  const table = new TupleTable(memory, 0);
  table.put(tuple(1), row());
  const words = new Int32Array(memory);
  const at = words.findIndex((word) => word > 0); // Its state word comes first.
  words[at] = -(2 + 6); // As node 6 leaves it in the middle of `put`.
  expect(table.get(tuple(1))).toBeUndefined();
  expect(rowsOf(table)).toEqual([]);
  expect(table.removeOwnedBy(5)).toBe(0);
  expect(table.removeOwnedBy(6)).toBe(1);
  expect(table.put(tuple(1), row({ epoch: 9 }))).toBe(true);
  expect(table.get(tuple(1))?.epoch).toBe(9);
});

test('CT-10 it is bounded: a row without a place is refused, and the others stay', () => {
  const table = new TupleTable(tupleTableMemory(), 0);
  let held = 0;
  let refused = 0;
  for (let number = 0; number < limits.routesMax + 5_000; number += 1) {
    const address = `10.${number >>> 16}.${(number >>> 8) & 255}.${number & 255}`;
    if (table.put(tuple(1_024, address), row({ number }))) held += 1;
    else refused += 1;
  }
  expect(refused).toBeGreaterThan(0);
  expect(rowsOf(table)).toHaveLength(held);
  expect(held).toBeGreaterThan(limits.routesMax * 0.9);
});

test('CT-10 rows that another thread writes meanwhile are read whole or not at all', async () => {
  const memory = tupleTableMemory();
  const table = new TupleTable(memory, 0);
  const writer = new Worker(
    `const { workerData, parentPort } = require('node:worker_threads');
     import(workerData.table).then(({ TupleTable }) => {
       const table = new TupleTable(workerData.memory, 1);
       const tuple = { clientAddress: '192.0.2.7', clientPort: 1, address: '127.0.0.1', port: 443 };
       parentPort.postMessage('writing');
       for (let n = 1; n <= 50000; n += 1) {
         const row = { origin: 1, owner: 1, vipa: 1, carrier: 1 };
         table.put(tuple, { ...row, number: n, epoch: n, hops: n, movedAtMs: n });
       }
     });`,
    {
      eval: true,
      workerData: { memory, table: import.meta.resolve('#internal/ports/tuple-table') },
    },
  );
  await once(writer, 'message');
  let whole = 0;
  let last = 0;
  const torn: TupleRow[] = [];
  while (last < 50_000) {
    const found = table.get(tuple(1));
    if (!found) continue; // It is being written.
    const { number, epoch, hops, movedAtMs } = found;
    if ([epoch, hops, movedAtMs].some((other) => other !== number) || number < last) {
      torn.push(found);
    }
    last = number;
    whole += 1;
  }
  expect(torn).toEqual([]);
  expect(whole).toBeGreaterThan(1);
  await once(writer, 'exit');
});
