/**
 * Goal: a target decides before anything moves, and whatever comes of the targets, the client is
 * either served or whole at the one who asked.
 * Method: the client tells each target by its state what to answer (see `steered`); after the last
 * refusal it is asked for more, in the same conversation.
 */
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { TransferResult } from 'interplex';
import type { Whereabouts } from '../support/applications/commands.ts';
import { Testbed } from '../support/testbed.ts';
import { until } from '../support/until.ts';
import { matching } from '../support/matching.ts';

type Refused = Extract<TransferResult, { outcome: 'refused' }>;

const room = { run: ['room'] };
let bed: Testbed;
beforeAll(async () => {
  bed = await Testbed.start({ nodes: { edge: {}, a: room, b: room, c: room, empty: {} } });
});
afterEach(() => bed.settle());
afterAll(() => bed.stop());

test('CT-5 a rejection comes back with the target and its reason', async () => {
  const client = await bed.connect();
  const refused = await client.ask<Refused>({
    do: 'transfer',
    prefer: ['b'],
    answers: { b: 'reject: the room is full' },
  });
  const refusal = { code: 'IPX_TARGET_REJECTED', reason: 'the room is full' };
  expect(refused).toEqual({
    outcome: 'refused',
    ...refusal,
    attempts: [{ target: 'b', ...refusal }],
  });
});

test('CT-7 CT-8 the next target is asked, with a state made anew for it', async () => {
  const client = await bed.connect();
  const answers = { a: 'reject: no', b: 'reject: nor I' } as const;
  client.tell({ do: 'transfer', answers, state: { name: 'ann' } });
  const who = await client.ask<Whereabouts>({ do: 'who' });
  expect(who).toMatchObject({ node: 'c', hops: 1 });
  expect(who.state).toEqual({ forNode: 'c', attempt: 3, state: { name: 'ann' } });
});

test('CT-7 the application may choose the next target itself', async () => {
  const client = await bed.connect();
  client.tell({ do: 'transfer', answers: { a: 'reject: no' }, nextIsLast: true });
  expect(await client.ask({ do: 'who' })).toMatchObject({ node: 'c', state: { attempt: 2 } });
});

test('CT-5 a target may decide by a promise of any kind', async () => {
  const client = await bed.connect();
  const answers = { a: 'accept, by a foreign promise' } as const;
  client.tell({ do: 'transfer', prefer: ['a'], answers });
  expect(await client.ask({ do: 'who' })).toMatchObject({ node: 'a', hops: 1 });
});

test('CT-7 attempts are bounded, and each is told', async () => {
  const client = await bed.connect();
  const answers = { a: 'reject: 1', b: 'reject: 2', c: 'reject: 3' } as const;
  const refused = await client.ask<Refused>({ do: 'transfer', answers, attemptsMax: 2 });
  expect(refused.attempts.map(({ target, reason }) => [target, reason])).toEqual([
    ['a', '1'],
    ['b', '2'],
  ]);
});

test('CT-7 a target that does not answer is passed over', async () => {
  const client = await bed.connect();
  client.tell({ do: 'transfer', answers: { a: 'never' } });
  expect(await client.ask({ do: 'who' })).toMatchObject({ node: 'b', state: { attempt: 2 } });
});

test('CT-7 one deadline holds over all attempts, shorter than any answer may take', async () => {
  const client = await bed.connect();
  const begun = performance.now();
  const answers = { a: 'reject: no', b: 'never' } as const;
  const refused = await client.ask<Refused>({ do: 'transfer', answers, deadlineMs: 200 });
  expect(performance.now() - begun).toBeLessThan(800); // An answer may take 900.
  expect(refused).toMatchObject({ code: 'IPX_DEADLINE' });
  expect(refused.attempts.map(({ code }) => code)).toEqual(['IPX_TARGET_REJECTED', 'IPX_DEADLINE']);
});

