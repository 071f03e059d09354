/**
 * Goal: whatever the client does in whichever phase of its transfer, the transfer ends, the client
 * gets what it still can, and nothing of it is left (CT-7, CT-17).
 * Method: each phase is reached for certain (see `phases`); then the client leaves, half-closes or
 * resets, and the phase goes on.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { socketCount } from '../support/descriptors.ts';
import { openAllGates } from '../support/gates.ts';
import { phases, reach, type Phase } from '../support/phases.ts';
import type { TestClient } from '../support/test-client.ts';
import { Testbed } from '../support/testbed.ts';
import { until } from '../support/until.ts';

let bed: Testbed;
let socketsAtRest = 0;
beforeAll(async () => {
  bed = await Testbed.start();
  socketsAtRest = socketCount();
});
afterEach(() => bed.settle());
afterAll(() => bed.stop());

/** A client whose transfer to `hall-1` stands in the phase; it may half-close. */
async function clientIn(phase: Phase): Promise<TestClient> {
  const client = await bed.connect({ allowHalfOpen: true });
  await reach(bed, client, phase);
  return client;
}

/** While nothing of the client's is closed by the test. */
const nothingIsLeft = async () => {
  await until('nothing of the client is left', () => bed.isIdle());
  await until('no descriptor is left', () => socketCount() === socketsAtRest);
  return true;
};

test.each(phases)(
  'CT-6 the client half-closes while %s: it is answered, then ended',
  async (phase) => {
    const client = await clientIn(phase);
    client.tell({ do: 'echo', text: 'last words' }, { do: 'who' });
    client.socket.end();
    openAllGates();
    expect(await client.answer()).toBe('last words');
    expect(await client.answer()).toMatchObject({ node: 'hall-1', hops: 1 });
    expect(await client.over()).toBe('end');
    expect(await nothingIsLeft()).toBe(true);
  },
);

test.each(phases)('CT-7 the client leaves while %s: nothing is left of it', async (phase) => {
  const client = await clientIn(phase);
  client.socket.destroy();
  openAllGates();
  expect(await nothingIsLeft()).toBe(true);
});

test.each(phases)('CT-7 the client resets while %s: nothing is left of it', async (phase) => {
  const client = await clientIn(phase);
  client.reset();
  openAllGates();
  expect(await nothingIsLeft()).toBe(true);
});

test.each(phases)('CT-3 what the client sends while %s is read at the target', async (phase) => {
  const client = await clientIn(phase);
  client.tell({ do: 'read', count: 50_000 });
  client.send(Buffer.alloc(50_000, 0xa5));
  client.tell({ do: 'who' });
  openAllGates();
  expect(await client.answer()).toBe('a5'.repeat(50_000));
  expect(await client.answer()).toMatchObject({ node: 'hall-1' });
});

test('CT-17 a client that reads nothing is not waited for: it stays, and gets all', async () => {
  const client = await bed.connect();
  client.socket.pause();
  client.tell({ do: 'flood', bytes: 20_000_000 }, { do: 'transfer', prefer: ['hall-1'] });
  await until('the offer was accepted', async () => {
    return (await bed.cluster.health('hall-1')).transfersUnderway === 1;
  });
  await until('the transfer was given up', async () => {
    return (await bed.cluster.health('edge')).transfersUnderway === 0;
  });
  await until('the target has forgotten it', async () => {
    const { clients, transfersUnderway } = await bed.cluster.health('hall-1');
    return clients + transfersUnderway === 0;
  });
  client.socket.resume();
  expect((await client.bytes(20_000_000)).every((byte) => byte === 0x2e)).toBe(true);
  expect(await client.answer()).toMatchObject({ outcome: 'refused', code: 'IPX_CLIENT_UNDRAINED' });
  expect(await client.ask({ do: 'who' })).toMatchObject({ node: 'edge' });
});

test('CT-6 what was written before the move arrives before what the target writes', async () => {
  const client = await bed.connect();
  client.socket.pause();
  client.tell({ do: 'flood', bytes: 8_000_000 }, { do: 'transfer', prefer: ['hall-1'] });
  client.tell({ do: 'who' });
  await until('the offer was accepted', async () => {
    return (await bed.cluster.health('hall-1')).transfersUnderway === 1;
  });
  client.socket.resume();
  expect((await client.bytes(8_000_000)).every((byte) => byte === 0x2e)).toBe(true);
  expect(await client.answer()).toMatchObject({ node: 'hall-1', hops: 1 });
});

test('CT-7 an offer that is never answered ends within the limit for answers', async () => {
  const client = await bed.connect();
  const answers = { 'hall-1': 'never', 'hall-2': 'never' } as const;
  const begun = performance.now();
  const refused = await client.ask({ do: 'transfer', answers, deadlineMs: 3_000 });
  expect(refused).toMatchObject({ outcome: 'refused', code: 'IPX_TARGET_SILENT' });
  expect(performance.now() - begun).toBeLessThan(2_900);
});
