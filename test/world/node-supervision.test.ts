/**
 * Goal: AF-5: a crash of a node's thread leads to what its supervision says; the other nodes and
 * their clients notice nothing but events.
 * Method: real threads that throw, fill their heaps or stand still; a client elsewhere talks on.
 */
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { startCluster, type ClusterEvents, type NodeSettings } from 'interplex';
import { closeGate, openAllGates } from '../support/gates.ts';
import { Testbed, type TestbedOptions } from '../support/testbed.ts';
import { uncaughtErrors } from '../support/uncaught.ts';
import { until } from '../support/until.ts';
import { applicationAt } from '../support/application-at.ts';

const failing = applicationAt('failing');

const nodesWith = (hall: NodeSettings) => ({
  edge: {},
  'hall-1': { run: ['room'], ...hall },
  'hall-2': { run: ['room'] },
});
const soon = { least: 1, most: 10 };

async function bedWith(options: TestbedOptions): Promise<Testbed> {
  const bed = await Testbed.start(options);
  onTestFinished(() => bed.stop());
  return bed;
}

const named = ['node.ended', 'node.restarting', 'node.started', 'node.failed'] as const;

/** What is told of a node, in order. */
function toldOf(bed: Testbed, node: string): string[] {
  const told: string[] = [];
  for (const name of named) {
    bed.cluster.on(name, (event: ClusterEvents[typeof name][0]) => {
      if (event.node === node) told.push(name);
    });
  }
  return told;
}

test('AF-5 a node that crashes is started again, and is then like any other', async () => {
  const bed = await bedWith({ nodes: nodesWith({ supervision: { backoffMs: soon } }) });
  const living = await bed.connectTo('hall-2');
  const crashing = await bed.connectTo('hall-1');
  const told = toldOf(bed, 'hall-1');
  const before = (await bed.cluster.health('hall-1')).threadId;
  const restarting = once(bed.cluster, 'node.restarting');
  const started = once(bed.cluster, 'node.started');
  crashing.tell({ do: 'crash' });
  expect(await restarting).toEqual([
    { node: 'hall-1', afterMs: 1, code: 'IPX_NODE_FAILED', reason: 'the application has crashed' },
  ]);
  expect(await crashing.over()).toBe('end');
  await started;
  expect(told).toEqual(['node.ended', 'node.restarting', 'node.started']);
  expect((await bed.cluster.health('hall-1')).threadId).not.toBe(before);
  expect(bed.cluster.vitals().find(({ node }) => node === 'hall-1')?.restarts).toBe(1);
  await bed.connectTo('hall-1');
  expect(await living.ask({ do: 'echo', text: 'alive' })).toBe('alive');
});

test('AF-5 a node that crashes in a loop is given up at its limit; the others go on', async () => {
  const supervision = { backoffMs: soon, intensity: { restarts: 3, withinMs: 60_000 } };
  const nodes = {
    ...nodesWith({}),
    looping: { actors: ['failing'], supervision },
  };
  const bed = await bedWith({ nodes, applications: { failing } });
  const living = await bed.connectTo('hall-2');
  const told = toldOf(bed, 'looping');
  const ends: string[] = [];
  bed.cluster.on('node.ended', (end) => ends.push(end.cause));
  closeGate('considering');
  const [failed] = (await once(bed.cluster, 'node.failed')) as ClusterEvents['node.failed'];
  expect(failed).toMatchObject({ node: 'looping', reason: 'it fails again and again' });
  expect(told.filter((name) => name === 'node.restarting')).toHaveLength(3);
  expect(ends).toEqual(['crashed', 'crashed', 'crashed', 'crashed']);
  expect(bed.cluster.nodes()).not.toContain('looping');
  expect(await living.ask({ do: 'echo', text: 'alive' })).toBe('alive');
  // By hand it can be started again, and is supervised as before.
  const again = once(bed.cluster, 'node.failed');
  await bed.cluster.restart('looping');
  await again;
});

test('AF-5 a node that fills its heap crashes alone, and is started again', async () => {
  const bed = await bedWith({
    nodes: nodesWith({
      supervision: { backoffMs: soon },
      resourceLimits: { maxOldGenerationSizeMb: 48 },
    }),
  });
  const living = await bed.connectTo('hall-2');
  const leaking = await bed.connectTo('hall-1');
  const ended = once(bed.cluster, 'node.ended');
  const started = once(bed.cluster, 'node.started');
  leaking.tell({ do: 'leak' });
  expect(await ended).toMatchObject([
    { node: 'hall-1', cause: 'crashed', reason: expect.stringContaining('memory limit') as string },
  ]);
  expect(await leaking.over()).toBe('end');
  await started;
  await bed.connectTo('hall-1');
  expect(await living.ask({ do: 'echo', text: 'alive' })).toBe('alive');
}, 30_000);

