/**
 * Goal: AF-4: an ask across threads is answered, or whoever asked is told why not: at its limit,
 * and before it when the one asked is lost or the answer waits for the asker itself.
 * Method: actors at three nodes ask each other as they are told; an ask that is to fail early has
 * a limit so long that a test which waited for it would fail. Asks of a full mailbox are in
 * `mailboxes`.
 */
import type { MailboxFigures } from 'interplex/actors';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Letters, Order, Outcome, PartName } from '../support/applications/orders.ts';
import { matching } from '../support/matching.ts';
import { Stage } from '../support/stage.ts';
import { until } from '../support/until.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start(['edge', 'hall', 'attic']);
});
afterAll(() => stage.stop());

let round = 0;
beforeEach(() => void (round += 1));
/** Names are an actor's of one test. */
const nameOf = (word: string) => `${word}-${round}`;
const spawn = (node: string, word: string, part: PartName = 'player', supervision = {}) =>
  stage.spawn(node, { name: nameOf(word), part, ...supervision });

/** Longer than any test: what is told in time is told for another reason. */
const never = 60_000;
type Event = Extract<Order, { do: 'ask' }>['event'];
const ask = (from: string, to: string, event: Event, timeoutMs = never) =>
  stage.tell<Outcome>(from, { do: 'ask', to, event, timeoutMs });
const echo = { type: 'echo', text: 'hello' };
const echoed = { answer: { type: 'echoed', text: 'hello' } };
const begun = (node: string, word: string, count = 1) =>
  stage.tell(node, { do: 'heard', name: nameOf(word), count });
const release = (node: string, word: string) =>
  stage.tell(node, { do: 'release', name: nameOf(word) });
const unknownLetters = async (node: string) =>
  (await stage.tell<Letters>(node, { do: 'letters' })).counts.unknown;
const lost = (why: RegExp) => ({
  code: 'IPX_ACTOR_LOST',
  reason: matching(why),
});

const askers = ['hall', 'edge']; // The actors are at the hall.
const each = askers.flatMap((from) => [[from, 'player'] as const, [from, 'machine'] as const]);

test.each(each)('AF-4 from %s, a %s answers', async (from, part) => {
  const to = await spawn('hall', part, part);
  expect(await ask(from, to, echo)).toMatchObject(echoed);
});

test.each(askers)('AF-4 many at once have each its own answer, from %s', async (from) => {
  const to = await spawn('hall', 'echo');
  const texts = Array.from({ length: 500 }, (_, number) => `number ${number}`);
  const outcomes = await Promise.all(texts.map((text) => ask(from, to, { type: 'echo', text })));
  const answers = outcomes.map((outcome) => 'answer' in outcome && outcome.answer);
  expect(answers).toEqual(texts.map((text) => ({ type: 'echoed', text })));
});

