/**
 * Goal: SP-8: VIPAs of all kinds stand side by side; an address of a range is owned by the node
 * that binds it, alone, until its last binding is closed or the node has ended.
 * Method: applications at several nodes bind what their clients tell them (see `binder`); real
 * clients come to those addresses.
 */
import { once } from 'node:events';
import { createServer, connect, type AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Binding } from '../support/applications/binder.ts';
import { matching } from '../support/matching.ts';
import { TestClient } from '../support/test-client.ts';
import { Testbed } from '../support/testbed.ts';
import { until } from '../support/until.ts';
import { applicationAt } from '../support/application-at.ts';

const halls = { 'hall-1': { run: ['binder', 'room'] }, 'hall-2': { run: ['binder', 'room'] } };
const endpoint = { address: '127.0.0.1', port: 0, owner: 'edge' };
let bed: Testbed;
beforeAll(async () => {
  bed = await Testbed.start({
    nodes: { edge: {}, ...halls },
    applications: { binder: applicationAt('binder'), room: applicationAt('greeter') },
    vipas: {
      chat: { ...endpoint, kind: 'define', routing: 'lobby' },
      spread: { ...endpoint, kind: 'distribute', to: 'room' },
      shops: { kind: 'range', subnet: '127.1.2.0/24' },
    },
  });
});
afterEach(async () => {
  for (const node of Object.keys(halls)) {
    if (!bed.cluster.nodes().includes(node)) await bed.cluster.restart(node);
  }
  await bed.settle();
});
afterAll(() => bed.stop());

interface Answer {
  readonly address?: string;
  readonly port?: number;
  readonly code?: string;
}

/** A client that tells the application at `node` what to bind. */
async function tellerAt(node: string) {
  const client = await bed.connect();
  client.tell({ do: 'transfer', to: 'binder', prefer: [node] });
  return async (binding: Binding): Promise<Answer> => {
    client.send(`${JSON.stringify(binding)}\n`);
    return client.answer<Answer>();
  };
}

/** What a client who comes there is told. */
async function greetingAt({ address = '', port = 0 }: Answer): Promise<string> {
  const socket = connect({ host: address, port });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'close');
  return Buffer.concat(chunks).toString().trim();
}
const nameOf = ({ address, port }: Answer) => `${address}:${port}`;

test('SP-8 the node that binds an address answers there, and the second is refused', async () => {
  const [first, second] = [await tellerAt('hall-1'), await tellerAt('hall-2')];
  const bound = await first({ bind: '127.1.2.3', words: 'welcome' });
  expect(bound).toEqual({ address: '127.1.2.3', port: expect.any(Number) as number });
  expect(await greetingAt(bound)).toBe('hall-1 welcome');
  expect(await second({ bind: '127.1.2.3' })).toEqual({
    code: 'IPX_ADDRESS_HELD',
    reason: matching(/Another node has bound 127\.1\.2\.3: close it there first\./),
  });
  const other = await second({ bind: '127.1.2.4', words: 'here' }); // Each address by itself.
  expect(await greetingAt(other)).toBe('hall-2 here');
  await first({ close: nameOf(bound) });
  const again = await second({ bind: '127.1.2.3', port: bound.port!, words: 'mine' });
  expect(await greetingAt(again)).toBe('hall-2 mine');
  await second({ close: nameOf(again) });
  await second({ close: nameOf(other) });
});

test('SP-8 CT-14 the death of the node that owns an address frees it', async () => {
  const [first, second] = [await tellerAt('hall-1'), await tellerAt('hall-2')];
  const bound = await first({ bind: '127.1.2.5' });
  expect(await second({ bind: '127.1.2.5' })).toMatchObject({ code: 'IPX_ADDRESS_HELD' });
  await bed.cluster.kill('hall-1');
  const taken = await second({ bind: '127.1.2.5', port: bound.port!, words: 'after' });
  expect(await greetingAt(taken)).toBe('hall-2 after');
  await second({ close: nameOf(taken) });
});

test('SP-8 an address is owned until the last of its bindings is closed', async () => {
  const [first, second] = [await tellerAt('hall-1'), await tellerAt('hall-2')];
  const one = await first({ bind: '127.1.2.6', words: 'one' });
  const two = await first({ bind: '127.1.2.6', words: 'two' });
  expect([await greetingAt(one), await greetingAt(two)]).toEqual(['hall-1 one', 'hall-1 two']);
  await first({ close: nameOf(one) });
  await first({ close: nameOf(one) }); // Twice is once.
  expect(await second({ bind: '127.1.2.6' })).toMatchObject({ code: 'IPX_ADDRESS_HELD' });
  expect(await greetingAt(two)).toBe('hall-1 two');
  await first({ close: nameOf(two) });
  const free = await second({ bind: '127.1.2.6' });
  expect(free.code).toBeUndefined();
  await second({ close: nameOf(free) });
});

