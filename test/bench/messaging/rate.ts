/**
 * Reliable messages of 64 bytes between two threads over loopback, against one UDP `send` for each,
 * of which those count that arrive. Rounds alternate.
 */
import { askThread, startThread } from '../../support/thread-call.ts';
import { more } from '../report.ts';
import { median } from '../statistics.ts';
import type { Group } from '../suite.ts';
import type { Command, NodeThread } from './node-thread.ts';

const module = new URL('./node-thread.ts', import.meta.url);
const tell = <Value = void>(thread: string, command: Command) => askThread<Value>(thread, command);
let lastPort = 46_200;

/** Two threads of one cluster. Gives the port of the peer's receiver. */
async function startPair(name: string, authentication: 'aead' | 'none'): Promise<number> {
  const madeKey = new Uint8Array(32).fill(1);
  const port = (lastPort += 1);
  const shared = { madeKey, authentication, seeds: [`127.0.0.1:${port}`] };
  const hall: NodeThread = {
    ...shared,
    thread: `${name}-hall`,
    node: 'hall',
    adapters: [{ address: '127.0.0.1', port }],
  };
  const edge = {
    ...shared,
    thread: `${name}-edge`,
    node: 'edge',
    adapters: [{ address: '127.0.0.2' }],
  };
  const peerPort = await startThread<number>(module, hall);
  await startThread<number>(module, edge);
  await tell(`${name}-edge`, { type: 'ready' });
  await tell(`${name}-hall`, { type: 'ready' });
  return peerPort;
}

/** Thousands a second. */
async function ours(name: string, count: number): Promise<number> {
  const heard = tell<number>(`${name}-hall`, { type: 'expect', count });
  const begunAt = performance.timeOrigin + performance.now();
  await tell(`${name}-edge`, { type: 'send', to: 'hall', count });
  return count / ((await heard) - begunAt);
}

async function theirs(name: string, port: number, ms: number): Promise<number> {
  await tell(`${name}-hall`, { type: 'count' });
  const begunAt = performance.now();
  await tell(`${name}-edge`, { type: 'flood', port, ms });
  const received = await tell<number>(`${name}-hall`, { type: 'count' });
  return received / (performance.now() - begunAt);
}

export function rateGroup(authentication: 'aead' | 'none', target: number): Group {
  const how = authentication === 'aead' ? 'with authentication' : 'without authentication';
  const name = `reliable 64 B messages, ${how}`;
  return {
    names: [name],
    measure: async (scale) => {
      const [count, rounds, ms] = scale === 'full' ? [200_000, 7, 500] : [2_000, 1, 50];
      const port = await startPair(authentication, authentication);
      const values: number[] = [];
      const peers: number[] = [];
      for (let round = 0; round <= rounds; round += 1) {
        const one = await ours(authentication, count);
        const other = await theirs(authentication, port, ms);
        if (round === 0) continue; // The first warms both.
        values.push(one);
        peers.push(other);
      }
      const [value, peerValue] = [median(values), median(peers)];
      const peer = 'one UDP send each, received';
      return [more({ name, unit: 'thousand/s', value, peer, peerValue, target })];
    },
  };
}
