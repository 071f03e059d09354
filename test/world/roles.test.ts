/**
 * Goal: CT-11, AF-6: one module may offer both roles, and each role is a function or the user's own
 * XState logic; CT-12: opening a channel as a role is what makes an application that.
 * Method: the same conversation with machines and with functions, between real threads.
 */
import { afterEach, expect, test } from 'vitest';
import { startNode, targetApplication, type Client } from 'interplex';
import { fromPromise } from 'xstate';
import { TestClient } from '../support/test-client.ts';
import { Testbed } from '../support/testbed.ts';
import { applicationAt } from '../support/application-at.ts';

const machines = applicationAt('machines');
const steered = applicationAt('steered');
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

const bedWith = async (...[options]: Parameters<typeof Testbed.start>) => {
  const bed = await Testbed.start(options);
  stops.push(() => bed.stop());
  return bed;
};

test("CT-11 AF-6 the user's own machines serve as routing and as target application", async () => {
  const bed = await bedWith({
    applications: { door: machines, counter: machines },
    routing: 'door',
    nodes: { edge: {}, hall: { run: ['counter'] } },
  });
  const client = await bed.connect();
  expect(await client.line()).toBe('name?');
  client.send('ann\nfirst\n');
  expect(await client.line()).toBe('ann 1');
  client.send('second\nbye\n');
  expect(await client.line()).toBe('ann 2');
  expect(await client.over()).toBe('end');
  await bed.settle();
});

test("CT-11 AF-6 the end of a machine that has refused its client is the client's", async () => {
  const bed = await bedWith({ applications: { door: machines }, routing: 'door' });
  const client = await bed.connect();
  client.send('bob\n');
  expect(await client.line()).toBe('name?');
  expect(await client.line()).toBe('nobody is there');
  expect(await client.over()).toBe('end');
});

test('CT-11 one application in both roles, at one node and between nodes', async () => {
  const both = { run: ['lobby'] };
  const bed = await bedWith({ nodes: { edge: both, hall: both } });
  const client = await bed.connect();
  for (const node of ['edge', 'hall', 'edge']) {
    client.tell({ do: 'transfer', to: 'lobby', prefer: [node] }, { do: 'who' });
    expect(await client.answer()).toMatchObject({ role: 'target', node });
  }
});

test('CT-11 an async function as XState logic is a target, given to startNode as is', async () => {
  const serve = fromPromise<void, { client: Client }>(async ({ input: { client } }) => {
    client.end(`you said ${await client.readLine()}\n`);
  });
  const node = await startNode({
    id: 'alone',
    applications: { lobby: steered, room: { target: targetApplication({ serve }) } },
    run: ['room'],
    vipas: { chat: { address: '127.0.0.1', port: 0, routing: 'lobby' } },
    log: { level: 'silent' },
  });
  stops.push(() => node.stop());
  const client = await TestClient.connect(node.endpoints[0]?.port ?? 0);
  client.tell({ do: 'transfer' });
  client.send('hello\n');
  expect(await client.line()).toBe('you said hello');
  expect(await client.over()).toBe('end');
});

test('CT-12 a node that does not run an application is no target of it', async () => {
  const bed = await bedWith({ nodes: { edge: {}, hall: { run: ['room'] }, empty: {} } });
  const client = await bed.connect();
  expect(await client.ask({ do: 'targets' })).toMatchObject([{ node: 'hall' }]);
});
