/**
 * Goal: CT-16: where descriptors cannot go, a relay keeps the promises of a transfer: the client
 * notices nothing, no byte is lost, one relay carries however often it moves, nothing is left.
 * Method: a cluster that may use nothing else; where it stands is told by the thread that answers.
 */
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Whereabouts } from '../support/applications/commands.ts';
import { socketCount } from '../support/descriptors.ts';
import type { TestClient } from '../support/test-client.ts';
import { Testbed } from '../support/testbed.ts';
import { until } from '../support/until.ts';
import { applicationAt } from '../support/application-at.ts';

const transfers = Number(process.env['IPX_RELAY_TRANSFERS'] ?? 500);
const halls = ['hall-1', 'hall-2'] as const;
let bed: Testbed;
let socketsAtRest = 0;
beforeAll(async () => {
  bed = await Testbed.start({ carriers: ['relay'], hopsMax: 1_000 });
  socketsAtRest = socketCount() + 1; // The relaying node listens from its first transfer on, once.
  await bed.connectTo('hall-1');
  await bed.settle();
});
afterEach(async () => {
  await bed.settle();
  await until('no descriptor is left', () => socketCount() === socketsAtRest);
});
afterAll(() => bed.stop());

const moveTo = (client: TestClient, node: string) => {
  client.tell({ do: 'transfer', prefer: [node] });
  return client.ask<Whereabouts>({ do: 'who' });
};

test('CT-16 CT-6 after several exchanges another thread serves it, over a relay', async () => {
  const client = await bed.connect();
  for (const text of ['one', 'two']) expect(await client.ask({ do: 'echo', text })).toBe(text);
  const before = await client.ask<Whereabouts>({ do: 'who' });
  const after = await moveTo(client, 'hall-2');
  expect(after).toMatchObject({ role: 'target', node: 'hall-2', hops: 1, epoch: 2 });
  expect(after.carrier).toBe('relay');
  expect(after.threadId).not.toBe(before.threadId);
  expect(bed.cluster.routes()).toMatchObject([{ owner: 'hall-2', carrier: 'relay', hops: 1 }]);
  expect(await bed.cluster.health('edge')).toMatchObject({ clients: 0, transfersUnderway: 0 });
});

test('CT-16 CT-2 exchanges carry any byte, before and after each move', async () => {
  const client = await bed.connect();
  const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  for (const next of ['hall-1', 'hall-2', undefined]) {
    client.tell({ do: 'read', count: 256 });
    client.send(every);
    expect(await client.answer()).toBe(every.toString('hex'));
    if (next !== undefined) client.tell({ do: 'transfer', prefer: [next] });
  }
});

test('CT-16 CT-3 what was pipelined or peeked at is read in order at each node', async () => {
  const client = await bed.connect();
  const bytes = randomBytes(600);
  client.tell({ do: 'echo', text: 'before' }, { do: 'peek', count: 20 });
  client.tell({ do: 'transfer', prefer: ['hall-1'] }, { do: 'peek', count: 20 });
  client.tell({ do: 'transfer', prefer: ['hall-2'] }, { do: 'read', count: 600 });
  client.send(bytes);
  client.tell({ do: 'who' });
  expect(await client.answer()).toBe('before');
  for (let place = 0; place < 2; place += 1) {
    const peeked = Buffer.from(await client.answer<string>(), 'hex');
    expect(peeked.toString()).toBe('{"do":"transfer","pr');
  }
  expect(await client.answer()).toBe(bytes.toString('hex'));
  expect(await client.answer()).toMatchObject({ node: 'hall-2', hops: 2 });
});

test('CT-16 CT-3 three megabytes sent ahead of two moves arrive whole', async () => {
  const client = await bed.connect();
  const digestOf = (chunk: Uint8Array) => createHash('sha256').update(chunk).digest('hex');
  client.tell({ do: 'transfer', prefer: ['hall-1'] }, { do: 'transfer', prefer: ['hall-2'] });
  const digests = Array.from({ length: 60 }, () => {
    const chunk = randomBytes(50_000);
    client.tell({ do: 'read', count: chunk.length });
    client.send(chunk);
    return digestOf(chunk);
  });
  for (const digest of digests) {
    expect(digestOf(Buffer.from(await client.answer<string>(), 'hex'))).toBe(digest);
  }
  expect(await client.ask({ do: 'who' })).toMatchObject({ node: 'hall-2', hops: 2 });
});

test('CT-16 however often it moves, there is one relay, at the node that accepted it', async () => {
  const client = await bed.connect();
  await moveTo(client, 'hall-1');
  // The client's own two ends, and the two of the loopback between the relay and the server.
  expect(socketCount()).toBe(socketsAtRest + 4);
  for (let hop = 2; hop <= 12; hop += 1) {
    const node = halls[(hop + 1) % 2] ?? '';
    expect(await moveTo(client, node)).toMatchObject({ node, hops: hop, carrier: 'relay' });
  }
  await until('former servers are gone', () => socketCount() === socketsAtRest + 4);
});

