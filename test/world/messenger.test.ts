/**
 * Goal: over real sockets nodes find each other by a seed, talk over whatever address is left,
 * accuse nobody for their own standing still, and give their addresses back (CM-1, CM-2, CM-3,
 * CM-6, CM-10).
 * Method: UDP over addresses of 127.0.0.0/8, each subnet a network of its own; one is cut between
 * messenger and kernel, one event loop is blocked in a thread of its own.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { newClusterKey, newMessenger } from 'interplex';
import type { Messenger, MessengerOptions, MessagingEvent } from 'interplex';
import type { OpenDatagramSocket } from '#internal/io/udp';
import { CutSockets } from '../support/cut-sockets.ts';
import { FaultySockets } from '../support/faulty-sockets.ts';
import { matching } from '../support/matching.ts';
import { askThread, startThread } from '../support/thread-call.ts';
import { until } from '../support/until.ts';
import type { Blocked, BlockedNode } from '../support/blocked-node.ts';

const madeKey = newClusterKey();
const opened: Messenger[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((messenger) => messenger.close()));
});

let lastNetwork = 20;
/** Two networks of their own for each test: late datagrams of another reach nobody. */
const networks = () => {
  lastNetwork += 2;
  return [lastNetwork, lastNetwork + 1] as const;
};

interface Opening {
  readonly open: OpenDatagramSocket;
}

async function open(
  node: string,
  last: number,
  [first, second]: readonly [number, number],
  { sockets, ...options }: { sockets?: Opening } & Partial<MessengerOptions> = {},
): Promise<Messenger> {
  const addresses = [`127.0.${first}.${last}`, `127.0.${second}.${last}`];
  const adapters = addresses.map((address) => ({ address, port: 4_400 }));
  const seeds = last === 1 ? [] : [`127.0.${first}.1:4400`];
  const world = sockets ? { openSocket: sockets.open } : {};
  const messenger = newMessenger({ node, madeKey, adapters, seeds, ...options }, world);
  opened.push(messenger);
  await messenger.start();
  return messenger;
}

const areOne = (...messengers: readonly Messenger[]) => {
  const hashes = new Set(messengers.map(({ addressTable }) => addressTable.hash));
  const isWhole = messengers.every((messenger) =>
    messenger.members().every(({ status }) => status === 'alive'),
  );
  const { length } = messengers;
  return hashes.size === 1 && isWhole && messengers[0]?.members().length === length - 1;
};

test('CM-1 nodes find each other by one seed, and hold one table', async () => {
  const place = networks();
  const [a, b] = await Promise.all([open('a', 1, place), open('b', 2, place)]);
  const c = await open('c', 3, place);
  await until('one table', () => areOne(a, b, c));
  expect(b.addressTable.rows()).toHaveLength(3);
  const adapters = c.addressTable.rows().find(({ node }) => node === 'a')?.adapters;
  expect(adapters?.map(({ address, status, type }) => [address, status, type])).toEqual([
    [`127.0.${place[0]}.1`, 'up', 'loopback'],
    [`127.0.${place[1]}.1`, 'up', 'loopback'],
  ]);
  b.on('greet', ({ name }, from) => `${String(name)} of ${from}`);
  expect(await c.request('b', { kind: 'greet', name: 'Ann' } as never)).toBe('Ann of c');
  await expect(c.request('b', { kind: 'sing' })).rejects.toMatchObject({
    code: 'IPX_MESSAGE_UNHEARD',
  });
});

test('CM-2 a message goes to whom the table names, and to nobody else', async () => {
  const a = await open('a', 1, networks());
  await expect(a.send('b', { kind: 'greet' })).rejects.toMatchObject({
    code: 'IPX_NODE_UNKNOWN',
    message: matching(/no node "b"; it has: a\./),
  });
  const large = { kind: 'greet', text: 'x'.repeat(2 ** 20) };
  await expect(a.send('a', large)).rejects.toMatchObject({ code: 'IPX_MESSAGE_LIMIT' });
  const heard: unknown[] = [];
  a.on('greet', ({ kind }) => void heard.push(kind));
  await a.send('a', { kind: 'greet' });
  await until('its own message', () => heard.length === 1);
});

test('CM-3 an address is cut: the next message comes over the alternate, once', async () => {
  const place = networks();
  const sockets = new CutSockets();
  const a = await open('a', 1, place, { sockets });
  const b = await open('b', 2, place, { sockets });
  await until('one table', () => areOne(a, b));
  const heard: unknown[] = [];
  b.on('count', ({ number }) => void heard.push(number));
  await a.send('b', { kind: 'count', number: 0 } as never);
  sockets.cut(`127.0.${place[0]}.2`);
  for (let number = 1; number <= 20; number += 1) {
    await a.send('b', { kind: 'count', number } as never);
  }
  expect(heard).toEqual(Array.from({ length: 21 }, (_, number) => number));
  const statusOf = (address: string) =>
    a.addressTable.observed().find((adapter) => adapter.address === address)?.status;
  await until('the cut one is known', () => statusOf(`127.0.${place[0]}.2`) === 'unreachable');
  expect(statusOf(`127.0.${place[1]}.2`)).toBe('reachable');
  expect(a.members()[0]?.status).toBe('alive');
  sockets.mend();
  await until('it has proved itself', () => statusOf(`127.0.${place[0]}.2`) === 'reachable', 9_000);
});

