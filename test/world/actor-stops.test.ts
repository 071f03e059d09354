/**
 * Goal: AF-5: an actor that is stopped takes what waits for it, and nothing more; at the limit
 * what is left is given back. Whatever its code does afterwards ends nobody else.
 * Method: an actor stands still while it is stopped, and is let go, or is not.
 */
import type { MailboxFigures } from 'interplex/actors';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Letters, Outcome } from '../support/applications/orders.ts';
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
const name = () => `player-${round}`;
const send = (to: string, type: string, number = -1, from = 'edge') =>
  stage.tell<boolean>(from, { do: 'send', to, event: { type, number } });
const heard = (count: number) =>
  stage.tell<readonly number[]>('hall', { do: 'heard', name: name(), count });
const echo = (to: string) =>
  stage.tell<Outcome>('edge', { do: 'ask', to, event: { type: 'echo', text: 'x' } });
const stop = (to: string, drainMs?: number) =>
  stage.tell('hall', { do: 'stop', to, ...(drainMs !== undefined && { drainMs }) });
const release = () => stage.tell('hall', { do: 'release', name: name() });
const letters = () => stage.tell<Letters>('hall', { do: 'letters' });

/** It has taken an event and stands still; so many more wait. */
async function stalled(type = 'stall', waiting = 3): Promise<string> {
  const to = await stage.spawn('hall', { name: name(), part: 'player' });
  await send(to, type, 0);
  await heard(1);
  for (let number = 1; number <= waiting; number += 1) await send(to, 'note', number);
  await arrived(to, waiting);
  return to;
}
const arrived = (to: string, waiting: number) =>
  until('all have arrived', async () => {
    const all = await stage.tell<readonly MailboxFigures[]>('hall', { do: 'mailboxes' });
    return all.some(({ address, depth }) => address === to && depth === waiting);
  });
/** It takes nothing more: also who sends from its own node is told so. */
const isRefusing = (to: string) =>
  until('it takes nothing more', async () => !(await send(to, 'late', -2, 'hall')));

test('AF-5 it takes what waits, answers what it was asked, and nothing more', async () => {
  const to = await stalled();
  await stage.tell('edge', { do: 'watch', to, label: name() });
  const asked = echo(to);
  await arrived(to, 4);
  const stopped = stop(to);
  await isRefusing(to);
  expect(await echo(to)).toMatchObject({ code: 'IPX_ACTOR_LOST', reason: matching(/has ended/) });
  const before = (await letters()).counts.stopped;
  await send(to, 'late', -3);
  await until('it is a letter', async () => (await letters()).counts.stopped === before + 1);
  await release();
  await stopped;
  expect(await asked).toMatchObject({ answer: { type: 'echoed' } });
  const numbers = await heard(5);
  expect(numbers.filter((number) => number >= 0)).toEqual([0, 1, 2, 3]);
  expect(numbers).not.toContain(-3);
  const ends = await stage.tell('edge', { do: 'ends', label: name(), count: 1 });
  expect(ends).toMatchObject([{ address: to, reason: 'stopped' }]);
  expect((await letters()).counts.stopped).toBe(before + 1);
});

test('AF-5 at the limit what is left is given back, and it hears no more', async () => {
  const to = await stalled();
  const before = (await letters()).counts.stopped;
  await stop(to, 20);
  expect((await letters()).counts.stopped).toBe(before + 3);
  await release();
  expect(await heard(1)).toEqual([0]);
});

test('AF-5 stopped twice at once, both wait for its end, and no longer', async () => {
  const to = await stalled();
  const begunAt = performance.now();
  const stopped = [stop(to, 8_000), stop(to, 8_000)];
  await isRefusing(to);
  await release();
  await Promise.all(stopped);
  expect(performance.now() - begunAt).toBeLessThan(4_000);
  expect((await heard(4)).filter((number) => number >= 0)).toEqual([0, 1, 2, 3]);
});

test('AF-5 one that throws after its end harms nobody', async () => {
  const to = await stalled('stall, then throw');
  await stop(to, 0);
  await release();
  const next = await stage.spawn('hall', { name: name(), part: 'player' });
  expect(await echo(next)).toMatchObject({ answer: { type: 'echoed' } });
  expect(stage.cluster.vitals().map(({ node, restarts }) => [node, restarts])).toEqual([
    ['edge', 0],
    ['hall', 0],
  ]);
});

test('AF-5 AF-9 a limit that is none is refused by name, and a long one is kept', async () => {
  const to = await stalled();
  for (const drainMs of [-1, Number.NaN]) {
    await expect(stop(to, drainMs)).rejects.toThrow(/drainMs is (-1|NaN): give a number/);
  }
  const stopped = stop(to, 2 ** 31);
  await isRefusing(to);
  await release();
  await stopped;
  expect((await heard(4)).filter((number) => number >= 0)).toEqual([0, 1, 2, 3]);
  expect(await stage.tell('hall', { do: 'warnings' })).toEqual([]); // Of a timer that overflows.
});

test('AF-5 AF-9 it is stopped at its own node, while it is there', async () => {
  const to = await stalled('note', 0);
  await expect(stage.tell('edge', { do: 'stop', to })).rejects.toThrow(/stop it at its own/);
  await stop(to);
  await expect(stop(to)).rejects.toThrow(/No actor .* runs at this node/);
});
