/**
 * Goal: AF-4: whoever watches an actor is told once how it ended, wherever it was, also where it
 * had ended before or never was; and whoever watches no more is told nothing.
 * Method: nodes watch actors of others and of their own, which end in each way that there is; the
 * whole list of what they were told is compared.
 */
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Order, PartName } from '../support/applications/orders.ts';
import { Stage } from '../support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start(['edge', 'hall', 'attic']);
});
afterAll(() => stage.stop());

let round = 0;
beforeEach(() => void (round += 1));
/** Names and labels are one test's. */
const nameOf = (word: string) => `${word}-${round}`;
const spawn = (node: string, part: PartName = 'player') =>
  stage.spawn(node, { name: nameOf(part), part });
const send = (to: string, type: string) => stage.tell('edge', { do: 'send', to, event: { type } });

interface End {
  readonly label: string;
  readonly address: string;
  readonly reason: string;
}
const watch = (from: string, to: string, label = 'it') =>
  stage.tell(from, { do: 'watch', to, label: nameOf(label) });
const unwatch = (from: string, label = 'it') =>
  stage.tell(from, { do: 'unwatch', label: nameOf(label) });
/** What a node was told of in this test, when so many ends of the label have come. */
async function ends(from: string, label = 'it', count = 1): Promise<readonly Omit<End, 'label'>[]> {
  const order: Order = { do: 'ends', label: nameOf(label), count };
  const all = await stage.tell<readonly End[]>(from, order);
  const own = all.filter((end) => end.label === nameOf(label));
  return own.map(({ address, reason }) => ({ address, reason }));
}

const watchers = ['edge', 'attic', 'hall'] as const; // The actors are at the hall.
type Ending = readonly [how: string, reason: string, part: PartName, end: (to: string) => unknown];
const endings: readonly Ending[] = [
  ['is stopped', 'stopped', 'player', (to) => stage.tell('hall', { do: 'stop', to })],
  ['is done', 'done', 'machine', (to) => send(to, 'finish')],
  ['crashes, a function', 'failed', 'player', (to) => send(to, 'crash')],
  ['crashes, a machine', 'failed', 'machine', (to) => send(to, 'crash')],
];

test.each(endings)('AF-4 one that %s: all are told, once: %s', async (_, reason, part, end) => {
  const to = await spawn('hall', part);
  for (const from of watchers) await watch(from, to);
  await end(to);
  for (const from of watchers) expect(await ends(from)).toEqual([{ address: to, reason }]);
  for (const from of watchers) await watch(from, to, 'later'); // It has ended before.
  for (const from of watchers) {
    expect(await ends(from, 'later')).toEqual([{ address: to, reason: 'stopped' }]);
    expect(await ends(from)).toHaveLength(1);
  }
});

test('AF-4 one that could not begin has ended: whoever watches it is told', async () => {
  const order = { do: 'spawn', name: nameOf('stillborn'), part: 'stillborn' } as const;
  const to = await stage.tell<string>('hall', order);
  await watch('edge', to);
  const [end] = await ends('edge');
  expect(end?.address).toBe(to);
  // `failed` if the news of it was still on its way when the watch began; nobody keeps them.
  expect(['failed', 'stopped']).toContain(end?.reason);
});

/** The node's end, and its next begin: by hand, or by its supervision. */
const interruptions = {
  async killed(node: string) {
    await stage.cluster.kill(node);
    await stage.cluster.restart(node);
  },
  async crashed(node: string) {
    const started = once(stage.cluster, 'node.started');
    await stage.tell(node, { do: 'throw' });
    await started;
  },
};

