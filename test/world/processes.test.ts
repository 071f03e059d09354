/**
 * Goal: nodes in other processes differ in nothing: one membership, one address table, one set of
 * listings; clients move between them, and whatever dies, the others and their clients go on.
 * Method: real processes by `interplex run`, real UDP and TCP over loopback, kills by signal.
 */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { TransferResult } from 'interplex';
import type { TableSeen, Whereabouts } from '../support/applications/commands.ts';
import { listeningPortsOf } from '../support/listening-ports.ts';
import { Processes, type RunningProcess } from '../support/processes.ts';
import type { TestClient } from '../support/test-client.ts';
import { until } from '../support/until.ts';

const hops = Number(process.env['IPX_PROCESS_HOPS'] ?? 40);
const halls = ['hall-1', 'hall-2'] as const;
let cluster: Processes;
let edge: RunningProcess;
let one: RunningProcess;
let two: RunningProcess;

beforeAll(async () => {
  cluster = new Processes();
  // The seed is there last: who asks it first asks again.
  [one, two] = (await Promise.all(halls.map((hall) => cluster.start([hall])))) as [
    RunningProcess,
    RunningProcess,
  ];
  edge = await cluster.start(['edge']);
});
afterAll(() => cluster.stop());
afterEach(async () => {
  const client = await cluster.connectWhenListed(halls);
  client.socket.end();
  await client.over();
});

const moveTo = (client: TestClient, node: string) => {
  client.tell({ do: 'transfer', prefer: [node] });
  return client.ask<Whereabouts>({ do: 'who' });
};

test('CM-9 CM-5 CT-13 three processes have one membership, one listing and one table', async () => {
  const client = await cluster.connectWhenListed(halls);
  const seen: TableSeen[] = [];
  const look = async () => {
    seen.length = 0;
    seen.push(await client.ask<TableSeen>({ do: 'table' }));
    for (const hall of halls) {
      const guest = await cluster.connect();
      await moveTo(guest, hall);
      seen.push(await guest.ask<TableSeen>({ do: 'table' }));
      guest.socket.end();
      await guest.over();
    }
    return new Set(seen.map(({ hash }) => hash)).size === 1;
  };
  await until('all tables are equal', look, 10_000);
  for (const { rows } of seen) expect(rows).toEqual(['edge', ...halls]);
  expect(seen[0]?.members).toEqual({ 'hall-1': 'alive', 'hall-2': 'alive' });
  for (const running of [one, two]) expect(running.statusOf('edge')).toBe('alive');
  expect(two.statusOf('hall-1')).toBe('alive');
});

test('CM-9 CT-16 a client moves to other processes and on by relay, with its state', async () => {
  const client = await cluster.connectWhenListed(halls);
  client.tell({ do: 'transfer', prefer: ['hall-2'], state: { name: 'ann' } });
  const there = await client.ask<Whereabouts>({ do: 'who' });
  expect(there).toMatchObject({ role: 'target', node: 'hall-2', carrier: 'relay', hops: 1 });
  expect(there.state).toMatchObject({ state: { name: 'ann' } });
  expect(await moveTo(client, 'hall-1')).toMatchObject({ node: 'hall-1', hops: 2, epoch: 3 });
  expect(await moveTo(client, 'hall-2')).toMatchObject({ node: 'hall-2', hops: 3 });
});

test(`CM-9 CT-3 ${hops} moves between processes under a stream: equal hashes`, async () => {
  const client = await cluster.connectWhenListed(halls);
  const { socket } = client;
  client.tell({ do: 'circle', ring: ['hall-1', 'hall-2'], hops });
  const [sent, received] = [createHash('sha256'), createHash('sha256')];
  let [sentBytes, receivedBytes] = [0, 0];
  socket.removeAllListeners('data');
  socket.on('data', (chunk: Buffer) => {
    received.update(chunk);
    receivedBytes += chunk.length;
  });
  for (let round = 0; round < hops * 25; round += 1) {
    const chunk = randomBytes(1 + ((round * 7_919) % 20_000));
    sent.update(chunk);
    sentBytes += chunk.length;
    const isTaken = socket.write(chunk);
    // No more than a socket's buffers run ahead of what came back.
    if (!isTaken) await once(socket, 'drain');
    await until('it comes back', () => sentBytes - receivedBytes < 2 ** 20);
  }
  socket.end();
  await client.over(30_000);
  expect(receivedBytes).toBe(sentBytes);
  expect(received.digest('hex')).toBe(sent.digest('hex'));
});

