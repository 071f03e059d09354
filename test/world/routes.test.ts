/**
 * Goal: CT-10: each transferred connection has a row at the stack that accepted it and a copy that
 * outlives that stack; it tells where the connection is, and goes when the client goes.
 * Method: rows are read from the cluster (the copy) and, through `startNode`, from a stack itself.
 */
import type { NodeId } from '#actors/vocabulary';
import { parseConfiguration } from '#internal/cluster/configuration';
import { NodeRuntime } from '#internal/cluster/node-runtime';
import { sharedMemory } from '#internal/cluster/shared-memory';
import { TupleTable } from '#internal/ports/tuple-table';
import { startNode } from 'interplex';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { TestClient } from '../support/test-client.ts';
import { Testbed } from '../support/testbed.ts';
import { until } from '../support/until.ts';
import { applicationAt } from '../support/application-at.ts';

let bed: Testbed;
beforeAll(async () => {
  bed = await Testbed.start();
});
afterEach(() => bed.settle());
afterAll(() => bed.stop());

test('CT-10 a row tells the addresses, owner, epoch, hops, carrier and age', async () => {
  const client = await bed.connect();
  expect(bed.cluster.routes()).toEqual([]); // It has not moved.
  client.tell({ do: 'transfer', prefer: ['hall-1'] });
  await client.ask({ do: 'echo', text: 'there' });
  const [row, ...others] = bed.cluster.routes();
  expect(others).toEqual([]);
  expect(row).toMatchObject({
    clientAddress: '127.0.0.1',
    clientPort: client.socket.localPort,
    address: '127.0.0.1',
    port: bed.port,
    vipa: 'chat',
    origin: 'edge',
    owner: 'hall-1',
    epoch: 2,
    hops: 1,
    carrier: 'descriptor',
  });
  expect(row?.ageMs).toBeGreaterThanOrEqual(0);
  expect(row?.ageMs).toBeLessThan(5_000);
});

test('CT-10 a re-transfer changes the row, under a higher epoch', async () => {
  const client = await bed.connectTo('hall-1');
  const [{ number } = { number: 0 }] = bed.cluster.routes();
  client.tell({ do: 'transfer', prefer: ['hall-2'] });
  await client.ask({ do: 'echo', text: 'there' });
  expect(bed.cluster.routes()).toMatchObject([{ number, owner: 'hall-2', epoch: 3, hops: 2 }]);
});

test('CT-10 the row goes when the client leaves', async () => {
  const client = await bed.connectTo('hall-1');
  const other = await bed.connectTo('hall-2');
  client.reset();
  await until('its row is gone', () => bed.cluster.routes().length === 1);
  expect(bed.cluster.routes()).toMatchObject([{ clientPort: other.socket.localPort }]);
});

test('CT-10 the copy survives the stack that accepted the connection', async () => {
  const client = await bed.connectTo('hall-1');
  const before = bed.cluster.routes();
  await bed.cluster.kill('edge');
  const strip = (rows: ReturnType<typeof bed.cluster.routes>) =>
    rows.map((row) => ({ ...row, ageMs: 0 }));
  expect(strip(bed.cluster.routes())).toEqual(strip(before));
  await bed.cluster.restart('edge');
  const next = await bed.connectTo('hall-2');
  const numbers = bed.cluster.routes().map(({ number }) => number);
  expect(new Set(numbers).size).toBe(2); // The restored stack gives no number twice.
  client.socket.destroy();
  await until('its row is gone', () => bed.cluster.routes().length === 1);
  expect(bed.cluster.routes()).toMatchObject([{ clientPort: next.socket.localPort }]);
});

test('CT-10 a stack lists its own rows', async () => {
  const steered = applicationAt('steered');
  const node = await startNode({
    id: 'alone',
    applications: { lobby: steered, room: steered },
    run: ['room'],
    vipas: { chat: { address: '127.0.0.1', port: 0, routing: 'lobby' } },
    log: { level: 'silent' },
  });
  const client = await TestClient.connect(node.endpoints[0]?.port ?? 0);
  client.tell({ do: 'transfer' });
  expect(await client.ask({ do: 'who' })).toMatchObject({ role: 'target', node: 'alone', hops: 1 });
  expect(node.routes()).toMatchObject([
    { owner: 'alone', carrier: 'descriptor', connection: { epoch: 2, hops: 1, origin: 'alone' } },
  ]);
  client.socket.end();
  await client.over();
  await until('its row is gone', () => node.routes().length === 0);
  await node.stop();
});

test('CT-10 a stack that comes back has its rows again, but of what ended meanwhile', async () => {
  const configuration = parseConfiguration({
    applications: { lobby: 'lobby.js' }, // Loaded at its owner only, which this is not.
    nodes: { edge: {}, hall: {} },
    vipas: { chat: { address: '127.0.0.1', port: 0, routing: 'lobby', owner: 'hall' } },
  });
  const memory = sharedMemory(configuration);
  const copies = new TupleTable(memory.routes, 1);
  const row = { origin: 0, owner: 1, vipa: 0, carrier: 1, epoch: 2, hops: 1, movedAtMs: 1 };
  const tuple = (clientPort: number) => {
    return { clientAddress: '127.0.0.1', clientPort, address: '127.0.0.1', port: 7_000 };
  };
  for (const number of [1, 2]) copies.put(tuple(number), { ...row, number });
  const node = new NodeRuntime({
    id: 'edge' as NodeId,
    configuration,
    memory,
    held: new Map(),
    living: ['edge', 'hall'] as NodeId[],
    log: pino({ level: 'silent' }),
    onFailure: () => undefined,
    onOpen: () => undefined,
  });
  copies.remove(tuple(1), { ...row, number: 1 }); // It has no links yet: nobody tells it.
  await node.start();
  expect(node.routes.table.rows()).toMatchObject([
    { owner: 'hall', carrier: 'descriptor', movedAtMs: 1, connection: { number: 2, epoch: 2 } },
  ]);
  await node.stop();
});
