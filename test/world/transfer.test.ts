/**
 * Goal: a live connection moves between threads, and its client notices nothing but the service.
 * Method: a real client converses with a cluster of threads, by `steered` applications that do what
 * it tells them; where it is served is told by the thread that answers.
 */
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Whereabouts } from '../support/applications/commands.ts';
import { Testbed } from '../support/testbed.ts';
import { until } from '../support/until.ts';

let bed: Testbed;
beforeAll(async () => {
  bed = await Testbed.start();
});
afterEach(() => bed.settle());
afterAll(() => bed.stop());

test('CT-1 a client is answered by the routing application on the owning node', async () => {
  const client = await bed.connect();
  const who = await client.ask<Whereabouts>({ do: 'who' });
  expect(who).toMatchObject({ role: 'routing', node: 'edge', hops: 0, epoch: 1, carrier: 'none' });
  expect(who.threadId).toBeGreaterThan(0);
});

test('CT-2 CT-6 CT-16 after several exchanges it is served in another thread', async () => {
  const client = await bed.connect();
  for (const text of ['one', 'two', 'three']) {
    expect(await client.ask({ do: 'echo', text })).toBe(text);
  }
  const before = await client.ask<Whereabouts>({ do: 'who' });
  client.tell({ do: 'transfer', prefer: ['hall-2'] });
  const after = await client.ask<Whereabouts>({ do: 'who' });
  expect(after).toMatchObject({ role: 'target', node: 'hall-2', hops: 1, epoch: 2 });
  expect(after.carrier).toBe('descriptor');
  expect(after.threadId).not.toBe(before.threadId);
});

test('CT-6 the routing application holds nothing of a client that has moved', async () => {
  await bed.connectTo('hall-1');
  await until('the edge has its confirmation', async () => {
    return (await bed.cluster.health('edge')).transfersUnderway === 0;
  });
  expect(await bed.cluster.health('edge')).toMatchObject({ clients: 0 });
  expect(await bed.cluster.health('hall-1')).toMatchObject({ clients: 1, transfersUnderway: 0 });
});

test('CT-2 exchanges carry any byte, before and after the move', async () => {
  const client = await bed.connect();
  const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  for (const place of ['edge', 'hall-1']) {
    client.tell({ do: 'read', count: 256 });
    client.send(every);
    expect({ place, hex: await client.answer() }).toEqual({ place, hex: every.toString('hex') });
    if (place === 'edge') client.tell({ do: 'transfer', prefer: ['hall-1'] });
  }
});

test('CT-3 what was pipelined in one packet is read in order on both sides', async () => {
  const client = await bed.connect();
  client.tell(
    { do: 'echo', text: 'before' },
    { do: 'transfer', prefer: ['hall-1'] },
    { do: 'echo', text: 'after' },
    { do: 'who' },
    { do: 'transfer', prefer: ['hall-2'] },
    { do: 'who' },
  );
  expect(await client.answer()).toBe('before');
  expect(await client.answer()).toBe('after');
  expect(await client.answer()).toMatchObject({ node: 'hall-1' });
  expect(await client.answer()).toMatchObject({ node: 'hall-2', hops: 2 });
});

test('CT-3 bytes that were peeked at travel, none lost and none doubled', async () => {
  const client = await bed.connect();
  const bytes = randomBytes(600);
  client.tell({ do: 'peek', count: 20 }, { do: 'transfer', prefer: ['hall-1'] });
  client.tell({ do: 'read', count: 600 });
  client.send(bytes);
  const peeked = Buffer.from(await client.answer<string>(), 'hex');
  expect(peeked.toString()).toBe('{"do":"transfer","pr');
  expect(await client.answer()).toBe(bytes.toString('hex'));
});

test.each([70_000, 200_000])('CT-3 %i bytes sent ahead of the move arrive whole', async (size) => {
  const client = await bed.connect();
  const bytes = randomBytes(size);
  client.tell({ do: 'transfer', prefer: ['hall-1'] });
  const digests = [];
  for (let at = 0; at < size; at += 50_000) {
    const chunk = bytes.subarray(at, at + 50_000);
    client.tell({ do: 'read', count: chunk.length });
    client.send(chunk);
    digests.push(digestOf(chunk));
  }
  for (const digest of digests) {
    const read = Buffer.from(await client.answer<string>(), 'hex');
    expect(digestOf(read)).toBe(digest);
  }
  expect(await client.ask({ do: 'echo', text: 'still' })).toBe('still');
});

test('CT-8 the target resumes from exactly the state that was given for it', async () => {
  const client = await bed.connect();
  const state = { name: 'änn', list: [1, null, { deep: [true] }], text: 'a\nb\0c' };
  client.tell({ do: 'transfer', prefer: ['hall-2'], state });
  const who = await client.ask<Whereabouts>({ do: 'who' });
  expect(who.state).toEqual({ forNode: 'hall-2', attempt: 1, state });
});

test('CT-9 a target transfers the connection on, and back to where it was before', async () => {
  const client = await bed.connectTo('hall-1');
  for (const [hops, node] of [
    [2, 'hall-2'],
    [3, 'hall-1'],
    [4, 'hall-2'],
  ] as const) {
    client.tell({ do: 'transfer', prefer: [node] });
    expect(await client.ask({ do: 'who' })).toMatchObject({ node, hops, epoch: hops + 1 });
  }
});

test('CT-6 many clients move at once, each with its own bytes', async () => {
  const clients = await Promise.all(Array.from({ length: 60 }, () => bed.connect()));
  const places = await Promise.all(
    clients.map(async (client, index) => {
      const node = index % 2 === 0 ? 'hall-1' : 'hall-2';
      client.tell({ do: 'transfer', prefer: [node], state: index }, { do: 'who' });
      const { state, ...who } = await client.answer<Whereabouts>();
      return { node: who.node === node, state };
    }),
  );
  expect(places.map(({ state }) => state)).toMatchObject(
    clients.map((_, index) => ({ state: index })),
  );
  expect(places.every(({ node }) => node)).toBe(true);
});

const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