test('AF-5 a node that stands still is seen and told of, and nobody waits for it', async () => {
  const bed = await bedWith({ nodes: nodesWith({}) });
  const living = await bed.connectTo('hall-2');
  const halting = await bed.connectTo('hall-1');
  const vitalsOf = (node: string) => bed.cluster.vitals().find((vitals) => vitals.node === node);
  await until('it has told of its client', () => vitalsOf('hall-1')?.clients === 1);
  closeGate('considering');
  const blocked = once(bed.cluster, 'node.blocked');
  const resumed = once(bed.cluster, 'node.resumed');
  halting.tell({ do: 'block' });
  const [{ node, forMs }] = (await blocked) as ClusterEvents['node.blocked'];
  expect(node).toBe('hall-1');
  expect(forMs).toBeGreaterThan(1_000);
  await until('its event loop is seen busy', () => (vitalsOf('hall-1')?.eventLoopUse ?? 0) > 0.99);
  expect(vitalsOf('hall-1')).toMatchObject({ clients: 1, transfersUnderway: 0, restarts: 0 });
  expect(vitalsOf('hall-1')?.ageMs).toBeGreaterThan(1_000);
  expect(vitalsOf('hall-2')?.eventLoopUse).toBeLessThan(0.5);
  expect(await living.ask({ do: 'echo', text: 'alive' })).toBe('alive');
  await bed.connectTo('hall-2');
  openAllGates();
  expect(await resumed).toMatchObject([{ node: 'hall-1' }]);
  expect(await halting.ask({ do: 'echo', text: 'awake' })).toBe('awake');
  await until('it tells of itself again', () => (vitalsOf('hall-1')?.ageMs ?? 9_999) < 1_000);
});

test('AF-5 kill() is for good: it restarts nothing, and calls off a restart to come', async () => {
  const late = { least: 60_000, most: 60_000 };
  const bed = await bedWith({ nodes: nodesWith({ supervision: { backoffMs: late } }) });
  const told = toldOf(bed, 'hall-1');
  const crashing = await bed.connectTo('hall-1');
  const restarting = once(bed.cluster, 'node.restarting');
  crashing.tell({ do: 'crash' });
  await restarting;
  await bed.cluster.kill('hall-1');
  await expect(bed.cluster.kill('hall-1')).rejects.toMatchObject({ code: 'IPX_NODE_UNKNOWN' });
  await bed.cluster.restart('hall-1');
  await bed.cluster.kill('hall-1');
  expect(told).toEqual(['node.ended', 'node.restarting', 'node.started', 'node.ended']);
});

test.each(['node.ended', 'node.restarting'] as const)(
  'AF-5 kill() is for good also when %s is what it answers',
  async (name) => {
    const bed = await bedWith({ nodes: nodesWith({ supervision: { backoffMs: soon } }) });
    const told = toldOf(bed, 'hall-1');
    const crashing = await bed.connectTo('hall-1');
    const killed = new Promise((resolve) => {
      bed.cluster.once(name, () => resolve(bed.cluster.kill('hall-1')));
    });
    crashing.tell({ do: 'crash' });
    await killed;
    await bed.cluster.restart('hall-1');
    expect(told).toEqual(
      ['node.ended', 'node.restarting', 'node.started'].filter(
        (event) => event !== 'node.restarting' || name === event,
      ),
    );
  },
);

test('AF-5 listeners that throw keep no node from being started again', async () => {
  const bed = await bedWith({ nodes: nodesWith({ supervision: { backoffMs: soon } }) });
  const crashing = await bed.connectTo('hall-1');
  const thrown = uncaughtErrors();
  for (const name of named) {
    bed.cluster.on(name, () => {
      throw new Error(name);
    });
  }
  crashing.tell({ do: 'crash' });
  await until('all have thrown', () => thrown.length === 3);
  expect(thrown).toEqual(['node.ended', 'node.restarting', 'node.started'].map((e) => Error(e)));
  bed.cluster.removeAllListeners();
  await bed.connectTo('hall-1');
});