test.each(['killed', 'crashed'] as const)(
  'AF-4 a node that is %s takes its actors with it; a new incarnation is another actor',
  async (how) => {
    const to = await spawn('attic');
    for (const from of ['edge', 'hall']) await watch(from, to);
    await interruptions[how]('attic');
    const lost = { address: to, reason: 'nodeLost' };
    for (const from of ['edge', 'hall']) expect(await ends(from)).toEqual([lost]);

    const next = await spawn('attic');
    expect(next).not.toBe(to);
    expect(next.split('#')[0]).toBe(to.split('#')[0]);
    await watch('edge', next, 'next');
    await watch('edge', to, 'former');
    expect(await ends('edge', 'former')).toEqual([{ address: to, reason: 'stopped' }]);
    expect(await ends('edge', 'next', 0)).toEqual([]);
    await stage.tell('attic', { do: 'stop', to: next });
    expect(await ends('edge', 'next')).toEqual([{ address: next, reason: 'stopped' }]);
    expect(await ends('edge')).toEqual([lost]);
  },
);

test.each([
  ['that was never at its node', 'hall/nobody#9999999999999999999', 'unknown'],
  ['that was never at this node', 'edge/nobody#9999999999999999999', 'unknown'],
  ['whose incarnation is no number', 'hall/nobody#x', 'unknown'],
  ['of a node that there is not', 'cellar/nobody#1', 'nodeLost'],
])('AF-4 one %s: whoever watches it is told', async (_, address, reason) => {
  await watch('edge', address);
  expect(await ends('edge')).toEqual([{ address, reason }]);
});

test('AF-9 what is no address cannot be watched', async () => {
  await expect(watch('edge', 'nobody')).rejects.toThrow(/"nobody" is no address of an actor/);
});

describe('whoever watches no more', () => {
  test('AF-4 is told nothing, and all others are', async () => {
    const to = await spawn('hall');
    await watch('edge', to, 'one');
    await watch('edge', to, 'other');
    await unwatch('edge', 'one');
    await stage.tell('hall', { do: 'stop', to });
    expect(await ends('edge', 'other')).toHaveLength(1);
    expect(await ends('edge', 'one', 0)).toEqual([]);
  });

  test('AF-4 ends nobody’s later watch, however often it says so', async () => {
    const to = await spawn('hall');
    await watch('edge', to, 'first');
    await unwatch('edge', 'first');
    await watch('edge', to, 'second');
    await unwatch('edge', 'first');
    await stage.tell('hall', { do: 'stop', to });
    expect(await ends('edge', 'second')).toHaveLength(1);
    expect(await ends('edge', 'first', 0)).toEqual([]);
  });
});

describe('as a child of an XState machine', () => {
  const standFor = (to: string) =>
    stage.tell<string>('edge', { do: 'stand for', name: nameOf('stand-in'), to });
  const noted = (count: number) =>
    stage.tell<readonly number[]>('edge', { do: 'heard', name: nameOf('stand-in'), count });
  const pass = (to: string, as: string) =>
    stage.tell('edge', { do: 'send', to, event: { type: 'pass', as } });

  test.each([
    ['finish', 'done', 1],
    ['crash', 'an error', 2],
  ])('AF-4 it is sent to; its end by "%s" is %s', async (type, _, end) => {
    const standIn = await standFor(await spawn('hall', 'machine'));
    await pass(standIn, type);
    expect(await noted(1)).toEqual([end]);
  });

  test('AF-4 its node’s end is an error', async () => {
    await standFor(await spawn('attic', 'machine'));
    await stage.cluster.kill('attic');
    expect(await noted(1)).toEqual([2]);
    await stage.cluster.restart('attic');
  });

  test('AF-4 it goes on when the machine that stood for it has ended', async () => {
    const to = await spawn('hall', 'machine');
    const standIn = await standFor(to);
    await watch('edge', standIn);
    await stage.tell('edge', { do: 'send', to: standIn, event: { type: 'leave' } });
    expect(await ends('edge')).toEqual([{ address: standIn, reason: 'done' }]);
    await watch('edge', to, 'it still');
    await send(to, 'finish');
    expect(await ends('edge', 'it still')).toEqual([{ address: to, reason: 'done' }]);
    expect(await noted(0)).toEqual([]);
  });
});
