/**
 * Goal: who stood still accuses nobody and is taken back; who is reached by another is not gone;
 * who is gone is known to be, with a reason (CM-6).
 * Method: the real messengers in a simulated network, from seeds; see `support/seeds`.
 */
import { expect, test } from 'vitest';
import { heardBy, numbered } from './support/counting.ts';
import { seedsOf, seedsPatience } from './support/seeds.ts';
import { SimulatedCluster } from './support/simulated-cluster.ts';

test(
  'CM-6 a node whose event loop is blocked accuses nobody, and is taken back',
  async () => {
    for (const seed of seedsOf()) {
      const cluster = new SimulatedCluster(5, { seed });
      await cluster.start();
      await cluster.network.run(2_000);
      const [blocked, ...others] = cluster.nodes;
      const heard = heardBy(cluster, 0);
      for (const { events } of cluster.nodes) events.length = 0;
      blocked!.block(2_000);
      await cluster.network.run(1_999);
      expect(others.some(({ messenger }) => isSuspectTo(messenger))).toBe(true);
      const sent = cluster.messengers[1]!.send('n1', numbered(1));
      await cluster.network.run(2_000);
      const accusations = blocked!.events.filter(
        (event) => event.type === 'member.changed' && event.status !== 'alive',
      );
      expect(accusations).toEqual([]);
      expect(blocked!.events.some(({ type }) => type === 'self.lagged')).toBe(true);
      for (const { messenger } of cluster.nodes) {
        expect(messenger.members().every(({ status }) => status === 'alive')).toBe(true);
      }
      await cluster.settle(sent);
      expect(heard).toEqual([1]);
      await cluster.close();
    }
  },
  seedsPatience,
);
const isSuspectTo = (messenger: SimulatedCluster['messengers'][number]) =>
  messenger.members().find(({ node }) => node === 'n1')?.status === 'suspect';

test('CM-6 a node that two others cannot reach is vouched for by a third', async () => {
  const cluster = new SimulatedCluster(4, { seed: 1 });
  await cluster.start();
  await cluster.network.run(1_000);
  const apart = [1, 2].map((last) => [`10.0.0.${last}`, `10.1.0.${last}`]);
  cluster.network.passes = (from, to) =>
    !apart.some((one) => one.includes(from)) ||
    !apart.some((one) => one.includes(to)) ||
    from === to;
  await cluster.network.run(10_000);
  const dead = cluster.nodes.flatMap(({ events }) =>
    events.filter((event) => event.type === 'member.changed' && event.status === 'dead'),
  );
  expect(dead).toEqual([]);
  const observed = cluster.messengers[0]!.addressTable.observed();
  expect(observed.filter(({ node }) => node === 'n2').map(({ status }) => status)).toEqual([
    'unreachable',
    'unreachable',
  ]);
  await cluster.close();
});

test('CM-8 who is gone is looked for by the same three, and found when it is back', async () => {
  const cluster = new SimulatedCluster(8, { seed: 1 });
  const { network } = cluster;
  await cluster.start();
  await network.run(1_000);
  cluster.part(1);
  const [first, ...others] = cluster.messengers;
  const isDead = (messenger: SimulatedCluster['messengers'][number]) =>
    messenger.members().find(({ node }) => node === 'n1')?.status === 'dead';
  await network.until(() => others.every(isDead) && cluster.isEqual(others), 20_000);
  await network.run(2_000);
  const seekers = others.map((other) => other.addressTable.orderFor('look for n1').slice(0, 3));
  expect(new Set(seekers.map(String)).size).toBe(1);
  const asking = new Set<string>();
  network.onDatagram = (_, from, to) => {
    if (/^10\.[01]\.0\.1:/.test(to)) asking.add(`n${from.split(/[.:]/)[3]}`);
  };
  await network.run(20_000);
  expect([...asking].toSorted()).toEqual([...seekers[0]!].toSorted());
  cluster.mend();
  const isWhole = () =>
    cluster.isEqual() && first!.members().every(({ status }) => status === 'alive');
  expect(await network.until(isWhole, 10_000)).toBeDefined();
  await cluster.close();
});

test('CM-6 a node that is killed is declared gone by all, with a reason', async () => {
  const cluster = new SimulatedCluster(4, { seed: 1, loss: 0.05 });
  await cluster.start();
  await cluster.network.run(1_000);
  const [killed, ...others] = cluster.messengers;
  await cluster.settle(killed!.close());
  const isDead = () =>
    others.every((other) =>
      other.members().some(({ node, status }) => node === 'n1' && status === 'dead'),
    );
  expect(await cluster.network.until(isDead, 10_000)).toBeDefined();
  expect(cluster.isEqual(others)).toBe(true);
  const reasons = others.map((other) => other.members().find(({ node }) => node === 'n1')?.reason);
  expect(new Set(reasons)).toEqual(new Set(['it was silent too long']));
  await cluster.close();
});