test('CT-7 after the last refusal the client is whole, with what it sent meanwhile', async () => {
  const client = await bed.connect();
  const answers = { a: 'reject: no', b: 'never', c: 'reject: no' } as const;
  client.tell({ do: 'transfer', answers, deadlineMs: 100 });
  client.tell({ do: 'echo', text: 'meanwhile' });
  expect(await client.answer()).toMatchObject({ outcome: 'refused' });
  expect(await client.answer()).toBe('meanwhile');
  expect(await client.ask({ do: 'who' })).toMatchObject({ role: 'routing', hops: 0, epoch: 1 });
  client.tell({ do: 'transfer', prefer: ['c'] }); // Nothing of the first stands in its way.
  expect(await client.ask({ do: 'who' })).toMatchObject({ node: 'c', hops: 1 });
});

test('CT-7 a re-transfer that is refused leaves the client whole at the target', async () => {
  const client = await bed.connectTo('a');
  const refused = await client.ask({
    do: 'transfer',
    prefer: ['b', 'c'],
    answers: { b: 'reject: no', c: 'reject: no' },
  });
  expect(refused).toMatchObject({ outcome: 'refused', reason: 'no' });
  expect(await client.ask({ do: 'who' })).toMatchObject({ node: 'a', hops: 1, epoch: 2 });
});

test.each([
  ['IPX_TARGET_NONE', { do: 'transfer', to: 'nobody' }],
  ['IPX_TARGET_NONE', { do: 'transfer', prefer: [] }],
] as const)('CT-7 %s when there is no target at all (%o)', async (code, command) => {
  const client = await bed.connect();
  expect(await client.ask(command)).toMatchObject({ outcome: 'refused', code, attempts: [] });
});

test.each([
  ['throw', 'IPX_TARGET_FAILED', /consider\(\) has thrown/],
  ['nonsense', 'IPX_TARGET_FAILED', /accept\(\) or reject\(reason\)/],
  ['no reason', 'IPX_TARGET_FAILED', /needs a reason/],
] as const)(
  'AF-9 a target whose consider() gives %s refuses with %s',
  async (answer, code, why) => {
    const failed = once(bed.cluster, 'application.failed');
    const client = await bed.connect();
    const refused = await client.ask({ do: 'transfer', prefer: ['a'], answers: { a: answer } });
    expect(refused).toMatchObject({ code, reason: matching(why) });
    expect(await failed).toMatchObject([{ node: 'a', application: 'room' }]);
    client.tell({ do: 'transfer', prefer: ['a'] }); // It goes on considering others.
    expect(await client.ask({ do: 'who' })).toMatchObject({ node: 'a' });
  },
);

test('CT-7 the deadline holds for those, too, that wait behind all others', async () => {
  const connect = (count: number) =>
    Promise.all(Array.from({ length: count }, () => bed.connect()));
  const [many, few] = [await connect(256), await connect(10)];
  const silent = { do: 'transfer', prefer: ['a'], answers: { a: 'never' } } as const;
  const slow = many.map((client) => client.ask<Refused>(silent));
  await until('as many are under way as may be', async () => {
    return (await bed.cluster.health('edge')).transfersUnderway === 256;
  });
  const hasty = few.map((client) => client.ask<Refused>({ ...silent, deadlineMs: 100 }));
  const codes = (await Promise.all(hasty)).map(({ code }) => code);
  expect(codes).toEqual(few.map(() => 'IPX_DEADLINE'));
  const edge = await bed.cluster.health('edge');
  expect(edge.transfersUnderway).toBe(256); // All the others are still waited for.
  for (const { code } of await Promise.all(slow)) expect(code).toBe('IPX_TARGET_SILENT');
});

test('CT-7 what a refused offer held is gone from every node', async () => {
  const client = await bed.connect();
  const answers = { a: 'never', b: 'reject: no', c: 'throw' } as const;
  await client.ask({ do: 'transfer', answers, deadlineMs: 300 });
  client.tell({ do: 'end' });
  expect(await client.over()).toBe('end');
  await bed.settle();
});
