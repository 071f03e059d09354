/**
 * Goal: CT-14: whoever dies, the first living node of a VIPA's preference owns its endpoint, alone
 * and at the same port; nobody is refused meanwhile, and clients that had moved talk on.
 * Method: threads are killed under clients that come without pause; IPX_OWNER_KILLS=50 for the
 * soak. Stale leases are forged in the memory that the nodes share.
 */
import { afterEach, expect, test } from 'vitest';
import type { ClusterOptions } from 'interplex';
import type { Whereabouts } from '../support/applications/commands.ts';
import { Flood } from '../support/flood.ts';
import { arrivalAt, closeGate, openAllGates } from '../support/gates.ts';
import { socketCount } from '../support/descriptors.ts';
import type { TestClient } from '../support/test-client.ts';
import { Testbed } from '../support/testbed.ts';
import { until } from '../support/until.ts';

const kills = Number(process.env['IPX_OWNER_KILLS'] ?? 8);
const endpoint = { address: '127.0.0.1', port: 0, routing: 'lobby', owner: 'edge' };
const backups = ['hall-1', 'hall-2'];

let bed: Testbed;
/** Who has owned the endpoint, in order. */
let owners: string[];
afterEach(() => bed.stop());

async function begin(changes: object = {}): Promise<void> {
  const vipas = { chat: { ...endpoint, backups, ...changes } } as ClusterOptions['vipas'];
  bed = await Testbed.start({ ...(vipas && { vipas }) });
  owners = ['edge'];
  bed.cluster.on('vipa.owned', ({ vipa, node }) => {
    // That of the first owner may come before the cluster's own start is told, or after it.
    if (vipa === 'chat' && owners.at(-1) !== node) owners.push(node);
  });
}

const owner = () => bed.cluster.vipas()[0]?.owner;
const isOwnedBy = (...nodes: string[]) =>
  until(`the owners were ${nodes.join(', ')}`, () => owners.join() === nodes.join());

/** Where a new client is answered. */
async function door(): Promise<string> {
  const client = await bed.connect();
  const { node } = await client.ask<Whereabouts>({ do: 'who' });
  client.socket.destroy();
  return node;
}

test('CT-14 the first living backup owns the endpoint, at the same port', async () => {
  await begin();
  const { port } = bed;
  expect(bed.cluster.vipas()).toEqual([
    { vipa: 'chat', address: '127.0.0.1', port, owner: 'edge' },
  ]);
  await bed.cluster.kill('edge');
  await isOwnedBy('edge', 'hall-1');
  expect(bed.cluster.vipas()).toEqual([
    { vipa: 'chat', address: '127.0.0.1', port, owner: 'hall-1' },
  ]);
  expect(await door()).toBe('hall-1');
  await bed.cluster.kill('hall-1');
  await isOwnedBy('edge', 'hall-1', 'hall-2');
  expect(await door()).toBe('hall-2');
});

test('CT-14 when owner and first backup die at once, the second backup owns it', async () => {
  await begin();
  await Promise.all([bed.cluster.kill('edge'), bed.cluster.kill('hall-1')]);
  await until('the second backup owns it', () => owner() === 'hall-2');
  expect(await door()).toBe('hall-2');
});

test('CT-14 where no backup lives nobody owns it; clients wait for whoever begins', async () => {
  await begin({ backups: ['hall-1'] });
  await bed.cluster.kill('hall-1');
  await bed.cluster.kill('edge');
  expect(owner()).toBeUndefined();
  const client = await bed.connect();
  client.tell({ do: 'who' });
  await bed.cluster.restart('hall-1'); // It was never linked to the owner that has ended.
  expect(await client.answer()).toMatchObject({ node: 'hall-1' });
  expect(owner()).toBe('hall-1');
});

/** Clients that come all at once, and where each is answered; `undefined`: it was closed. */
async function crowd(count: number) {
  const clients = await Promise.all(Array.from({ length: count }, () => bed.connect()));
  const answer = async (client: TestClient) =>
    client.ask<Whereabouts>({ do: 'who' }).then(
      ({ node }) => node,
      () => undefined,
    );
  return { answers: Promise.all(clients.map(answer)) };
}

