/**
 * Events and asks between two threads, against one `postMessage` for each. Ours are two nodes of a
 * cluster; the peer is two plain threads with a port and the same actors. Rounds alternate.
 */
import { startCluster } from 'interplex';
import { less, more, type Result } from '../report.ts';
import { median, quantile } from '../statistics.ts';
import type { Group, Scale, Suite } from '../suite.ts';
import { askThread } from '../../support/thread-call.ts';
import type { Command } from './nodes.ts';
import { startPlainPair } from './plain-pair.ts';

const peer = 'one postMessage each';
const rateName = 'events to custom logic';
const machineName = 'events to an XState machine';
const askName = 'ask, p50';

/** Both pairs of threads, as long as a group measures. */
async function withThreads<Value>(measure: () => Promise<Value>): Promise<Value> {
  const nodes = new URL('./nodes.ts', import.meta.url);
  const stopPlain = await startPlainPair();
  const cluster = await startCluster({
    applications: { nodes },
    nodes: { hall: { actors: ['nodes'] }, edge: { actors: ['nodes'] } },
  });
  try {
    return await measure();
  } finally {
    await cluster.stop();
    await stopPlain();
  }
}

const tell = <Value = void>(thread: string, command: Command) => askThread<Value>(thread, command);

/** Thousands a second, from the first that is sent to the last that is handled. */
async function rateOf(prefix: '' | 'plain-', to: string, count: number): Promise<number> {
  const heard = tell(`${prefix}hall`, { type: 'expect', count });
  const begunAt = performance.now();
  await Promise.all([tell(`${prefix}edge`, { type: 'send', to, count }), heard]);
  return count / (performance.now() - begunAt);
}

function rateGroup(name: string, to: string, target: number, fullCount: number): Group {
  return {
    names: [name],
    measure: (scale: Scale) =>
      withThreads(async () => {
        const [count, rounds] = scale === 'full' ? [fullCount, 11] : [2_000, 2];
        const ours: number[] = [];
        const theirs: number[] = [];
        for (let round = 0; round <= rounds; round += 1) {
          const one = await rateOf('', to, count);
          const other = await rateOf('plain-', to, count);
          if (round === 0) continue; // The first warms both.
          ours.push(one);
          theirs.push(other);
        }
        const [value, peerValue] = [median(ours), median(theirs)];
        return [more({ name, unit: 'thousand/s', value, peer, peerValue, target })];
      }),
  };
}

const askGroup: Group = {
  names: [askName],
  measure: (scale) =>
    withThreads(async () => {
      const [count, rounds] = scale === 'full' ? [1_000, 15] : [50, 2];
      const ours: number[] = [];
      const theirs: number[] = [];
      for (let round = 0; round <= rounds; round += 1) {
        const one = await tell<number[]>('edge', { type: 'ask', count });
        const other = await tell<number[]>('plain-edge', { type: 'ask', count });
        if (round === 0) continue;
        ours.push(...one);
        theirs.push(...other);
      }
      return [askResult(quantile(ours, 0.5), quantile(theirs, 0.5))];
    }),
};

const askResult = (value: number, peerValue: number): Result =>
  less({
    name: askName,
    unit: 'µs',
    value,
    peer: 'a bare postMessage round trip',
    peerValue,
    target: 0.77,
  });

export const eventsSuite: Suite = {
  groups: [
    rateGroup(rateName, 'custom', 10, 400_000),
    rateGroup(machineName, 'machine', 1.5, 100_000),
    askGroup,
  ],
};
