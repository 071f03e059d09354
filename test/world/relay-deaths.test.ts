/**
 * Goal: CT-16, CT-7: whoever dies in whichever phase of a relayed client's transfer, the client is
 * served, or told, or its connection ends cleanly; and nothing is left behind.
 * Method: each phase is reached for certain (see `phases`), at the client's first move and at a
 * later one, whose relay is at a third node; then a thread is killed there.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { socketCount } from '../support/descriptors.ts';
import { openAllGates } from '../support/gates.ts';
import { reach, type Phase } from '../support/phases.ts';
import { Testbed } from '../support/testbed.ts';
import { until } from '../support/until.ts';

const room = { run: ['room'] };
const nodes = { edge: {}, 'hall-0': room, 'hall-1': room, 'hall-2': room };
let bed: Testbed;
let socketsAtRest = 0;
beforeAll(async () => {
  bed = await Testbed.start({ nodes, carriers: ['relay'] });
  await listening();
});
afterEach(async () => {
  const dead = Object.keys(nodes).filter((node) => !bed.cluster.nodes().includes(node));
  for (const node of dead) await bed.cluster.restart(node);
  if (dead.includes('edge')) await listening();
  await bed.settle();
  await until('no descriptor is left', () => socketCount() === socketsAtRest);
});
afterAll(() => bed.stop());

/** The relaying node listens from now on, once: a socket more. */
async function listening(): Promise<void> {
  socketsAtRest = socketCount() + 1;
  await bed.connectTo('hall-1');
  await bed.settle();
}

/** Kills a node, then lets go all that stands. */
async function kill(node: string): Promise<void> {
  const killed = bed.cluster.kill(node);
  await until(`the thread of ${node} has ended`, () => !bed.cluster.nodes().includes(node));
  openAllGates();
  await killed;
}

describe.each([
  ['first', 'edge', 0],
  ['later', 'hall-0', 1],
] as const)('at its %s move', (_, giver, hops) => {
  async function clientIn(phase: Phase) {
    const client = hops === 0 ? await bed.connect() : await bed.connectTo(giver);
    expect(await client.ask({ do: 'echo', text: 'hello' })).toBe('hello');
    await reach(bed, client, phase, giver);
    return client;
  }

  test.each(['considering', 'accepted', 'committed'] as const)(
    'CT-16 CT-7 the target dies while %s: the next one serves the client',
    async (phase) => {
      const client = await clientIn(phase);
      await kill('hall-1');
      const who = await client.ask({ do: 'who' });
      expect(who).toMatchObject({ node: 'hall-2', hops: hops + 1, state: { attempt: 2 } });
    },
  );

  test('CT-16 CT-7 the target dies when it serves the client: the connection ends', async () => {
    const client = await clientIn('adopted');
    await kill('hall-1');
    expect(await client.over()).toBe('end');
    expect(bed.cluster.routes()).toEqual([]);
  });

  test.each(['considering', 'accepted', 'committed', 'adopted'] as const)(
    'CT-16 CT-14 the relaying node dies while %s: the connection ends, and no node keeps it',
    async (phase) => {
      const client = await clientIn(phase);
      await kill('edge');
      expect(await client.over()).toMatch(/end|reset/);
      await until('nothing of the client is left', () => bed.isIdle());
    },
  );

  test.each(['considering', 'accepted', 'committed', 'adopted'] as const)(
    'CT-16 CT-7 the client leaves while %s: nothing is left of it',
    async (phase) => {
      const client = await clientIn(phase);
      client.reset();
      openAllGates();
      await until('nothing of the client is left', () => bed.isIdle());
      expect(bed.cluster.routes()).toEqual([]);
    },
  );
});

test.each(['considering', 'accepted'] as const)(
  'CT-16 CT-7 the giver of a relayed client dies while %s: the connection ends',
  async (phase) => {
    const client = await bed.connectTo('hall-0');
    await reach(bed, client, phase, 'hall-0');
    await kill('hall-0');
    expect(await client.over()).toBe('end');
  },
);

test('CT-16 CT-6 the giver of a relayed client dies in its commit: it is served', async () => {
  const client = await bed.connectTo('hall-0');
  await reach(bed, client, 'committed', 'hall-0');
  await kill('hall-0');
  expect(await client.ask({ do: 'who' })).toMatchObject({ node: 'hall-1', hops: 2 });
});

test('CT-16 CT-7 target and relaying node die at once: the connection ends', async () => {
  const client = await bed.connect();
  await reach(bed, client, 'committed');
  await Promise.all([kill('edge'), kill('hall-1')]);
  expect(await client.over()).toMatch(/end|reset/);
});
