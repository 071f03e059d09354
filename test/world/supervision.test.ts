/**
 * Goal: AF-5: what becomes of an actor that crashes, whoever sent the event that it crashed at: it
 * is started again after a pause, with its address and its mailbox, and given up when that was too
 * often; or it ends, or its node does.
 * Method: actors at one node are told to crash by another, which also watches and asks them. The
 * supervision of nodes is in `node-supervision`.
 */
import { once } from 'node:events';
import type { MailboxFigures, SupervisionOptions } from 'interplex/actors';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Letters, Outcome, PartName } from '../support/applications/orders.ts';
import { matching } from '../support/matching.ts';
import { Stage } from '../support/stage.ts';
import { until } from '../support/until.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start(['edge', 'hall']);
});
afterAll(() => stage.stop());

let round = 0;
beforeEach(() => void (round += 1));
const nameOf = (word: string) => `${word}-${round}`;
const spawn = (part: PartName, supervision?: SupervisionOptions) =>
  stage.spawn('hall', { name: nameOf(part), part, ...(supervision && { supervision }) });
const send = (to: string, type: string, number = -1) =>
  stage.tell<boolean>('edge', { do: 'send', to, event: { type, number } });
const heard = (part: PartName, count: number) =>
  stage.tell<readonly number[]>('hall', { do: 'heard', name: nameOf(part), count });
const ask = (to: string, type = 'echo') =>
  stage.tell<Outcome>('edge', { do: 'ask', to, event: { type, text: 'x' }, timeoutMs: 9_000 });
const watch = (to: string, from = 'edge') =>
  stage.tell(from, { do: 'watch', to, label: nameOf('it') });
const release = () => stage.tell('hall', { do: 'release', name: nameOf('player') });
const letters = () => stage.tell<Letters>('hall', { do: 'letters' });
const figuresOf = async (address: string) => {
  const all = await stage.tell<readonly MailboxFigures[]>('hall', { do: 'mailboxes' });
  return all.find((figures) => figures.address === address);
};

/** How the actor that is watched here has ended; none so far if `count` is 0. */
async function reasons(count = 1, from = 'edge'): Promise<readonly string[]> {
  const order = { do: 'ends', label: nameOf('it'), count } as const;
  const all = await stage.tell<readonly { label: string; reason: string }[]>(from, order);
  return all.flatMap(({ label, reason }) => (label === nameOf('it') ? [reason] : []));
}

const soon: SupervisionOptions = { backoffMs: { least: 1, most: 1 } };
const parts = ['player', 'machine'] as const;

test('AF-5 restarted, it has its address and its mailbox, and loses the one event', async () => {
  const to = await spawn('player', soon);
  await watch(to);
  for (const number of [1, 2, 3]) {
    await send(to, 'note', number);
    await send(to, number < 3 ? 'crash' : 'stall, then throw', -number);
  }
  await heard('player', 6);
  for (const number of [4, 5]) await send(to, 'note', number); // While it stands still.
  await release();
  expect(await heard('player', 8)).toEqual([1, -1, 2, -2, 3, -3, 4, 5]);
  expect(await figuresOf(to)).toMatchObject({ restarts: 3, dropped: 0, depth: 0 });
  const order = { do: 'find', name: nameOf('player') } as const;
  for (const node of ['edge', 'hall']) expect(await stage.tell(node, order)).toBe(to);
  expect(await reasons(0)).toEqual([]);
});

test('AF-5 restarted, a machine begins anew', async () => {
  const to = await spawn('machine', soon);
  const counts = async () => [await ask(to), await ask(to)];
  const fresh = [1, 2].map((count) => ({ answer: { type: 'echoed', text: 'x', count } }));
  expect(await counts()).toMatchObject(fresh);
  await send(to, 'crash');
  expect(await counts()).toMatchObject(fresh);
});

test('AF-5 the pauses double, up to their bound', async () => {
  const least = 60;
  const to = await spawn('player', { backoffMs: { least, most: 2 * least } });
  for (const [crashes, pauseMs] of [least, 2 * least, 2 * least].entries()) {
    await send(to, 'stall, then throw');
    await heard('player', 1 + crashes * 2);
    const answer = ask(to); // It waits from before the crash until the restart.
    await until('the ask waits', async () => (await figuresOf(to))?.depth === 1);
    await release();
    const { afterMs, ...outcome } = await answer;
    expect(outcome).toMatchObject({ answer: { type: 'echoed' } });
    expect(afterMs).toBeGreaterThanOrEqual(pauseMs);
  }
});

