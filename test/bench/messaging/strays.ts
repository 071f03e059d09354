/**
 * Datagrams that are none of the cluster's, while messages go on: how many of them are counted by a
 * cause, which is what becomes of a datagram that changes nothing. A state that changes, or a
 * message that is lost, is no figure: it throws.
 */
import { heardBy, numbered } from '../../support/counting.ts';
import { randomOf } from '../../support/random.ts';
import { SimulatedCluster } from '../../support/simulated-cluster.ts';
import { droppedBy, StrayDatagrams } from '../../support/stray-datagrams.ts';
import { more } from '../report.ts';
import type { Group } from '../suite.ts';

const name = 'datagrams malformed, truncated, replayed, foreign: counted by cause';

export const straysGroup: Group = {
  names: [name],
  measure: async (scale) => {
    const count = scale === 'full' ? Number(process.env['IPX_DATAGRAMS'] ?? 50_000) : 2_000;
    const cluster = new SimulatedCluster(3, { seed: 2 });
    const stray = new StrayDatagrams(cluster.network, randomOf(2));
    await cluster.start();
    const heard = heardBy(cluster, 1);
    const [sender, receiver] = cluster.messengers;
    await cluster.settle(sender!.send('n2', numbered(0)));
    await cluster.network.run(1_000);
    const stateOf = () => JSON.stringify([receiver!.addressTable.rows(), receiver!.members()]);
    const [before, droppedBefore] = [stateOf(), droppedBy(cluster.messengers)];
    for (let number = 1; number <= count / 1_000; number += 1) {
      stray.inject(1_000);
      await cluster.settle(sender!.send('n2', numbered(number)));
    }
    await cluster.network.run(1);
    if (stateOf() !== before) throw new Error('A datagram of nobody has changed a state.');
    if (heard.some((number, index) => number !== index)) throw new Error('A message was lost.');
    const value = droppedBy(cluster.messengers) - droppedBefore;
    await cluster.close();
    const bound = { peer: 'all that came', peerValue: count, target: 1 };
    return [more({ name, unit: 'datagrams', value, ...bound })];
  },
};