test.each(askers)(
  'AF-4 without an answer it fails at its limit; a late answer changes nothing, from %s',
  async (from) => {
    const to = await spawn('hall', 'late');
    const late = await ask(from, to, { type: 'stall', text: 'late' }, 50);
    expect(late).toMatchObject({
      code: 'IPX_ASK_TIMEOUT',
      reason: matching(/late-\d+#\d+ did not answer in 50 ms/),
    });
    expect(late.afterMs).toBeGreaterThanOrEqual(50);
    expect(late.afterMs).toBeLessThan(2_000);
    const letters = await unknownLetters('hall');
    const next = ask(from, to, echo); // It waits for its turn: the late answer comes before.
    await release('hall', 'late');
    expect(await next).toMatchObject(echoed);
    // It was withdrawn: there is nobody to send an answer to, nor a letter.
    expect(await unknownLetters('hall')).toBe(letters);
  },
);

test.each(askers)('AF-4 AF-9 a limit that is none is refused by name, from %s', async (from) => {
  const to = await spawn('hall', 'echo');
  for (const limit of [0, -1]) {
    expect(await ask(from, to, echo, limit)).toMatchObject({ code: 'IPX_OPTION_INVALID' });
  }
});

test.each(each)('AF-4 from %s, a %s that crashes: told at once', async (from, part) => {
  const to = await spawn('hall', part, part);
  expect(await ask(from, to, { type: 'crash' })).toMatchObject(lost(/it has (crashed|ended)/));
  expect(await ask(from, to, echo)).toMatchObject(lost(/it has ended/));
});

test.each(askers)(
  'AF-4 a crash and a restart: who waits in the mailbox waits on, from %s',
  async (from) => {
    const supervision = { supervision: { backoffMs: { least: 1 } } };
    const to = await spawn('hall', 'late', 'player', supervision);
    const first = ask(from, to, { type: 'stall, then throw' });
    await begun('hall', 'late');
    const second = ask(from, to, echo);
    await until('it waits', async () => {
      const all = await stage.tell<readonly MailboxFigures[]>('hall', { do: 'mailboxes' });
      return all.some(({ address, depth }) => address === to && depth === 1);
    });
    await release('hall', 'late');
    expect(await first).toMatchObject(lost(/it has crashed/));
    expect(await second).toMatchObject(echoed);
  },
);

test.each(askers)('AF-4 one that is stopped: told at once, from %s', async (from) => {
  const to = await spawn('hall', 'late');
  const outcome = ask(from, to, { type: 'stall' });
  await begun('hall', 'late');
  await stage.tell('hall', { do: 'stop', to, drainMs: 0 });
  expect(await outcome).toMatchObject(lost(/it has ended/));
  await release('hall', 'late');
});

test.each<[string, PartName, string]>([
  ['function', 'player', 'echo a function'],
  ['function, later,', 'player', 'echo a function later'],
  ['machine', 'machine', 'echo a function'],
])('AF-4 a %s whose answer cannot travel has crashed: told at once', async (_, part, type) => {
  const supervision = { supervision: { backoffMs: { least: 1 } } };
  const to = await spawn('hall', part, part, supervision);
  expect(await ask('edge', to, { type })).toMatchObject(lost(/it has crashed/));
  expect(await ask('edge', to, echo)).toMatchObject(echoed);
  expect(await ask('hall', to, { type })).toMatchObject({ answer: { hasFunction: true } });
});

test('AF-4 its node is killed: told at once, and what is asked afterwards, too', async () => {
  const to = await spawn('attic', 'late');
  const outcome = ask('edge', to, { type: 'stall' });
  await begun('attic', 'late');
  await stage.cluster.kill('attic');
  expect(await outcome).toMatchObject(lost(/its node has ended/));
  expect(await ask('edge', to, echo)).toMatchObject(lost(/its node is not reachable/));
  await stage.cluster.restart('attic');
  expect(await ask('edge', to, echo)).toMatchObject(lost(/it has ended/)); // Another's incarnation.
});

test('AF-4 a limit that is longer than a timer of Node is kept as well', async () => {
  await stage.cluster.kill('attic');
  await stage.cluster.restart('attic'); // No timer of an ask is armed there.
  const to = await spawn('hall', 'late');
  const outcome = ask('attic', to, { type: 'stall' }, 2 ** 31);
  await begun('hall', 'late');
  await release('hall', 'late');
  expect(await outcome).toMatchObject({ answer: { type: 'stalled' } });
  expect(await stage.tell('attic', { do: 'warnings' })).toEqual([]); // Of one that has overflowed.
});

test('AF-4 the asker’s node is killed: the one asked goes on', async () => {
  const to = await spawn('hall', 'late');
  void ask('attic', to, { type: 'stall' }).catch(() => undefined);
  await begun('hall', 'late');
  await stage.cluster.kill('attic');
  const letters = await stage.tell<Letters>('hall', { do: 'letters' });
  await release('hall', 'late');
  expect(await ask('edge', to, echo)).toMatchObject(echoed);
  expect(await stage.tell('hall', { do: 'letters' })).toEqual(letters);
  await stage.cluster.restart('attic');
});

describe('asks that wait for themselves', () => {
  const call = (from: string, [first = '', ...path]: readonly string[]) =>
    ask(from, first, { type: 'call', path }, 9_000);
  const cycle = { type: 'call.failed', code: 'IPX_ASK_CYCLE' };

  test.each([
    ['one node', ['hall', 'hall']],
    ['two nodes', ['hall', 'attic']],
    ['three nodes', ['edge', 'hall', 'attic']],
    ['three nodes, each twice', ['edge', 'hall', 'attic', 'edge', 'hall', 'attic']],
  ])('AF-4 a cycle over %s is found and named', async (_, nodes) => {
    const ring = await Promise.all(nodes.map((node, index) => spawn(node, `ring-${index}`)));
    const [first = ''] = ring;
    const outcome = await call('edge', [...ring, first]);
    expect(outcome).toMatchObject({ answer: cycle });
    expect(outcome.afterMs).toBeLessThan(4_000); // An ask has 5 000 ms.
    const { reason = '' }: { reason?: string } = 'answer' in outcome ? outcome.answer : {};
    for (const address of ring) expect(reason).toContain(address);
    expect(reason).toMatch(/The answer waits for the one who asks: .* Let one of them send/);
    for (const address of ring) expect(await ask('attic', address, echo)).toMatchObject(echoed);
  });

  test('AF-4 who asks itself is told', async () => {
    const to = await spawn('hall', 'ring');
    expect(await call('edge', [to, to])).toMatchObject({ answer: cycle });
  });

  test('AF-4 a long way without a cycle is none, however long its end takes', async () => {
    const words = Array.from({ length: 9 }, (_, index) => `way-${index}`);
    const nodes = ['edge', 'hall', 'attic'];
    const way = await Promise.all(words.map((word, at) => spawn(nodes[at % 3] ?? '', word)));
    const [end = '', ...others] = way.toReversed();
    await stage.tell('attic', { do: 'send', to: end, event: { type: 'stall' } });
    await begun('attic', 'way-8');
    const outcomes = [call('edge', [...others.toReversed(), end]), call('hall', [end])];
    await begun('hall', 'way-7');
    // All of it waits, and is looked at before a later ask that is given up: there is no cycle.
    const later = await ask('attic', end, { type: 'stall' }, 300);
    expect(later).toMatchObject({ code: 'IPX_ASK_TIMEOUT' });
    await release('attic', 'way-8');
    for (const outcome of await Promise.all(outcomes)) {
      expect(outcome).toMatchObject({ answer: { type: 'called', end: nameOf('way-8') } });
    }
  });
});
