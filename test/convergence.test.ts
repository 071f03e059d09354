/**
 * Goal: tables become equal, whatever is lost, parted, left or started again (CM-5).
 * Method: the real messengers in a simulated network, from seeds; see `support/seeds`.
 */
import type { Message } from '#internal/messaging/exchange';
import { expect, test } from 'vitest';
import { seedsOf, seedsPatience } from './support/seeds.ts';
import { SimulatedCluster } from './support/simulated-cluster.ts';

test(
  'CM-5 64 nodes, 5 % loss: a row that changes is everywhere within a second',
  async () => {
    for (const seed of seedsOf()) {
      const cluster = new SimulatedCluster(64, { seed, loss: 0.05 });
      await cluster.start();
      await cluster.network.run(300 + ((seed * 37) % 200)); // They have met; at any time of a beat.
      expect(await cluster.network.until(() => cluster.isEqual(), 5_000)).toBeDefined();
      cluster.messengers[seed % 64]!.setDataPort(seed);
      expect(cluster.isEqual()).toBe(false);
      const ms = (await cluster.network.until(() => cluster.isEqual(), 5_000)) ?? Infinity;
      expect(ms, `seed ${seed}`).toBeLessThanOrEqual(1_000);
      await cluster.close();
    }
  },
  seedsPatience,
);

test(
  'CM-5 a partition that is mended leaves equal tables within two heartbeats of contact',
  async () => {
    for (const seed of seedsOf()) {
      const cluster = new SimulatedCluster(8, { seed });
      await cluster.start();
      await cluster.network.run(2_000);
      cluster.part(4);
      cluster.messengers[0]!.setDataPort(1);
      cluster.messengers[7]!.setDataPort(2);
      const isParted = () => cluster.messengers[0]!.members().every(isApart) && !cluster.isEqual();
      expect(await cluster.network.until(isParted, 20_000), `seed ${seed}`).toBeDefined();
      cluster.mend();
      await cluster.network.until(cluster.whenMet(4), 5_000);
      const healed = () =>
        cluster.isEqual() &&
        cluster.messengers[0]!.addressTable.rows().every(({ status }) => status === 'present');
      expect(await cluster.network.until(healed, 400), `seed ${seed}`).toBeDefined();
      await cluster.close();
    }
  },
  seedsPatience,
);
const isApart = ({ node, status }: { node: string; status: string }) =>
  ['n5', 'n6', 'n7', 'n8'].includes(node) ? status === 'dead' : status === 'alive';

test('CM-5 a node that leaves is a tombstone everywhere, which expires everywhere', async () => {
  const cluster = new SimulatedCluster(3, { seed: 1, loss: 0.05 });
  await cluster.start();
  await cluster.network.run(1_000);
  const [leaver, ...others] = cluster.messengers;
  await cluster.settle(leaver!.leave());
  const rowsOf = (messenger: (typeof others)[number]) =>
    messenger.addressTable.rows().find(({ node }) => node === 'n1');
  const isLeft = () => others.every((other) => rowsOf(other)?.status === 'left');
  expect(await cluster.network.until(isLeft, 1_000)).toBeDefined();
  expect(others[0]!.members().find(({ node }) => node === 'n1')?.status).toBe('left');
  await expect(others[0]!.send('n1', { kind: 'hello' })).rejects.toMatchObject({
    code: 'IPX_NODE_LOST',
  });
  const isForgotten = () => others.every((other) => rowsOf(other) === undefined);
  expect(await cluster.network.until(isForgotten, 302_000)).toBeDefined();
  expect(cluster.isEqual(others)).toBe(true);
  await cluster.close();
}, 60_000);

test('CM-5 a node that starts again, its clock set back, is known by its new life', async () => {
  const cluster = new SimulatedCluster(3, { seed: 1 });
  await cluster.start();
  await cluster.network.run(500);
  const [first, second] = cluster.messengers;
  const heard: unknown[] = [];
  second!.on('hello', ({ life }) => void heard.push(life));
  await cluster.settle(first!.send('n2', { kind: 'hello', life: 1 } as Message));
  await cluster.settle(first!.close());
  const reborn = cluster.network.messenger({
    node: 'n1',
    key: new Uint8Array(32).fill(7),
    incarnation: 0,
    adapters: [{ address: '10.0.0.1', port: 4_400, prefix: 16 }],
    seeds: ['10.0.0.2:4400'],
  });
  await cluster.settle(reborn.start());
  const isKnown = () => cluster.isEqual([reborn, ...cluster.messengers.slice(1)]);
  expect(await cluster.network.until(isKnown, 3_000)).toBeDefined();
  await cluster.settle(reborn.send('n2', { kind: 'hello', life: 2 } as Message));
  expect(heard).toEqual([1, 2]);
  await cluster.settle(reborn.close());
  await cluster.close();
});
