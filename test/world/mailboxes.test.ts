/**
 * Goal: AF-4: a mailbox keeps its policy's promise while another thread sends as fast as it can,
 * and nobody's memory grows with what is sent: every event is delivered, or is a dead letter that
 * was counted.
 * Method: 200 000 events of 1 KB go from one node to an actor of another that stands still, works
 * slowly, or is at the same node; what it heard is compared with what its policy keeps.
 */
import type { MailboxFigures, OverflowPolicy } from 'interplex/actors';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Flooded, Letters, Outcome } from '../support/applications/orders.ts';
import { matching } from '../support/matching.ts';
import { Stage } from '../support/stage.ts';
import { until } from '../support/until.ts';

const policies: readonly OverflowPolicy[] = ['reject', 'dropNewest', 'dropOldest'];
const count = 200_000;
const capacity = 1_000;
const lost = count - capacity;
const mib = 1024 * 1024;
const stall = { type: 'stall', number: -1 };
const longMs = 30_000;
const flood = { do: 'flood', type: 'note', count, textLength: 1_024, isPaced: true } as const;

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.start(['edge', 'hall']);
});
afterEach(() => stage.stop());

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => from + index);
const heard = (name: string, least: number) =>
  stage.tell<readonly number[]>('hall', { do: 'heard', name, count: least }, longMs);
const letters = (node: string) => stage.tell<Letters>(node, { do: 'letters' });
const mailboxAt = async (node: string, address: string) => {
  const all = await stage.tell<readonly MailboxFigures[]>(node, { do: 'mailboxes' });
  return all.find((figures) => figures.address === address);
};
/** The actor has taken one event, and takes no other until it is released. */
async function stalled(overflow: OverflowPolicy, size = capacity): Promise<string> {
  const mailbox = { capacity: size, overflow };
  const to = await stage.spawn('hall', { name: 'sink', part: 'player', mailbox });
  await stage.tell('edge', { do: 'send', to, event: stall });
  await heard('sink', 1);
  return to;
}

/** The most that a node's heap has grown while something went on. */
async function growthDuring(node: string, going: Promise<unknown>): Promise<number> {
  const heap = async () => (await stage.cluster.health(node)).heapBytes;
  const before = await heap();
  let most = before;
  const over = going.then(() => undefined);
  for (;;) {
    const bytes = await Promise.race([over, heap()]);
    if (bytes === undefined) return most - before;
    most = Math.max(most, bytes);
  }
}

test.each(policies)('AF-4 %s: of a flood exactly the right ones survive', async (overflow) => {
  const to = await stalled(overflow);
  const flooded = stage.tell<Flooded>('edge', { ...flood, to }, longMs);
  const growths = await Promise.all(['edge', 'hall'].map((at) => growthDuring(at, flooded)));
  expect(await flooded).toEqual({ taken: count, refused: 0 });
  await until('all have arrived', async () => (await mailboxAt('hall', to))?.dropped === lost);
  for (const growth of growths) expect(growth).toBeLessThan(48 * mib); // 200 MiB were sent.

  const figures = await mailboxAt('hall', to);
  expect(figures).toMatchObject({ depth: capacity, capacity, dropped: lost, restarts: 0 });
  expect(figures?.waitMs).toBeGreaterThan(0);
  expect((await stage.cluster.health('hall')).mailboxDepth).toBe(capacity);
  await stage.tell('hall', { do: 'release', name: 'sink' });
  const kept = overflow === 'dropOldest' ? numbers(lost, count) : numbers(0, capacity);
  expect((await heard('sink', capacity + 1)).slice(1)).toEqual(kept);

  const [told, other] = overflow === 'reject' ? ['edge', 'hall'] : ['hall', 'edge'];
  await until('all are told of', async () => (await letters(told)).counts.mailboxFull === lost);
  expect((await letters(other)).subscribed.count).toBe(0);
  const { subscribed, recent } = await letters(told);
  expect(subscribed).toEqual({ count: lost, withEvent: overflow === 'reject' ? 0 : lost });
  expect(recent.length).toBeLessThanOrEqual(256);
  expect(new Set(recent.map((letter) => letter.to))).toEqual(new Set([to]));
  const last = { reject: undefined, dropNewest: count - 1, dropOldest: lost - 1 }[overflow];
  expect(recent.at(-1)?.number).toBe(last);
});

