/**
 * How long until a change is everywhere, in simulated time: 64 nodes with 5 % loss over many seeds;
 * how that grows up to 1,000 nodes; and after a partition. The messengers are the real ones.
 */
import { SimulatedCluster } from '../../support/simulated-cluster.ts';
import { less, type Result } from '../report.ts';
import { quantile } from '../statistics.ts';
import type { Group } from '../suite.ts';

const periodMs = 200;

interface Change {
  readonly ms: number;
  /** Sent by each node meanwhile. */
  readonly bytes: number;
}

/** One row changes; the milliseconds until all hashes are equal. */
async function change(count: number, seed: number): Promise<Change> {
  const cluster = new SimulatedCluster(count, { seed, loss: 0.05 });
  await cluster.start();
  await cluster.network.run(300 + ((seed * 37) % 200)); // They have met; at any time of a beat.
  if ((await cluster.network.until(() => cluster.isEqual(), 30_000)) === undefined) {
    throw new Error(`${count} nodes did not agree at their start, seed ${seed}.`);
  }
  const { bytes } = cluster.network;
  cluster.messengers[seed % count]!.setDataPort(1 + (seed % 60_000));
  const ms = (await cluster.network.until(() => cluster.isEqual(), 30_000)) ?? Infinity;
  await cluster.close();
  return { ms, bytes: (cluster.network.bytes - bytes) / count };
}

const worstName = '64 nodes, 5 % loss, a row changed: equal everywhere, worst of all seeds';
const bytesName = '64 nodes, the same: bytes sent by a node, median';

export const smallGroup: Group = {
  names: [worstName, bytesName],
  measure: async (scale) => {
    const seeds = scale === 'full' ? Number(process.env['IPX_SEEDS'] ?? 50) : 1;
    const changes: Change[] = [];
    for (let seed = 1; seed <= seeds; seed += 1) changes.push(await change(64, seed));
    const value = Math.max(...changes.map(({ ms }) => ms));
    const bytes = quantile(
      changes.map((one) => one.bytes),
      0.5,
    );
    const bound = { peer: 'a bound', target: 1 };
    return [
      less({ name: worstName, unit: 'ms', value, peerValue: 1_000, ...bound }),
      // A table of 64 rows sent whole, once: what a node that knew nothing of digests would send.
      less({ name: bytesName, unit: 'bytes', value: bytes, ...wholeTable, target: 1 }),
    ];
  },
};
const wholeTable = { peer: 'the whole table to three others', peerValue: 3 * 64 * 100 };

const sizes = [16, 64, 250, 1_000] as const;
const nameOf = (count: number) => `${count} nodes, 5 % loss, a row changed: equal everywhere`;

export const curveGroup: Group = {
  names: sizes.map(nameOf),
  measure: async (scale) => {
    const results: Result[] = [];
    for (const count of scale === 'full' ? sizes : sizes.slice(0, 2)) {
      const seeds = scale === 'full' ? (count === 1_000 ? 3 : 9) : 1;
      const samples: number[] = [];
      for (let seed = 1; seed <= seeds; seed += 1) samples.push((await change(count, seed)).ms);
      const value = quantile(samples, 0.5);
      // Push gossip with fan-out 1 needs log2 n + ln n rounds (Pittel 1987): it grows as log n.
      const peerValue = (Math.log2(count) + Math.log(count)) * periodMs;
      const peer = 'log2 n + ln n heartbeats';
      results.push(less({ name: nameOf(count), unit: 'ms', value, peer, peerValue, target: 1 }));
    }
    return results;
  },
};

const healName = 'a partition of 8 nodes mended: equal again after contact, worst of all seeds';

export const partitionGroup: Group = {
  names: [healName],
  measure: async (scale) => {
    const seeds = scale === 'full' ? 30 : 1;
    const samples: number[] = [];
    for (let seed = 1; seed <= seeds; seed += 1) samples.push(await heal(seed));
    const value = Math.max(...samples);
    const peer = 'two heartbeats';
    const peerValue = 2 * periodMs;
    return [less({ name: healName, unit: 'ms', value, peer, peerValue, target: 1 })];
  },
};

async function heal(seed: number): Promise<number> {
  const cluster = new SimulatedCluster(8, { seed });
  await cluster.start();
  await cluster.network.run(2_000);
  cluster.part(4);
  const isParted = () => !cluster.isEqual() && cluster.messengers.every(seesFourDead);
  await cluster.network.until(isParted, 30_000);
  cluster.mend();
  await cluster.network.until(cluster.whenMet(4), 10_000);
  const isHealed = () =>
    cluster.isEqual() &&
    cluster.messengers[0]!.addressTable.rows().every(({ status }) => status === 'present');
  const ms = (await cluster.network.until(isHealed, 10_000)) ?? Infinity;
  await cluster.close();
  return ms;
}
const seesFourDead = (messenger: SimulatedCluster['messengers'][number]) =>
  messenger.members().filter(({ status }) => status === 'dead').length === 4;