test.each(parts)('AF-5 a %s that crashed once too often has failed', async (part) => {
  const to = await spawn(part, { ...soon, intensity: { restarts: 2 } });
  await watch(to);
  for (let crash = 1; crash <= 2; crash += 1) {
    await send(to, 'crash');
    expect(await ask(to)).toMatchObject({ answer: { type: 'echoed' } });
  }
  expect(await reasons(0)).toEqual([]);
  const before = await letters();
  await send(to, 'crash');
  expect(await reasons()).toEqual(['failed']);
  expect(await ask(to)).toMatchObject({ code: 'IPX_ACTOR_LOST' });
  await send(to, 'note');
  await until('the event is a dead letter', async () => {
    return (await letters()).counts.stopped === before.counts.stopped + 1;
  });
  expect(await spawn(part)).not.toBe(to); // The name is free.
});

test('AF-5 crashes that are farther apart than the window are no reason to fail', async () => {
  const to = await spawn('player', { ...soon, intensity: { restarts: 1, withinMs: 1 } });
  for (let crash = 0; crash < 5; crash += 1) {
    await send(to, 'crash');
    expect(await ask(to)).toMatchObject({ answer: { type: 'echoed' } });
    await until('the window has passed', passed(performance.now() + 3));
  }
  expect(await figuresOf(to)).toMatchObject({ restarts: 5 });
});
const passed = (atMs: number) => () => performance.now() > atMs;

test('AF-5 what waited for one that fails is given back: letters, and refusals', async () => {
  const to = await spawn('player', { strategy: 'stop' });
  await watch(to);
  await send(to, 'stall, then throw');
  await heard('player', 1);
  const before = await letters();
  for (const number of [1, 2, 3]) await send(to, 'note', number);
  const asked = ask(to);
  await until('all wait', async () => (await figuresOf(to))?.depth === 4);
  await release();
  expect(await reasons()).toEqual(['failed']);
  expect(await asked).toMatchObject({ code: 'IPX_ACTOR_LOST', reason: matching(/it has ended/) });
  const { counts, recent } = await letters();
  expect(counts.stopped - before.counts.stopped).toBe(3);
  expect(recent.slice(-3).map(({ number }) => number)).toEqual([1, 2, 3]);
});

test('AF-5 one that cannot begin is tried as often as others, and has failed', async () => {
  const supervision = { backoffMs: { least: 300 }, intensity: { restarts: 2 } };
  const order = { name: nameOf('stillborn'), part: 'stillborn', supervision } as const;
  const to = await stage.tell<string>('hall', { do: 'spawn', ...order });
  await watch(to, 'hall');
  expect((await figuresOf(to))?.restarts).toBeLessThan(2);
  expect(await reasons(1, 'hall')).toEqual(['failed']);
});

const exhausted: SupervisionOptions = {
  ...soon,
  intensity: { restarts: 1 },
  whenExhausted: 'escalate',
};
test.each<[string, SupervisionOptions, number]>([
  ['at its first crash', { strategy: 'escalate' }, 1],
  ['at one crash too many', exhausted, 2],
])('AF-5 escalated, its crash is its node’s: %s', async (_, supervision, crashes) => {
  const to = await spawn('player', supervision);
  await watch(to);
  const ended = once(stage.cluster, 'node.ended');
  const started = once(stage.cluster, 'node.started');
  for (let crash = 0; crash < crashes; crash += 1) await send(to, 'crash');
  expect(await ended).toMatchObject([
    { node: 'hall', cause: 'crashed', reason: matching(/player/) },
  ]);
  expect(['failed', 'nodeLost']).toContain((await reasons())[0]);
  await started; // By the node's supervision.
});

test('AF-5 stopped in its pause, it is started no more', async () => {
  const to = await spawn('player', { backoffMs: { least: 800 } });
  await watch(to);
  await send(to, 'crash');
  await heard('player', 1);
  await send(to, 'note', 1);
  await until('the event waits', async () => (await figuresOf(to))?.depth === 1);
  const before = await letters();
  await stage.tell('hall', { do: 'stop', to });
  expect(await reasons()).toEqual(['stopped']);
  expect((await letters()).counts.stopped).toBe(before.counts.stopped + 1);
  const next = await spawn('player', { backoffMs: { least: 900 } });
  await send(next, 'crash');
  expect(await ask(next)).toMatchObject({ answer: { type: 'echoed' } }); // 800 ms are over.
  expect(await heard('player', 3)).toEqual([-1, -1, -1]);
});