test('SP-8 two binds of one node at once share the address', async () => {
  const [first, second] = [await tellerAt('hall-1'), await tellerAt('hall-1')];
  const both = await Promise.all([
    first({ bind: '127.1.2.7', words: 'left' }),
    second({ bind: '127.1.2.7', words: 'right' }),
  ]);
  expect(await Promise.all(both.map(greetingAt))).toEqual(['hall-1 left', 'hall-1 right']);
  for (const bound of both) await first({ close: nameOf(bound) });
});

test.each<[string, Binding, RegExp]>([
  ['IPX_OPTION_INVALID', { bind: '127.1.3.1' }, /127\.1\.3\.1 is not in a range "shops"/],
  ['IPX_OPTION_INVALID', { bind: 'localhost' }, /not in a range/],
  ['IPX_OPTION_INVALID', { bind: '127.1.2.8', range: 'chat' }, /not in a range "chat"/],
  ['IPX_OPTION_INVALID', { bind: '127.1.2.8', port: 70_000 }, /0 to 65535/],
  ['IPX_OPTION_INVALID', { bind: '127.1.2.8', port: -1 }, /0 to 65535/],
])('AF-9 SP-8 %s for %o, and nothing is held', async (code, binding, reason) => {
  const [first, second] = [await tellerAt('hall-1'), await tellerAt('hall-2')];
  expect(await first(binding)).toEqual({ code, reason: matching(reason) });
  const free = await second({ bind: '127.1.2.8' });
  expect(free.code).toBeUndefined();
  await second({ close: nameOf(free) });
});

test('AF-9 SP-8 a port held by another process is named, and the address is not kept', async () => {
  const holder = createServer();
  await once(holder.listen(0, '127.1.2.9'), 'listening');
  onTestFinished(() => void holder.close());
  const { port } = holder.address() as AddressInfo;
  const [first, second] = [await tellerAt('hall-1'), await tellerAt('hall-2')];
  expect(await first({ bind: '127.1.2.9', port })).toEqual({
    code: 'IPX_PORT_HELD',
    reason: matching(new RegExp(`127\\.1\\.2\\.9:${port}`)),
  });
  const free = await second({ bind: '127.1.2.9' });
  expect(free.code).toBeUndefined();
  await second({ close: nameOf(free) });
});

test('SP-8 CT-10 a client of a range moves on, and its row has the range’s name', async () => {
  const teller = await tellerAt('hall-1');
  await until('the teller has its row', () => bed.cluster.routes().length === 1);
  const bound = await teller({ bind: '127.1.2.10', words: 'move' });
  const socket = connect({ host: bound.address!, port: bound.port! });
  onTestFinished(() => void socket.destroy());
  await until('it has moved', () => bed.cluster.routes().length === 2);
  expect(
    bed.cluster
      .routes()
      .map(({ vipa }) => vipa)
      .toSorted(),
  ).toEqual(['chat', 'shops']);
  await teller({ close: nameOf(bound) });
  socket.destroy();
});

test('SP-8 AF-5 a node that drains takes no new clients at its addresses', async () => {
  const draining = await Testbed.start({
    nodes: { edge: { run: ['binder'] } },
    applications: { binder: applicationAt('binder'), polite: applicationAt('polite') },
    vipas: {
      chat: { ...endpoint, routing: 'lobby' },
      waving: { ...endpoint, routing: 'polite' },
      shops: { kind: 'range', subnet: '127.1.2.0/24' },
    },
  });
  const teller = await draining.connect();
  teller.tell({ do: 'transfer', to: 'binder' });
  teller.send(`${JSON.stringify({ bind: '127.1.2.12', words: 'stay' })}\n`);
  const bound = await teller.answer<Answer>();
  const waved = await TestClient.connect(draining.cluster.vipas()[1]!.port);
  expect(await waved.line()).toBe('hello');
  const stopped = draining.cluster.stop();
  expect(await waved.line()).toBe('goodbye'); // The node drains, and waits for the teller.
  const late = connect({ host: bound.address!, port: bound.port! });
  expect(await once(late, 'connect').catch((error: unknown) => error)).toMatchObject({
    code: 'ECONNREFUSED',
  });
  teller.send(`${JSON.stringify({ bind: '127.1.2.13' })}\n`);
  expect(await teller.answer<Answer>()).toMatchObject({ code: 'IPX_STACK_DRAINING' });
  teller.socket.destroy();
  await stopped;
});

test('SP-8 defined, distributed and range stand side by side, each by its keyword', async () => {
  const [defined, distributed] = bed.cluster.vipas();
  expect([defined?.vipa, distributed?.vipa]).toEqual(['chat', 'spread']);
  const answered = await TestClient.connect(defined!.port);
  expect(await answered.ask({ do: 'who' })).toMatchObject({ role: 'routing', node: 'edge' });
  const spread = await TestClient.connect(distributed!.port);
  spread.send('hello\n');
  expect(await spread.line()).toBe('hall-1 hello');
  for (const { socket } of [answered, spread]) socket.destroy();
  const teller = await tellerAt('hall-2');
  const bound = await teller({ bind: '127.1.2.11', words: 'shop' });
  expect(await greetingAt(bound)).toBe('hall-2 shop');
  await teller({ close: nameOf(bound) });
});