test('AF-5 an escalated crash ends the cluster, which says why', async () => {
  const nodes = nodesWith({ supervision: { strategy: 'escalate' } });
  const bed = await bedWith({ nodes, drainMs: 200 });
  const crashing = await bed.connectTo('hall-1');
  const living = await bed.connectTo('hall-2');
  const failed = once(bed.cluster, 'cluster.failed');
  crashing.tell({ do: 'crash' });
  expect(await failed).toMatchObject([{ node: 'hall-1', reason: 'the application has crashed' }]);
  await bed.cluster.stop();
  expect(await living.over()).toBe('end');
  await expect(bed.cluster.restart('hall-1')).rejects.toMatchObject({
    code: 'IPX_CLUSTER_STOPPED',
  });
});

test('AF-5 an escalated crash of a cluster that cannot stop is rejected at nobody', async () => {
  const nodes = nodesWith({ supervision: { strategy: 'escalate' } });
  const bed = await bedWith({ nodes });
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  const stop = bed.cluster.stop.bind(bed.cluster);
  const failed = once(bed.cluster, 'cluster.failed');
  let isAsked = false;
  // No spy: it would handle what it has its function reject with.
  bed.cluster.stop = () => {
    isAsked = true;
    return Promise.reject(new Error('it cannot stop'));
  };
  const crashing = await bed.connectTo('hall-1');
  crashing.tell({ do: 'crash' });
  await failed;
  await until('it was to stop', () => isAsked);
  await setImmediate();
  bed.cluster.stop = stop;
  expect(unhandled).toEqual([]);
});

test('AF-5 a cluster that stops while a node is to be restarted leaves nothing', async () => {
  const nodes = nodesWith({ supervision: { backoffMs: { least: 0 } } });
  const bed = await bedWith({ nodes });
  const crashing = await bed.connectTo('hall-1');
  const restarting = once(bed.cluster, 'node.restarting');
  crashing.tell({ do: 'crash' });
  await restarting;
  await bed.cluster.stop();
  expect(bed.cluster.nodes()).toEqual([]);
});

test('CT-16 the clients that a node relayed for others end with it, and are counted', async () => {
  const bed = await bedWith({ nodes: nodesWith({}), carriers: ['relay'] });
  const relayed = await Promise.all([1, 2, 3].map(() => bed.connectTo('hall-1')));
  const own = await bed.connect();
  await own.ask({ do: 'echo', text: 'here' });
  const ended = once(bed.cluster, 'node.ended');
  await bed.cluster.kill('edge');
  expect(await ended).toEqual([{ node: 'edge', cause: 'killed', relayedClients: 3 }]);
  for (const client of relayed) expect(await client.over()).toBe('end');
});

test('AF-5 while a node stands still, others end, start again and serve', async () => {
  const nodes = {
    ...nodesWith({ supervision: { backoffMs: soon } }),
    'hall-3': { run: ['room'] },
  };
  const bed = await bedWith({ nodes });
  const halting = await bed.connectTo('hall-3');
  const crashing = await bed.connectTo('hall-1');
  closeGate('considering');
  halting.tell({ do: 'block' });
  await once(bed.cluster, 'node.blocked');
  await expect(bed.cluster.health('hall-3')).rejects.toMatchObject({ code: 'IPX_NODE_BLOCKED' });
  const started = once(bed.cluster, 'node.started');
  crashing.tell({ do: 'crash' });
  await started;
  const again = await bed.connectTo('hall-1');
  await bed.cluster.kill('hall-2');
  await bed.cluster.restart('hall-2');
  await bed.connectTo('hall-2');
  await bed.cluster.kill('hall-1'); // Twice, before the one that stands still has heard of it.
  expect(await again.over()).toBe('end');
  await bed.cluster.restart('hall-1');
  openAllGates();
  expect(await halting.ask({ do: 'echo', text: 'awake' })).toBe('awake');
  const targets = () => halting.ask({ do: 'targets' });
  await until('it knows who is there', async () => ((await targets()) as unknown[]).length === 3);
  halting.tell({ do: 'transfer', prefer: ['hall-1'] });
  expect(await halting.ask({ do: 'who' })).toMatchObject({ node: 'hall-1' });
}, 20_000);

test('AF-5 AF-9 a module that lets nothing else run is ended with its node', async () => {
  const endless = applicationAt('endless');
  const options = { applications: { endless }, nodes: { edge: { run: ['endless'] } } };
  await expect(
    startCluster({ ...options, startMs: 500, drainMs: 100, log: { level: 'silent' } }),
  ).rejects.toMatchObject({ code: 'IPX_START_TIMEOUT' });
});