test(
  `CT-16 after ${transfers} transfers no descriptor, client or row is left`,
  async () => {
    const hops = 20;
    const stay = async () => {
      const client = await bed.connect();
      for (let hop = 0; hop < hops; hop += 1) {
        const node = halls[hop % 2] ?? '';
        expect(await moveTo(client, node)).toMatchObject({ node, hops: hop + 1 });
      }
      client.tell({ do: 'end' });
      expect(await client.over()).toBe('end');
    };
    await Promise.all(Array.from({ length: transfers / hops }, stay));
    await until('nothing of the clients is left', () => bed.isIdle());
    await until('no descriptor is left', () => socketCount() === socketsAtRest);
  },
  30_000 + transfers * 20,
);

test.each(['edge', 'hall-1'])(
  'CT-16 CT-7 refused at %s it is whole and readable there, and moves when it may',
  async (giver) => {
    const client = await bed.connect();
    if (giver !== 'edge') await moveTo(client, giver);
    const answers = { 'hall-2': 'reject: the room is full' } as const;
    client.tell({ do: 'transfer', prefer: ['hall-2'], answers }, { do: 'echo', text: 'meanwhile' });
    expect(await client.answer()).toMatchObject({ outcome: 'refused', reason: 'the room is full' });
    expect(await client.answer()).toBe('meanwhile');
    expect(await client.ask({ do: 'who' })).toMatchObject({ node: giver });
    expect(await moveTo(client, 'hall-2')).toMatchObject({ node: 'hall-2' });
  },
);

test.each(['edge', 'hall-1'])(
  'CT-16 CT-17 a client that reads nothing stays at %s, and gets all at last',
  async (giver) => {
    const client = await bed.connect();
    if (giver !== 'edge') await moveTo(client, giver);
    const isOffered = async () => (await bed.cluster.health('hall-2')).transfersUnderway === 1;
    const isOver = async () => (await bed.cluster.health(giver)).transfersUnderway === 0;
    client.socket.pause();
    client.tell({ do: 'flood', bytes: 20_000_000 }, { do: 'transfer', prefer: ['hall-2'] });
    await until('the offer was accepted', isOffered);
    await until('the transfer was given up', isOver);
    client.socket.resume();
    expect((await client.bytes(20_000_000)).every((byte) => byte === 0x2e)).toBe(true);
    expect(await client.answer()).toMatchObject({ code: 'IPX_CLIENT_UNDRAINED' });
    expect(await client.ask({ do: 'who' })).toMatchObject({ node: giver });
    expect(await moveTo(client, 'hall-2')).toMatchObject({ node: 'hall-2' });
  },
);

test('CT-16 a client half-closes: it is answered, then ended', async () => {
  const client = await bed.connect({ allowHalfOpen: true });
  client.tell({ do: 'transfer', prefer: ['hall-1'] }, { do: 'transfer', prefer: ['hall-2'] });
  client.tell({ do: 'echo', text: 'last words' }, { do: 'who' });
  client.socket.end();
  expect(await client.answer()).toBe('last words');
  expect(await client.answer()).toMatchObject({ node: 'hall-2', hops: 2 });
  expect(await client.over()).toBe('end');
});

test.each(['leaves', 'resets'])('CT-16 a client %s: nothing is left of it', async (how) => {
  for (const hops of [1, 2]) {
    const client = await bed.connect();
    for (let hop = 0; hop < hops; hop += 1) await moveTo(client, halls[hop] ?? '');
    if (how === 'resets') client.reset();
    else client.socket.destroy();
    await until('nothing of the client is left', () => bed.isIdle());
    await until('no descriptor is left', () => socketCount() === socketsAtRest);
    expect(bed.cluster.routes()).toEqual([]);
  }
});

test('CT-16 what is sent in small pieces is not held back on the way', async () => {
  const client = await bed.connectTo('hall-1');
  const roundMs: number[] = [];
  for (let round = 0; round < 21; round += 1) {
    client.tell({ do: 'read', count: 2 });
    client.send('a');
    await bed.cluster.health('hall-1'); // It is on its way, and not acknowledged yet.
    const begun = performance.now();
    client.send('b');
    expect(await client.answer()).toBe('6162');
    roundMs.push(performance.now() - begun);
  }
  // Nagle's algorithm would wait for the delayed acknowledgement of the first piece: 40 ms.
  expect(roundMs.toSorted((x, y) => x - y)[10]).toBeLessThan(25);
});

test('CT-16 AF-5 a relay stays until those whom it carries have heard goodbye', async () => {
  const polite = applicationAt('polite');
  const applications = { lobby: polite, room: polite };
  const draining = await Testbed.start({ applications, carriers: ['relay'] });
  const client = await draining.connect();
  expect(await client.line()).toBe('hello');
  client.send('move\n');
  expect(await client.line()).toBe('moved');
  const stopped = draining.cluster.stop();
  expect(await client.line()).toBe('goodbye');
  expect(await client.over()).toBe('end');
  await stopped;
});
