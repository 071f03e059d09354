/**
 * Goal: whoever dies in whichever phase of a transfer, the client is served, or told, or its
 * connection ends; and nothing is left behind (CT-7, AF-3).
 * Method: each phase is reached for certain (see `phases`), then a thread is killed there.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { socketCount } from '../support/descriptors.ts';
import { openAllGates } from '../support/gates.ts';
import { reach, type Phase } from '../support/phases.ts';
import { Testbed } from '../support/testbed.ts';
import { until } from '../support/until.ts';

let bed: Testbed;
let socketsAtRest = 0;
beforeAll(async () => {
  bed = await Testbed.start();
  socketsAtRest = socketCount();
});
afterEach(async () => {
  for (const node of ['edge', 'hall-1', 'hall-2']) {
    if (!bed.cluster.nodes().includes(node)) await bed.cluster.restart(node);
  }
  await bed.settle();
  await until('no descriptor is left', () => socketCount() === socketsAtRest);
});
afterAll(() => bed.stop());

/** Kills the nodes, then lets go all that stands: a kill has ended when the others know of it. */
async function kill(...nodes: string[]): Promise<void> {
  const killed = nodes.map((node) => bed.cluster.kill(node));
  const areDead = () => nodes.every((node) => !bed.cluster.nodes().includes(node));
  await until(`the threads of ${nodes.join(' and ')} have ended`, areDead);
  openAllGates();
  await Promise.all(killed);
}

/** A client whose transfer to `hall-1` stands in the phase. */
async function clientIn(phase: Phase) {
  const client = await bed.connect();
  expect(await client.ask({ do: 'echo', text: 'hello' })).toBe('hello');
  await reach(bed, client, phase);
  return client;
}

test.each(['considering', 'accepted', 'committed'] as const)(
  'CT-7 the target dies while %s: the next one serves the client',
  async (phase) => {
    const client = await clientIn(phase);
    await kill('hall-1');
    const who = await client.ask({ do: 'who' });
    expect(who).toMatchObject({ node: 'hall-2', hops: 1, state: { attempt: 2 } });
  },
);

test.each(['considering', 'accepted', 'committed'] as const)(
  'CT-7 both targets die while %s: the client is whole at the giver and gets a sentence',
  async (phase) => {
    const client = await clientIn(phase);
    await kill('hall-1', 'hall-2');
    client.tell({ do: 'who' });
    expect(await client.answer()).toMatchObject({ outcome: 'refused', code: 'IPX_TARGET_LOST' });
    expect(await client.answer()).toMatchObject({ role: 'routing', node: 'edge', hops: 0 });
  },
);

test('CT-7 the target dies after it has adopted the client: the connection ends', async () => {
  const client = await clientIn('adopted');
  await kill('hall-1');
  expect(await client.over()).toBe('end');
  expect(bed.cluster.routes()).toEqual([]);
});

test.each(['considering', 'accepted'] as const)(
  'CT-7 the giver dies while %s: the connection ends, and the target keeps nothing of it',
  async (phase) => {
    const client = await clientIn(phase);
    await kill('edge');
    expect(await client.over()).toBe('end');
    expect(await bed.cluster.health('hall-1')).toMatchObject({ clients: 0, transfersUnderway: 0 });
  },
);

test('CT-6 the giver dies with its commit in flight: the target serves the client', async () => {
  const client = await clientIn('committed');
  await kill('edge');
  expect(await client.ask({ do: 'who' })).toMatchObject({ node: 'hall-1', hops: 1 });
});

test('CT-6 the giver dies after the move: the client is served on, and moves on', async () => {
  const client = await clientIn('adopted');
  await kill('edge');
  expect(await client.ask({ do: 'who' })).toMatchObject({ node: 'hall-1' });
  client.tell({ do: 'transfer', prefer: ['hall-2'] });
  expect(await client.ask({ do: 'who' })).toMatchObject({ node: 'hall-2', hops: 2 });
});

test.each(['considering', 'accepted', 'committed'] as const)(
  'CT-7 giver and target die while %s: the connection ends, and no descriptor is left',
  async (phase) => {
    const client = await clientIn(phase);
    await kill('edge', 'hall-1');
    expect(await client.over()).toBe('end');
  },
);

test('AF-3 a node that died serves again under its name when it is restarted', async () => {
  for (const node of ['hall-1', 'edge']) {
    await kill(node);
    await bed.cluster.restart(node);
    const client = await bed.connectTo('hall-1');
    expect(await client.ask({ do: 'who' })).toMatchObject({ node: 'hall-1' });
  }
});