test('CM-3 CM-10 over sockets with every fault each message comes once, in order', async () => {
  const place = networks();
  const faults = { drop: 0.1, duplicate: 0.1, reorder: 0.2, corrupt: 0.05, jitterMs: 5 };
  const sockets = new FaultySockets(place[0], faults);
  const [a, b] = [await open('a', 1, place, { sockets }), await open('b', 2, place, { sockets })];
  await until('one table', () => areOne(a, b), 15_000);
  const heard: unknown[] = [];
  b.on('count', ({ number }) => void heard.push(number));
  const numbers = Array.from({ length: 300 }, (_, number) => number);
  for (const number of numbers) {
    const sent = a.send('b', { kind: 'count', number } as never);
    if (number % 10 === 9) await sent;
  }
  await a.send('b', { kind: 'last' });
  expect(heard).toEqual(numbers);
  for (const count of Object.values(sockets.counts)) expect(count).toBeGreaterThan(0);
  expect(a.counters().forged + b.counters().forged).toBeGreaterThan(0);
  expect(a.counters().replayed + b.counters().replayed).toBeGreaterThan(0);
});

test('CM-3 an address in use keeps no other from opening, and is opened once free', async () => {
  const place = networks();
  const squatter = createSocket('udp4');
  squatter.bind(4_400, `127.0.${place[0]}.1`);
  await once(squatter, 'listening');
  const events: MessagingEvent[] = [];
  const adapters = place.map((network) => ({ address: `127.0.${network}.1`, port: 4_400 }));
  const a = newMessenger({ node: 'a', madeKey, adapters });
  opened.push(a);
  a.subscribe((event) => events.push(event));
  await a.start();
  const b = await open('b', 2, place, { seeds: [`127.0.${place[1]}.1:4400`] });
  await until('they talk', () => areOne(a, b));
  expect(events).toContainEqual(
    expect.objectContaining({
      type: 'adapter.failed',
      refusal: expect.objectContaining({ code: 'IPX_PORT_HELD' }) as unknown,
    }),
  );
  squatter.close();
  const isUp = () =>
    b.addressTable.rows().find(({ node }) => node === 'a')?.adapters[0]?.status === 'up';
  await until('it is open, and told', isUp, 9_000);
});

test('AF-9 a messenger none of whose addresses can be opened says why, and ends', async () => {
  const adapters = [{ address: '192.0.2.1' }];
  const messenger = newMessenger({ node: 'a', key: madeKey, adapters });
  await expect(messenger.start()).rejects.toMatchObject({ code: 'IPX_ADDRESS_UNUSABLE' });
  await expect(messenger.send('b', { kind: 'greet' })).rejects.toMatchObject({
    code: 'IPX_MESSENGER_CLOSED',
  });
});

test('CM-1 a seed that is not there is tried on, and said so, until it is', async () => {
  const place = networks();
  const events: MessagingEvent[] = [];
  const b = await open('b', 2, place);
  b.subscribe((event) => events.push(event));
  const silent = () => events.filter(({ type }) => type === 'seed.silent').length;
  await until('it was tried twice', () => silent() >= 2);
  const a = await open('a', 1, place);
  await until('one table', () => areOne(a, b));
  expect(events.find(({ type }) => type === 'seed.silent')).toMatchObject({
    seed: `127.0.${place[0]}.1:4400`,
    attempts: 1,
  });
});

test('CM-10 who has another key is not heard, and counted', async () => {
  const place = networks();
  const a = await open('a', 1, place);
  const stranger = await open('x', 2, place, { madeKey: newClusterKey() });
  await until('it was counted', () => a.counters().foreign >= 2);
  expect(a.addressTable.rows().map(({ node }) => node)).toEqual(['a']);
  expect(stranger.members()).toEqual([]);
});

test('CM-6 a thread that is blocked for 2 s accuses nobody, and is taken back', async () => {
  const place = networks();
  const [a, c] = [await open('a', 1, place), await open('c', 3, place)];
  const adapters = place.map((network) => ({ address: `127.0.${network}.2`, port: 4_400 }));
  const options = { node: 'b', madeKey, adapters, seeds: [`127.0.${place[0]}.1:4400`] };
  const released = new Int32Array(new SharedArrayBuffer(4));
  const blockedNode: BlockedNode = { options, released };
  await startThread(new URL('../support/blocked-node.ts', import.meta.url), blockedNode);
  const isKnownTo = (messenger: Messenger) =>
    messenger.members().filter(({ status }) => status === 'alive').length === 2;
  await until('all are known to all', () => isKnownTo(a) && isKnownTo(c));
  const incarnation = a.members().find(({ node }) => node === 'b')?.incarnation;
  const blocked = askThread<Blocked>('b', { type: 'block' });
  const statusOf = (messenger: Messenger) =>
    messenger.members().find(({ node }) => node === 'b')?.status;
  const blockedAt = performance.now();
  // However slow the machine is: who looks lags, too, and accuses nobody then.
  await until(
    'it is suspect',
    () => statusOf(a) === 'suspect' || statusOf(c) === 'suspect',
    15_000,
  );
  await new Promise((resolve) => setTimeout(resolve, blockedAt + 2_000 - performance.now()));
  Atomics.store(released, 0, 1);
  Atomics.notify(released, 0);
  expect(await blocked).toEqual({ accusations: [], hasNoticed: true });
  await until('it is alive', () => statusOf(a) === 'alive' && statusOf(c) === 'alive');
  expect(a.members().find(({ node }) => node === 'b')).toMatchObject({ incarnation });
  await askThread('b', { type: 'close' });
});

test('CM-1 what has left has given its addresses back', async () => {
  const place = networks();
  const [a, b] = [await open('a', 1, place), await open('b', 2, place)];
  await until('one table', () => areOne(a, b));
  await b.leave();
  await until('it is known', () => a.members()[0]?.status === 'left');
  const again = await open('b', 2, place);
  await until('its next life is known', () => areOne(a, again));
  expect(again.members().map(({ node }) => node)).toEqual(['a']);
});
