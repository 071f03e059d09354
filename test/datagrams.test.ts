/**
 * Goal: a datagram that is malformed, truncated, replayed, foreign or tampered with changes
 * nothing, throws nothing and is counted by its cause, while messages go on (CM-10). Method: real
 * messengers in a simulated network, whose datagrams are kept and sent again, whole and broken,
 * among others of a stranger. The full count is for the soak: IPX_DATAGRAMS=1000000.
 */
import { expect, test } from 'vitest';
import { newMessenger } from '#internal/cluster/new-messenger';
import { ReplayWindow } from '#internal/messaging/replay-window';
import { AeadSealer } from '#internal/messaging/seal';
import { heardBy, numbered } from './support/counting.ts';
import { matching } from './support/matching.ts';
import { randomOf } from './support/random.ts';
import { clusterKey, SimulatedCluster } from './support/simulated-cluster.ts';
import { droppedBy, noise, session, StrayDatagrams } from './support/stray-datagrams.ts';

const count = Number(process.env['IPX_DATAGRAMS'] ?? 20_000);
const patience = 30_000 + count / 10;
test(
  `CM-10 ${count} datagrams that are none of ours change nothing, and are counted`,
  async () => {
    const cluster = new SimulatedCluster(3, { seed: 1 });
    const { network } = cluster;
    const stray = new StrayDatagrams(network, randomOf(7));
    await cluster.start();
    const heard = heardBy(cluster, 1);
    const [sender, receiver] = cluster.messengers;
    await cluster.settle(sender!.send('n2', numbered(0)));
    await network.run(1_000);
    const before = { hash: receiver!.addressTable.hash, members: receiver!.members() };
    const droppedBefore = droppedBy(cluster.messengers);
    let sent = 0;
    for (let injected = 0; injected < count; injected += 100) {
      stray.inject(100);
      if (injected % 5_000 !== 0) await network.run(0.01);
      else await cluster.settle(sender!.send('n2', numbered((sent += 1))));
    }
    await network.run(1);
    expect(droppedBy(cluster.messengers) - droppedBefore).toBe(count);
    expect(receiver!.addressTable.hash).toBe(before.hash);
    expect(receiver!.members()).toEqual(before.members);
    expect(heard).toEqual(Array.from({ length: sent + 1 }, (_, number) => number));
    const { malformed, foreign, forged, replayed } = receiver!.counters();
    for (const cause of [malformed, foreign, forged, replayed]) expect(cause).toBeGreaterThan(0);
    await cluster.close();
  },
  patience,
);

test('CM-10 an authentic datagram whose body is noise throws nothing, and is counted', async () => {
  const cluster = new SimulatedCluster(2, { seed: 1 });
  await cluster.start();
  await cluster.network.run(500);
  const [sender, receiver] = cluster.messengers;
  const { hash } = receiver!.addressTable;
  const random = randomOf(3);
  // A name that is well formed, then anything: what a node with an error in it might send.
  for (let one = 0; one < 3_000; one += 1) {
    const head = Buffer.concat([Buffer.from([1, 0x7a]), noise(random, 13)]);
    const body = Buffer.concat([head, noise(random, 1 + random.below(80))]);
    const sealer = new AeadSealer(clusterKey, session(random));
    cluster.network.inject(sealer.seal(body), '10.0.9.9:4400', '10.0.0.2:4400');
  }
  await cluster.network.run(10);
  const { malformed, stale } = receiver!.counters();
  expect(malformed + stale).toBeGreaterThan(1_000);
  expect(receiver!.addressTable.hash).toBe(hash);
  await cluster.settle(sender!.send('n2', { kind: 'hello' }));
  await cluster.close();
});

test('CM-10 keys rotate without a pause, and the one before the last is foreign', async () => {
  const cluster = new SimulatedCluster(3, { seed: 1, loss: 0.05 });
  const { messengers } = cluster;
  await cluster.start();
  const heard = heardBy(cluster, 1);
  const [sender] = cluster.messengers;
  const keys = [1, 2].map((byte) => new Uint8Array(32).fill(byte));
  const sent: Promise<void>[] = [];
  for (let number = 0; number < 90; number += 1) {
    sent.push(sender!.send('n2', numbered(number)));
    // One node after another, as an operator does it; each hears the others with either key.
    const next = keys[Math.floor(number / 45)]!;
    messengers[number % 45]?.acceptKey(next);
    messengers[(number % 45) - 20]?.rotateKey(next);
    await cluster.network.run(20);
  }
  await cluster.settle(Promise.all(sent));
  expect(heard).toEqual(Array.from({ length: 90 }, (_, number) => number));
  for (const messenger of messengers) {
    expect(messenger.members().map(({ status }) => status)).toEqual(['alive', 'alive']);
    expect(messenger.counters().foreign).toBe(0);
  }
  const old = new AeadSealer(clusterKey, session(randomOf(1))).seal(Buffer.alloc(40));
  const before = sender!.counters().foreign;
  cluster.network.inject(old, '10.0.0.9:4400', '10.0.0.1:4400');
  await cluster.network.run(1);
  expect(sender!.counters().foreign).toBe(before + 1);
  await cluster.close();
});

test('CM-10 a window admits each number once, and none that is too old to be known', () => {
  const random = randomOf(5);
  const window = new ReplayWindow();
  const seen = new Set<number>();
  let highest = 0;
  for (let step = 0; step < 20_000; step += 1) {
    const number = Math.max(1, highest + 40 - random.below(3_000));
    const isOld = number + 63 * 32 <= highest;
    expect(window.admit(number)).toBe(!isOld && !seen.has(number));
    if (!isOld) seen.add(number);
    highest = Math.max(highest, isOld ? 0 : number);
  }
});

test.each([
  ['AF-9 a key of 31 bytes', { key: new Uint8Array(31) }, 'IPX_KEY_INVALID', /31 bytes/],
  ['AF-9 a key that is text', { key: 'secret' as never }, 'IPX_KEY_INVALID', /is string/],
  [
    'CM-10 no key, and an address of a network',
    { key: undefined },
    'IPX_KEY_MISSING',
    /10\.0\.0\.1/,
  ],
  ['AF-9 a name of no form', { node: 'a b' }, 'IPX_NAME_INVALID', /"a b"/],
  ['AF-9 a seed without a port', { seeds: ['10.0.0.1'] }, 'IPX_OPTION_INVALID', /seeds\[0\]/],
  [
    'AF-9 an adapter that is no address',
    { adapters: [{ address: 'hall' }] },
    'IPX_OPTION_INVALID',
    /adapters\[0\]\.address/,
  ],
  ['AF-9 no adapter', { adapters: [] }, 'IPX_OPTION_INVALID', /one adapter or more/],
  ['AF-9 an option that there is not', { port: 1 }, 'IPX_OPTION_INVALID', /messenger\.port/],
  [
    'AF-9 adapters of one subnet',
    {
      adapters: [
        { address: '10.0.0.1', prefix: 24 },
        { address: '10.0.0.2', prefix: 24 },
      ],
    },
    'IPX_ADAPTERS_OVERLAP',
    /10\.0\.0\.1\/24 and 10\.0\.0\.2\/24/,
  ],
])('%s is refused by name', (_, options, code, message) => {
  const { key = clusterKey, ...given } = options as { key?: Uint8Array };
  const all = { node: 'n1', adapters: [{ address: '10.0.0.1' }], ...given };
  const make = () =>
    newMessenger('key' in options && options.key === undefined ? all : { ...all, key });
  expect(make).toThrow(expect.objectContaining({ code, message: matching(message) }));
});
