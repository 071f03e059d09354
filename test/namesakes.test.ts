/**
 * Goal: of two nodes of one name that live the later one closes with a coded reason, and the other
 * goes on; a node that starts again meets no ghost of its former life (CM-5, AF-9).
 * Method: the real messengers in a simulated network, from seeds; see `support/seeds`.
 */
import type { Message } from '#internal/messaging/exchange';
import type { Messenger } from '#internal/messaging/messenger';
import { expect, test } from 'vitest';
import { heardBy, numbered } from './support/counting.ts';
import { matching } from './support/matching.ts';
import { seedsOf, seedsPatience } from './support/seeds.ts';
import { clusterKey, SimulatedCluster } from './support/simulated-cluster.ts';
import type { NetworkOptions } from './support/simulated-network.ts';

/** Another process that calls itself n1, at an address of its own. */
function namesake(cluster: SimulatedCluster, incarnation: number): Messenger {
  return cluster.network.messenger({
    node: 'n1',
    key: clusterKey,
    incarnation,
    adapters: [{ address: '10.0.9.9', port: 4_400, prefix: 16 }],
    seeds: ['10.0.0.2:4400'],
  });
}

async function started(options: NetworkOptions): Promise<SimulatedCluster> {
  const cluster = new SimulatedCluster(3, options);
  await cluster.start();
  await cluster.network.run(1_000);
  return cluster;
}
const hello = (number: number) => ({ kind: 'hello', number }) as Message;
const taken = {
  code: 'IPX_MESSENGER_CLOSED',
  message: matching(/at 10\.[01]\.0\.1:4400/),
};

test.each(['later', 'set back'])(
  'CM-5 the second of one name closes, the first goes on; the clock of its host is %s',
  async (clock) => {
    for (const seed of seedsOf()) {
      const cluster = await started({ seed, loss: 0.05 });
      const [first, second] = cluster.messengers;
      const heard: unknown[] = [];
      first!.on('hello', ({ number }) => void heard.push(number));
      const late = namesake(cluster, clock === 'later' ? 2 : 0);
      const events: string[] = [];
      late.subscribe(({ type }) => events.push(type));
      await cluster.settle(late.start());
      const isTold = () => events.includes('self.displaced');
      expect(await cluster.network.until(isTold, 3_000), `seed ${seed}`).toBeDefined();
      await expect(late.send('n2', hello(0))).rejects.toMatchObject(taken);
      const isOne = () =>
        cluster.isEqual() &&
        cluster.messengers.every((one) =>
          one.members().every(({ status }) => status === 'alive'),
        ) &&
        second!.addressTable.rows().find(({ node }) => node === 'n1')?.adapters[0]?.address ===
          '10.0.0.1';
      expect(await cluster.network.until(isOne, 3_000), `seed ${seed}`).toBeDefined();
      await cluster.settle(second!.send('n1', hello(1)));
      expect(heard).toEqual([1]);
      await cluster.close();
    }
  },
  seedsPatience,
);

test('CM-5 the second of one name disturbs no message to the first', async () => {
  for (const seed of seedsOf()) {
    const cluster = await started({ seed });
    const [, second, third] = cluster.messengers;
    const heard = heardBy(cluster, 0);
    const sent: Promise<void>[] = [];
    const late = namesake(cluster, 2);
    const starting = late.start();
    for (let number = 0; number < 200; number += 1) {
      sent.push(second!.send('n1', numbered(number)));
      await cluster.network.run(2);
    }
    await starting;
    await cluster.settle(Promise.all(sent));
    expect(heard).toEqual(Array.from({ length: 200 }, (_, number) => number));
    await expect(late.send('n2', hello(0))).rejects.toMatchObject(taken);
    const changes = cluster.nodes.flatMap(({ events }) =>
      events.filter((event) => event.type === 'self.refuted'),
    );
    expect(changes).toEqual([]);
    expect(third!.members().map(({ status }) => status)).toEqual(['alive', 'alive']);
    await cluster.close();
  }
});

test('CM-5 a name is free again when its node has ended, said or unsaid', async () => {
  for (const how of ['leave', 'close'] as const) {
    const cluster = await started({ seed: 1 });
    const [first, ...others] = cluster.messengers;
    await cluster.settle(first![how]());
    const next = namesake(cluster, 2);
    const events: string[] = [];
    next.subscribe(({ type }) => events.push(type));
    await cluster.settle(next.start());
    const isOne = () => cluster.isEqual([next, ...others]);
    expect(await cluster.network.until(isOne, 3_000)).toBeDefined();
    await cluster.network.run(2_000);
    expect(events).not.toContain('self.displaced');
    await cluster.settle(next.close());
    await cluster.close();
  }
});

test('CM-5 who stood still until another took its place gives way to that', async () => {
  const cluster = await started({ seed: 1 });
  const [stopped] = cluster.nodes;
  stopped!.block(20_000);
  await cluster.network.run(10_000);
  const next = namesake(cluster, 2);
  await cluster.settle(next.start());
  await cluster.network.run(10_100);
  await cluster.network.run(2_000);
  expect(stopped!.events.some(({ type }) => type === 'self.displaced')).toBe(true);
  const isOne = () => cluster.isEqual([next, ...cluster.messengers.slice(1)]);
  expect(await cluster.network.until(isOne, 3_000)).toBeDefined();
  await cluster.settle(next.send('n2', hello(1)));
  await cluster.settle(next.close());
  await cluster.close();
});

test('CM-10 what two of one name have said displaces nobody when it is replayed', async () => {
  const cluster = await started({ seed: 1 });
  const kept: { bytes: Buffer; from: string; to: string }[] = [];
  cluster.network.onDatagram = (bytes, from, to) => kept.push({ bytes, from, to });
  const late = namesake(cluster, 2);
  await cluster.settle(late.start());
  await cluster.network.run(1_000);
  await expect(late.send('n2', hello(0))).rejects.toMatchObject(taken);
  const next = namesake(cluster, 3);
  const [first, ...others] = cluster.messengers;
  await cluster.settle(first!.leave());
  await cluster.settle(next.start());
  await cluster.network.until(() => cluster.isEqual([next, ...others]), 3_000);
  // Both at the address that the one had which was displaced.
  for (const { bytes, from, to } of kept) cluster.network.inject(bytes, from, to);
  await cluster.network.run(1_000);
  await cluster.settle(next.send('n2', hello(1)));
  expect(cluster.isEqual([next, ...others])).toBe(true);
  await cluster.settle(next.close());
  await cluster.close();
});