test.each(policies)('AF-4 %s: delivered and dropped are all, of a slow actor', async (overflow) => {
  const mailbox = { capacity: 64, overflow };
  const to = await stage.spawn('hall', { name: 'sink', part: 'player', mailbox });
  const hasty = { ...flood, type: 'slow', textLength: 10, isPaced: false, to };
  const { taken, refused } = await stage.tell<Flooded>('edge', hasty, longMs);
  expect(refused).toBeGreaterThan(0); // The way is bounded, too.
  const isAll = async () => {
    const { depth = 1, dropped = 0 } = (await mailboxAt('hall', to)) ?? {};
    return depth === 0 && (await heard('sink', 1)).length + dropped === taken;
  };
  await until('each event is delivered or dropped', isAll, longMs);
  const numbersHeard = await heard('sink', 1);
  expect(numbersHeard).toEqual(numbersHeard.toSorted((one, next) => one - next));
  expect(new Set(numbersHeard).size).toBe(numbersHeard.length);
  const dropped = taken - numbersHeard.length;
  expect(dropped).toBeGreaterThan(0);
  const isReject = overflow === 'reject';
  const toldAtEdge = refused + (isReject ? dropped : 0);
  await until('all are told of', async () => {
    return (await letters('edge')).counts.mailboxFull === toldAtEdge;
  });
  expect((await letters('edge')).subscribed).toEqual({ count: toldAtEdge, withEvent: refused });
  expect((await letters('hall')).counts.mailboxFull).toBe(isReject ? 0 : dropped);
});

test.each(policies)('AF-4 %s: at its own node, who sends is told at once', async (overflow) => {
  const to = await stalled(overflow, 10);
  const order = { ...flood, count: 100, textLength: 1, isPaced: false, to };
  const refused = overflow === 'dropOldest' ? 0 : 90;
  expect(await stage.tell('hall', order)).toEqual({ taken: 100 - refused, refused });
  expect(await letters('hall')).toMatchObject({
    counts: { mailboxFull: 90 },
    subscribed: { count: 90, withEvent: 90 },
  });
  await stage.tell('hall', { do: 'release', name: 'sink' });
  const kept = overflow === 'dropOldest' ? numbers(90, 100) : numbers(0, 10);
  expect((await heard('sink', 11)).slice(1)).toEqual(kept);
});

test.each(
  policies.flatMap((overflow) => [[overflow, 'edge'] as const, [overflow, 'hall'] as const]),
)('AF-4 %s: who asks a full one from %s is told by code', async (overflow, asker) => {
  const to = await stalled(overflow, 2);
  const event = { type: 'echo', text: 'x' };
  const ask = () => stage.tell<Outcome>(asker, { do: 'ask', to, event, timeoutMs: 8_000 });
  const asked = [ask(), ask(), ask()];
  const [refused] = asked.splice(overflow === 'dropOldest' ? 0 : 2, 1);
  const reason = matching(/its mailbox is full/);
  expect(await refused).toMatchObject({ code: 'IPX_MAILBOX_FULL', reason });
  await stage.tell('hall', { do: 'release', name: 'sink' });
  const answered = { answer: { type: 'echoed', text: 'x' } };
  for (const outcome of await Promise.all(asked)) expect(outcome).toMatchObject(answered);
  expect((await letters('hall')).subscribed.count).toBe(0); // Whoever asked knows.
});

test('AF-4 at its own node, a sender that waits for room loses nothing', async () => {
  const mailbox = { capacity: 2_048 };
  const to = await stage.spawn('hall', { name: 'sink', part: 'player', mailbox });
  const paced = { ...flood, count: 20_000, textLength: 1, type: 'slow', to };
  expect(await stage.tell('hall', paced, longMs)).toEqual({ taken: 20_000, refused: 0 });
  expect(await heard('sink', 20_000)).toEqual(numbers(0, 20_000));
});
