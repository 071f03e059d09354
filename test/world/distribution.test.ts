/**
 * Goal: CT-18: the connections of a distributed VIPA are spread over its targets by the policy that
 * was named, unread, with no routing application.
 * Method: real clients, in turn or all at once; each is told by which node it is served.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { DistributedVipa } from 'interplex';
import { closeGate } from '../support/gates.ts';
import { TestClient } from '../support/test-client.ts';
import { Testbed } from '../support/testbed.ts';
import { until } from '../support/until.ts';
import { applicationAt } from '../support/application-at.ts';

const room = { run: ['room'] };
const halls = ['hall-1', 'hall-2', 'hall-3'];
const nodes = { edge: {}, spare: {}, 'hall-1': room, 'hall-2': room, 'hall-3': room };
const greeter = applicationAt('greeter');

type Policy = NonNullable<DistributedVipa['policy']>;
const vipaBy = (policy: Policy, weights = {}) =>
  ({
    kind: 'distribute',
    address: '127.0.0.1',
    port: 0,
    owner: 'edge',
    backups: ['spare'],
    to: 'room',
    policy,
    weights,
  }) as const;
const vipas = {
  turn: vipaBy('roundRobin'),
  weight: vipaBy('weighted', { 'hall-1': 3, 'hall-2': 0 }),
  fewest: vipaBy('leastConnections'),
  address: vipaBy('clientAffinity'),
};
type Name = keyof typeof vipas;

let bed: Testbed;
const clients: TestClient[] = [];
beforeAll(async () => {
  bed = await Testbed.start({ nodes, applications: { room: greeter }, vipas });
});
afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.destroy();
  for (const node of Object.keys(nodes)) {
    if (!bed.cluster.nodes().includes(node)) await bed.cluster.restart(node);
  }
  await bed.settle();
  const isTakenBack = () => bed.cluster.vipas().every(({ owner }) => owner === 'edge');
  await until('every endpoint is the owner’s', isTakenBack);
});
afterAll(() => bed.stop());

const portOf = (name: Name) => bed.cluster.vipas().find(({ vipa }) => vipa === name)?.port ?? 0;

async function come(name: Name): Promise<TestClient> {
  const client = await TestClient.connect(portOf(name));
  clients.push(client);
  return client;
}

/** Its words are its first: nobody has read anything of it before the target does. */
async function nodeOf(client: TestClient): Promise<string> {
  client.send('hello\n');
  const [node = '', ...words] = (await client.line()).split(' ');
  expect(words).toEqual(['hello']);
  return node;
}

/** So many clients one after the other, and where each is served; they stay. */
async function served(name: Name, count: number): Promise<string[]> {
  const at = [];
  for (let number = 0; number < count; number += 1) at.push(await nodeOf(await come(name)));
  return at;
}
const counted = (at: readonly string[]) =>
  halls.map((hall) => at.filter((node) => node === hall).length);

test('CT-18 round robin: each target in turn', async () => {
  expect(await served('turn', 7)).toEqual([...halls, ...halls, 'hall-1']);
  const routes = bed.cluster.routes();
  expect(new Set(routes.map(({ vipa, hops }) => `${vipa} ${hops}`))).toEqual(new Set(['turn 1']));
});

test('CT-18 weighted: by weight, smoothly; 0 gets none; one left out weighs 1', async () => {
  const turn = ['hall-1', 'hall-1', 'hall-3', 'hall-1'];
  expect(await served('weight', 8)).toEqual([...turn, ...turn]);
});

test('CT-18 least connections: the next goes to whoever serves the fewest', async () => {
  const at = await served('fewest', 9);
  expect(counted(at)).toEqual([3, 3, 3]);
  const leaving = clients.filter((_, index) => at[index] === 'hall-2');
  for (const client of leaving) client.socket.end();
  await Promise.all(leaving.map((client) => client.over()));
  await until('their rows are gone', () => bed.cluster.routes().length === 6);
  for (const node of [...halls, 'edge']) await bed.cluster.health(node); // It has heard, too.
  expect(await served('fewest', 3)).toEqual(['hall-2', 'hall-2', 'hall-2']);
});

test('CT-18 least connections: those that come all at once are spread, too', async () => {
  const all = await Promise.all(Array.from({ length: 60 }, () => come('fewest')));
  expect(counted(await Promise.all(all.map(nodeOf)))).toEqual([20, 20, 20]);
});

test('CT-18 CT-14 least connections: a backup counts what the dead owner had given', async () => {
  const at = await served('fewest', 6);
  const leaving = clients.filter((_, index) => at[index] === 'hall-2');
  for (const client of leaving) client.socket.end();
  await Promise.all(leaving.map((client) => client.over()));
  await until('their rows are gone', () => bed.cluster.routes().length === 4);
  await bed.cluster.kill('edge');
  expect(await served('fewest', 2)).toEqual(['hall-2', 'hall-2']);
  expect(counted(await served('fewest', 3))).toEqual([1, 1, 1]);
});

/** Where a client from that address is served. */
async function nodeFrom(localAddress: string): Promise<string> {
  const socket = connect({ port: portOf('address'), host: '127.0.0.1', localAddress });
  await once(socket, 'connect');
  socket.write('hello\n');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer.toString().split(' ')[0] ?? '';
}

test('CT-18 client affinity: an address is served by one node, while that lives', async () => {
  const addresses = Array.from({ length: 12 }, (_, low) => `127.0.0.${low + 2}`);
  const all = () => Promise.all(addresses.map((address) => nodeFrom(address)));
  const first = await all();
  expect(new Set(first).size).toBeGreaterThan(1);
  expect(await all()).toEqual(first);
  const dead = first[0] ?? '';
  await bed.cluster.kill(dead);
  const second = await all();
  expect(second).not.toContain(dead);
  const [before, after] = [first, second].map((places) =>
    places.filter((_, index) => first[index] !== dead),
  );
  expect(after).toEqual(before);
});

test('CT-18 CT-7 when all targets refuse, a client is closed; those served talk on', async () => {
  const stayer = await come('fewest');
  const place = await nodeOf(stayer);
  closeGate('considering');
  const refused = await come('fewest');
  refused.send('hello\n');
  expect(await refused.over()).toMatch(/end|reset/);
  expect(await nodeOf(stayer)).toBe(place);
});

test('CT-18 CT-14 a backup spreads when the owner has died; those served talk on', async () => {
  const stayer = await come('turn');
  const place = await nodeOf(stayer);
  await bed.cluster.kill('edge');
  expect(await served('turn', 3)).toEqual(halls);
  expect(new Set(bed.cluster.vipas().map(({ owner }) => owner))).toEqual(new Set(['spare']));
  expect(await nodeOf(stayer)).toBe(place);
});
