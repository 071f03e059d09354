/**
 * Goal: CT-12: an application need not run in the process of the stack that holds its clients: what
 * it says to that stack crosses an authenticated socket, and nobody else is heard there.
 * Method: three processes, of which one has the endpoint alone, one the application that answers
 * its clients, one the application that serves them; then one that has another key.
 */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TableSeen, Whereabouts } from '../support/applications/commands.ts';
import { Processes, type RunningProcess } from '../support/processes.ts';
import type { TestClient } from '../support/test-client.ts';
import { until } from '../support/until.ts';

const chat = { address: '127.0.0.1', port: 0, owner: 'edge' };
const cluster = new Processes({
  nodes: { edge: {}, desk: { run: ['lobby'] }, hall: { run: ['room'] } },
  changes: { vipas: { chat: { ...chat, kind: 'distribute', to: 'lobby' } } },
});
let edge: RunningProcess;
beforeAll(async () => {
  [edge] = (await Promise.all(['edge', 'desk', 'hall'].map((node) => cluster.start([node])))) as [
    RunningProcess,
  ];
  await Promise.all(['desk', 'hall'].map((node) => edge.sees(node, 'alive')));
});
afterAll(() => cluster.stop());

/** The edge refuses until it has heard that somebody listens, and so does the desk. */
async function answered(): Promise<TestClient> {
  for (;;) {
    const client = await cluster.connect();
    client.tell({ do: 'who' });
    const who = await client.answer<Whereabouts>().catch(() => undefined);
    if (who?.node !== 'desk') continue;
    const targets = () => client.ask<readonly unknown[]>({ do: 'targets' });
    await until('the desk hears of the room', async () => (await targets()).length > 0);
    return client;
  }
}

test('CT-12 an application answers clients of a stack elsewhere, and moves them on', async () => {
  const client = await answered();
  client.tell({ do: 'transfer', to: 'room', state: { name: 'ann' } });
  const there = await client.ask<Whereabouts>({ do: 'who' });
  expect(there).toMatchObject({ node: 'hall', carrier: 'relay', hops: 2 });
  expect(there.state).toMatchObject({ state: { name: 'ann' } });
});

test('CT-12 CT-7 it refuses from there, and the client is still whole with it', async () => {
  const client = await answered();
  const refused = await client.ask({ do: 'transfer', to: 'room', answers: { hall: 'reject: no' } });
  expect(refused).toMatchObject({ outcome: 'refused', code: 'IPX_TARGET_REJECTED' });
  expect(await client.ask<Whereabouts>({ do: 'who' })).toMatchObject({ node: 'desk', hops: 1 });
});

test('CT-12 CM-10 an application with another key is not heard by anybody', async () => {
  const key = randomBytes(32).toString('hex');
  const seeds = cluster.seeds;
  const nodes = { stranger: { run: ['room'], adapters: [{ address: '127.77.1.99' }] }, edge: {} };
  const file = cluster.variant('stranger.json', { nodes, messaging: { key, seeds } });
  const stranger = await cluster.start(['stranger'], file);
  const client = await answered();
  expect(await client.ask({ do: 'targets' })).toMatchObject([{ node: 'hall' }]);
  const { rows } = await client.ask<TableSeen>({ do: 'table' });
  expect(rows).toEqual(['desk', 'edge', 'hall']);
  expect(stranger.statusOf('edge')).toBeUndefined();
});