test('CM-9 CT-5 a refusal comes from another process as from another thread', async () => {
  const client = await cluster.connectWhenListed(halls);
  const answers = { 'hall-1': 'reject: full', 'hall-2': 'reject: closed' } as const;
  const refused = await client.ask<TransferResult>({ do: 'transfer', answers });
  expect(refused).toMatchObject({
    outcome: 'refused',
    code: 'IPX_TARGET_REJECTED',
    attempts: [
      { target: 'hall-1', reason: 'full' },
      { target: 'hall-2', reason: 'closed' },
    ],
  });
  expect(await client.ask({ do: 'echo', text: 'whole' })).toBe('whole');
});

test('CM-9 CT-7 a target that does not answer is passed over', async () => {
  const client = await cluster.connectWhenListed(halls);
  client.tell({ do: 'transfer', prefer: [...halls], answers: { 'hall-1': 'never' } });
  expect(await client.ask<Whereabouts>({ do: 'who' })).toMatchObject({ node: 'hall-2', hops: 1 });
});

test('CM-9 AF-4 an actor of another process is found by its name, and hears', async () => {
  const listener = await cluster.connectWhenListed(halls);
  await moveTo(listener, 'hall-1');
  expect(await listener.ask({ do: 'register', name: 'far' })).toHaveProperty('address');
  const client = await cluster.connect();
  await until('the actor is known', async () => {
    const found = await client.ask<{ address: string | null }>({ do: 'find', name: 'far' });
    return found.address?.startsWith('hall-1/far') === true;
  });
  await client.ask({ do: 'send', name: 'far', event: { type: 'greeting' } });
  expect(await listener.answer()).toEqual({ type: 'greeting' });
  await listener.ask({ do: 'unregister', name: 'far' });
});

test('CM-9 CT-16 a stranger at a relay gets nothing, whatever it says', async () => {
  const client = await cluster.connectWhenListed(halls);
  await moveTo(client, 'hall-1');
  const all = listeningPortsOf(edge.child.pid ?? 0);
  const ports = all.filter(({ address }) => address.startsWith('127.77.')); // Not the endpoint.
  expect(ports.length).toBeGreaterThan(0);
  for (const { address, port } of ports) {
    const stranger = connect({ host: address, port });
    stranger.on('error', () => undefined); // A reset is an answer, too.
    let heard = 0;
    stranger.on('data', (chunk: Buffer) => (heard += chunk.length));
    const closed = new Promise((resolve) => stranger.once('close', resolve));
    stranger.write(Buffer.alloc(16, 0x01));
    await closed;
    expect(heard).toBe(0);
  }
  expect(await client.ask({ do: 'echo', text: 'still mine' })).toBe('still mine');
});

test('CM-9 CM-6 a process that stood still is dead to the others, and back by itself', async () => {
  const client = await cluster.connectWhenListed(halls);
  const lost = await cluster.connect();
  await moveTo(lost, 'hall-2');
  two.child.kill('SIGSTOP');
  await edge.sees('hall-2', 'dead');
  await lost.over(); // It would wait for ever: who served it may never come back.
  const targets = await client.ask<{ node: string }[]>({ do: 'targets' });
  expect(targets.map(({ node }) => node)).toEqual(['hall-1']);
  two.child.kill('SIGCONT');
  await edge.sees('hall-2', 'alive');
  const again = await cluster.connectWhenListed(halls);
  expect(await moveTo(again, 'hall-2')).toMatchObject({ node: 'hall-2', hops: 1 });
});

test('CM-9 CT-7 a killed process is told of as dead; its clients end, others stay', async () => {
  const client = await cluster.connectWhenListed(halls);
  const [lost, stays] = [await cluster.connect(), await cluster.connect()];
  await moveTo(lost, 'hall-2');
  await moveTo(stays, 'hall-1');
  await two.kill();
  await lost.over();
  await edge.sees('hall-2', 'dead');
  await one.sees('hall-2', 'dead');
  expect(await stays.ask({ do: 'echo', text: 'here' })).toBe('here');
  const targets = await client.ask<{ node: string }[]>({ do: 'targets' });
  expect(targets.map(({ node }) => node)).toEqual(['hall-1']);
  two = await cluster.start(['hall-2']);
  await edge.sees('hall-2', 'alive');
});

test('CM-9 a process that ends well is told of as left at once', async () => {
  const guest = await cluster.connectWhenListed(halls);
  expect(await two.stop()).toBe(0);
  await Promise.all([edge, one].map((running) => running.sees('hall-2', 'left')));
  expect(await guest.ask({ do: 'echo', text: 'here' })).toBe('here');
  two = await cluster.start(['hall-2']);
  await edge.sees('hall-2', 'alive');
});