/** The thread of a node stands still until the gate is opened. */
async function stand(client: TestClient): Promise<void> {
  closeGate('considering');
  client.tell({ do: 'block' });
  await arrivalAt('considering');
}

test('CT-14 who comes while nobody owns the endpoint waits, and is served', async () => {
  await begin();
  await stand(await bed.connectTo('hall-1')); // It hears of the death when the gate is opened.
  const killed = bed.cluster.kill('edge');
  await until('the owner has ended', () => !bed.cluster.nodes().includes('edge'));
  const { answers } = await crowd(300);
  openAllGates();
  await killed;
  expect(new Set(await answers)).toEqual(new Set(['hall-1']));
});

test('CT-14 an owner that stands still is killed: its backup serves, none is refused', async () => {
  await begin();
  await stand(await bed.connect()); // It accepts nobody, until it ends.
  const { answers } = await crowd(200);
  await bed.cluster.kill('edge');
  // Node's loop may accept some, or many, on its way out; those end with the thread.
  const served = (await answers).filter((node) => node !== undefined);
  expect(new Set([...served, await door()])).toEqual(new Set(['hall-1']));
});

test(
  `CT-14 ${kills} kills of the owner under a flood: none refused, none lost but with its thread`,
  async () => {
    await begin();
    const moved = await bed.connectTo('hall-2');
    const sockets = socketCount();
    for (let round = 0; round < kills; round += 1) {
      const flood = new Flood(bed.port, 12);
      await flood.served(40);
      await bed.cluster.kill('edge');
      const killedAt = performance.now();
      await flood.served(40);
      const fates = await flood.stop();
      expect(fates.refused).toBe(0);
      // Whoever was accepted may see the end of its thread; nobody who came after it does.
      expect(fates.lost.filter(({ connectedAt }) => connectedAt > killedAt)).toEqual([]);
      expect(fates.lost.length).toBeLessThanOrEqual(12);
      expect(await moved.ask({ do: 'who' })).toMatchObject({ node: 'hall-2', hops: 1 });
      await bed.cluster.restart('edge');
      await until('it is taken back', () => owner() === 'edge');
      await until('no descriptor is left', () => socketCount() <= sockets);
    }
  },
  20_000 + kills * 3_000,
);

test('CT-14 takeback when idle waits for those who converse; its owner starts', async () => {
  await begin();
  await bed.cluster.kill('edge');
  await isOwnedBy('edge', 'hall-1');
  const client = await bed.connect();
  expect(await client.ask({ do: 'echo', text: 'hello' })).toBe('hello');
  await bed.cluster.restart('edge'); // It settles, standing by.
  expect(owner()).toBe('hall-1');
  expect(await door()).toBe('hall-1');
  client.tell({ do: 'transfer', prefer: ['hall-2'] }); // It converses no more with the door.
  await isOwnedBy('edge', 'hall-1', 'edge');
  expect(await door()).toBe('edge');
  expect(await client.ask({ do: 'who' })).toMatchObject({ node: 'hall-2', hops: 1 });
});

test('CT-14 takeback when idle: if the owner dies again, the backup stays the owner', async () => {
  await begin();
  await bed.cluster.kill('edge');
  await isOwnedBy('edge', 'hall-1');
  const client = await bed.connect();
  await client.ask({ do: 'echo', text: 'hello' });
  await bed.cluster.restart('edge');
  await bed.cluster.kill('edge');
  client.tell({ do: 'end' });
  expect(await client.over()).toBe('end');
  expect(await door()).toBe('hall-1');
  expect(owners).toEqual(['edge', 'hall-1']);
});

test('CT-14 takeback at once: new clients go to the owner, the others talk on', async () => {
  await begin({ takeback: 'immediate' });
  await bed.cluster.kill('edge');
  await isOwnedBy('edge', 'hall-1');
  const client = await bed.connect();
  await client.ask({ do: 'echo', text: 'hello' });
  await bed.cluster.restart('edge');
  await isOwnedBy('edge', 'hall-1', 'edge');
  expect(await door()).toBe('edge');
  expect(await client.ask({ do: 'who' })).toMatchObject({ role: 'routing', node: 'hall-1' });
  client.tell({ do: 'transfer', prefer: ['hall-2'] });
  expect(await client.ask({ do: 'who' })).toMatchObject({ role: 'target', node: 'hall-2' });
});
