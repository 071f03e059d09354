/**
 * The primary address is cut, and the next reliable message comes over the alternate: how long
 * that takes over real sockets on loopback. The anchor is what kronosnet needs to notice under
 * Corosync's defaults, two nodes: half of a token of 3 s.
 */
import { newMessenger } from '#internal/cluster/new-messenger';
import { CutSockets } from '../../support/cut-sockets.ts';
import { less } from '../report.ts';
import { quantile } from '../statistics.ts';
import type { Group } from '../suite.ts';

const name = 'primary address cut, next reliable message over the alternate, p99';
const anchorMs = 1_500;

export const failoverGroup: Group = {
  names: [name],
  measure: async (scale) => {
    const rounds = scale === 'full' ? 60 : 2;
    const sockets = new CutSockets();
    const madeKey = new Uint8Array(32).fill(1);
    const nodes = [1, 2].map((last) =>
      newMessenger(
        {
          node: `n${last}`,
          madeKey,
          adapters: [{ address: `127.0.1.${last}`, port: 46_300 }, { address: `127.0.2.${last}` }],
          seeds: ['127.0.1.1:46300'],
        },
        { openSocket: sockets.open },
      ),
    );
    await Promise.all(nodes.map((node) => node.start()));
    const [sender, receiver] = nodes;
    let heard = 0;
    receiver!.on('count', () => (heard += 1));
    const isUsable = () =>
      sender!.addressTable.observed().filter(({ status }) => status === 'reachable').length === 2;
    const samples: number[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      while (!isUsable()) await new Promise((resolve) => setTimeout(resolve, 5));
      await sender!.send('n2', { kind: 'count' });
      sockets.cut('127.0.1.2');
      const begunAt = performance.now();
      await sender!.send('n2', { kind: 'count' });
      samples.push(performance.now() - begunAt);
      sockets.mend();
      if (heard !== 2 * round) throw new Error(`${heard} messages came of ${2 * round}.`);
    }
    await Promise.all(nodes.map((node) => node.close()));
    const value = quantile(samples, 0.99);
    const peer = 'kronosnet, Corosync’s defaults';
    return [less({ name, unit: 'ms', value, peer, peerValue: anchorMs, target: 6 })];
  },
};
