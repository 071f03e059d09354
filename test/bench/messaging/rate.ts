/**
 * Reliable messages of 64 bytes between two nodes of a cluster over loopback, sent as users send
 * them, against one UDP `send` for each between the same two threads, of which those count that
 * arrive. Rounds alternate. The nodes' sockets are the main thread's, those of the peer its own.
 */
import { startCluster } from 'interplex';
import { askThread } from '../../support/thread-call.ts';
import { more } from '../report.ts';
import { median } from '../statistics.ts';
import type { Group, Scale } from '../suite.ts';
import type { Command } from './rate-nodes.ts';

type Authentication = 'aead' | 'none';
const tell = <Value = void>(node: string, command: Command) => askThread<Value>(node, command);

/** Thousands a second. */
async function ours(count: number): Promise<number> {
  const heard = tell<number>('hall', { type: 'expect', count });
  const begunAt = performance.timeOrigin + performance.now();
  await tell('edge', { type: 'send', to: 'hall', count });
  return count / ((await heard) - begunAt);
}

async function theirs(port: number, ms: number): Promise<number> {
  await tell('hall', { type: 'count' });
  const begunAt = performance.now();
  await tell('edge', { type: 'flood', port, ms });
  const received = await tell<number>('hall', { type: 'count' });
  return received / (performance.now() - begunAt);
}

async function rounds(scale: Scale): Promise<{ value: number; peerValue: number }> {
  const [count, roundCount, ms] = scale === 'full' ? [500_000, 7, 500] : [2_000, 1, 50];
  await tell('edge', { type: 'ready' });
  const port = await tell<number>('hall', { type: 'ready' });
  const values: number[] = [];
  const peers: number[] = [];
  for (let round = 0; round <= roundCount; round += 1) {
    const one = await ours(count);
    const other = await theirs(port, ms);
    if (round === 0) continue; // The first warms both.
    values.push(one);
    peers.push(other);
  }
  await Promise.all([tell('edge', { type: 'close' }), tell('hall', { type: 'close' })]);
  return { value: median(values), peerValue: median(peers) };
}

export function rateGroup(authentication: Authentication, target: number): Group {
  const how = authentication === 'aead' ? 'with authentication' : 'without authentication';
  const name = `reliable 64 B messages, ${how}`;
  return {
    names: [name],
    measure: async (scale) => {
      const cluster = await startCluster({
        applications: { rate: new URL('./rate-nodes.ts', import.meta.url) },
        nodes: { hall: { actors: ['rate'] }, edge: { actors: ['rate'] } },
        messaging: { authentication },
        log: { level: 'silent' },
      });
      try {
        const figures = await rounds(scale);
        const peer = 'one UDP send each, received';
        return [more({ name, unit: 'thousand/s', ...figures, peer, target })];
      } finally {
        await cluster.stop();
      }
    },
  };
}
