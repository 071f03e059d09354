/**
 * What it costs to be seen: transfers and events a second, of one program with the inspector's tap
 * in its threads, and with a page open, against the same without. Rounds alternate, each of
 * clusters started anew: two clusters of one program may differ for as long as they live.
 */
import { more, type Result } from '../report.ts';
import { median } from '../statistics.ts';
import type { Group, Scale, Suite } from '../suite.ts';
import { askThread } from '../../support/thread-call.ts';
import type { Command } from '../events/nodes.ts';
import { MovingClients } from './moving-clients.ts';
import { pageGroup } from './page-group.ts';
import { WatchedClusters, type Sight } from './watched-cluster.ts';

const sights = ['absent', 'unwatched', 'watched', 'stalled'] as const;
const seen = ['unwatched', 'watched', 'stalled'] as const;
const lines = {
  unwatched: { how: 'the tap there and nobody watching', target: 0.98 },
  watched: { how: 'a page open', target: 0.9 },
  stalled: { how: 'a page open that does not read', target: 0.9 },
} as const;

interface Plan {
  readonly rounds: number;
  readonly warmMs: number;
  readonly ms: number;
  readonly clients: number;
  readonly events: number;
}
const plans: Record<Scale, Plan> = {
  full: { rounds: 7, warmMs: 500, ms: 1_500, clients: 32, events: 100_000 },
  smoke: { rounds: 1, warmMs: 20, ms: 60, clients: 4, events: 1_000 },
};

const demo = new URL('../../../dist/src/cli/demo/', import.meta.url);

type Measure = (clusters: WatchedClusters, sight: Sight, plan: Plan) => Promise<number>;

const transferRate: Measure = async (clusters, sight, { warmMs, ms, clients }) => {
  const { cluster, stop } = await clusters.start(sight, {
    applications: { lobby: new URL('lobby.js', demo), room: new URL('room.js', demo) },
    nodes: { edge: {}, 'hall-1': { run: ['room'] }, 'hall-2': { run: ['room'] } },
    vipas: { chat: { address: '127.0.0.1', port: 0, routing: 'lobby', owner: 'edge' } },
  });
  const moving = new MovingClients(cluster.vipas()[0]?.port ?? 0, clients);
  try {
    await moving.rate(warmMs);
    return await moving.rate(ms);
  } finally {
    moving.close();
    await stop();
  }
};

const eventRate: Measure = async (clusters, sight, { events: count }) => {
  const tell = <Value = void>(thread: string, command: Command) =>
    askThread<Value>(thread, command);
  const { stop } = await clusters.start(sight, {
    applications: { nodes: new URL('../events/nodes.ts', import.meta.url) },
    nodes: { hall: { actors: ['nodes'] }, edge: { actors: ['nodes'] } },
  });
  try {
    let rate = 0;
    for (const _ of ['warming', 'measured']) {
      const heard = tell('hall', { type: 'expect', count });
      const begunAt = performance.now();
      await Promise.all([tell('edge', { type: 'send', to: 'machine', count }), heard]);
      rate = (count / (performance.now() - begunAt)) * 1_000;
    }
    return rate;
  } finally {
    await stop();
  }
};

function costGroup(what: string, measure: Measure): Group {
  const nameOf = (sight: keyof typeof lines) => `${what}, ${lines[sight].how}`;
  return {
    names: seen.map(nameOf),
    measure: async (scale) => {
      const plan = plans[scale];
      const rates: Record<Sight, number[]> = {
        absent: [],
        unwatched: [],
        watched: [],
        stalled: [],
      };
      const clusters = new WatchedClusters();
      for (let round = 0; round < plan.rounds; round += 1) {
        // Each comes first in its turn: what runs later runs warmer.
        const order = sights.map((_, index) => sights[(index + round) % sights.length] as Sight);
        for (const sight of order) rates[sight].push(await measure(clusters, sight, plan));
      }
      await clusters.stop();
      const peerValue = median(rates.absent);
      return seen.map((sight): Result =>
        more({
          name: nameOf(sight),
          unit: '/s',
          value: median(rates[sight]),
          peer: 'the same without the inspector',
          peerValue,
          target: lines[sight].target,
        }),
      );
    },
  };
}

export const inspectSuite: Suite = {
  groups: [
    costGroup('transfers', transferRate),
    costGroup('events to an XState machine', eventRate),
    pageGroup,
  ],
};
