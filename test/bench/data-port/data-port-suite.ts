/**
 * Data ports between two threads, against zeromq, plain sockets, and bounds that the field knows.
 * Rounds of ours and of a peer alternate.
 */
import { less, more } from '../report.ts';
import { quantile } from '../statistics.ts';
import type { Group, Suite } from '../suite.ts';
import { lastingGroups } from './lasting-groups.ts';
import { lineGroups } from './line-groups.ts';
import { alone, chunk, open, pairOf, rateOf, rates, tell, type Measured } from './pairs.ts';

const smallZeromq = '64 B messages, acknowledged';
const smallEach = '64 B messages, acknowledged, against one write each';
const small: Group = {
  names: [smallZeromq, smallEach],
  measure: async (scale) => {
    const [rounds, scaled] = scale === 'full' ? [7, 1] : [1, 0.01];
    const ways: Measured[] = [
      { way: 'port', count: 1_000_000 * scaled },
      { way: 'zeromq', count: 200_000 * scaled },
      { way: 'plain', count: 200_000 * scaled },
    ];
    const [value = 0, zeromq = 0, plain = 0] = await rates(ways, 64, rounds);
    const unit = 'thousand/s';
    const [pushing, writing] = ['zeromq PUSH/PULL', 'one socket.write each'];
    return [
      more({ name: smallZeromq, unit, value, peer: pushing, peerValue: zeromq, target: 4 }),
      more({ name: smallEach, unit, value, peer: writing, peerValue: plain, target: 5 }),
    ];
  },
};

const bulkNames = ['bulk over 1 path', 'bulk over 4 paths'];
const bulk: Group = {
  names: bulkNames,
  measure: async (scale) => {
    const [rounds, count] = scale === 'full' ? [7, 16_000] : [1, 160];
    const ways: Measured[] = [
      { way: 'port', links: 1, count },
      { way: 'port', links: 4, count },
      { way: 'plain', count },
    ];
    const [one = 0, four = 0, plain = 0] = await rates(ways, chunk, rounds);
    const mb = (rate: number) => (rate * chunk) / 1_000;
    const peer = 'one plain stream, the same chunks';
    return [one, four].map((rate, index) => {
      const name = bulkNames[index]!;
      const [value, peerValue] = [mb(rate), mb(plain)];
      return more({ name, unit: 'MB/s', value, peer, peerValue, target: 0.85 });
    });
  },
};

const controlName = 'control round trip under bulk, p99';
const control: Group = {
  names: [controlName],
  measure: async (scale) => {
    const [count, length] = scale === 'full' ? [4_000, 80_000] : [50, 500];
    const pair = await pairOf('port');
    await open(pair, {});
    // Code that was compiled only now would make the idle ones slow.
    await tell(pair.edge, { type: 'control', count: count / 2 });
    await rateOf(pair, 'port', length / 4, chunk);
    const idle = await tell<number[]>(pair.edge, { type: 'control', count });
    const bulkRate = rateOf(pair, 'port', length, chunk);
    const busy = await tell<number[]>(pair.edge, { type: 'control', count: count / 4 });
    const chunkMs = 1 / (await bulkRate);
    const peerValue = chunkMs + 2 * quantile(idle, 0.99);
    const peer = 'a chunk and twice the idle p99';
    const value = quantile(busy, 0.99);
    return [less({ name: controlName, unit: 'ms', value, peer, peerValue, target: 1 })];
  },
};

export const dataPortSuite: Suite = {
  groups: [small, bulk, control, ...lineGroups, ...lastingGroups].map((group) => alone(group)),
};
