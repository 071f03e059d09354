/**
 * Goal: AF-7: whatever actors are and hold, to be seen costs a bounded memory and harms none.
 * Method: actors with hostile snapshots and names, large contexts, and many ends at once, under a
 * tap whose parcels the test takes.
 */
import { assign, createActor, createMachine, type AnyActorLogic } from 'xstate';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RecordWriter } from '#internal/inspect/record-writer';
import { limits } from '#internal/limits';
import { matching } from './support/matching.ts';
import { isIn, watchedTap } from './support/taps.ts';

let watched = watchedTap();
beforeEach(() => (watched = watchedTap()));
afterEach(() => watched.stop());
const watch = () => watched.tap.order({ type: 'watch' });

test('AF-7 what ends while nothing is taken is told in bounded memory, and as ended', async () => {
  const { tap } = watched;
  watch();
  await watched.until(({ type }) => type === '@interplex.figures');
  const names: string[] = [];
  for (let count = 0; count < 3 * limits.inspectBurstMax; count += 1) {
    const actor = createActor(createMachine({ id: 'lamp' }));
    const over = tap.onRoot(actor);
    actor.start();
    if (count === 0) names.push(actor.sessionId);
    actor.stop();
    over();
  }
  const heard = await watched.until(({ type }) => type === '@interplex.gap');
  expect(heard.length).toBeLessThan(2 * limits.inspectBurstMax);
  expect(heard.some(isIn(names[0] ?? '', 'stopped'))).toBe(true);
});

/** Logic of a user's own, which may have any snapshot. */
const logicOf = (snapshot: object): AnyActorLogic =>
  ({
    config: 'none',
    root: 7,
    getInitialSnapshot: () => snapshot,
    transition: () => snapshot,
    getPersistedSnapshot: () => snapshot,
  }) as unknown as AnyActorLogic;

const thrower = {
  status: 'active',
  get context(): never {
    throw new Error('not to be read');
  },
};
const cyclic: Record<string, unknown> = {
  status: 'active',
  children: ['a child', null, { id: 1 }],
};
cyclic['context'] = cyclic;

test('AF-7 whatever users’ logic has for a snapshot harms neither it nor the tap', async () => {
  const markup = '</script><img src=x onerror=alert(1)>';
  const { tap } = watched;
  const huge = { status: 'active', value: markup, context: { text: 'x'.repeat(1_048_576) } };
  const failed = { status: 'error', error: new Error(markup.repeat(1_000)) };
  const actors = [thrower, cyclic, huge, failed].map((snapshot, index) => {
    const id = `${markup}${index}`.padEnd(10_000, '!');
    const actor = createActor(logicOf(snapshot), { id });
    actor.subscribe({ error: () => undefined });
    tap.onRoot(actor);
    return actor.start();
  });
  watch();
  const heard = await watched.until(({ type }) => type === '@interplex.figures');
  for (const actor of actors) {
    const told = heard.find(({ sessionId }) => sessionId === `hall.7/${actor.sessionId}`);
    expect(told).toMatchObject({ type: '@xstate.actor', name: matching(/^<\/script><img/) });
    expect(JSON.stringify(told).length).toBeLessThan(3 * limits.inspectedCharactersMax);
  }
  for (const actor of actors.slice(0, -1)) actor.send({ type: markup });
  await watched.until((record) => record.type === '@xstate.event' && record.event.type === markup);
});

test('AF-7 of figures that nobody takes the last are kept', () => {
  const writer = new RecordWriter('hall');
  for (let clients = 0; clients < 100; clients += 1) writer.figures({ clients });
  const figures = { clients: 99, eventsTaken: 0 };
  expect(JSON.parse(`[${writer.take()}]`)).toMatchObject([{ type: '@interplex.figures', figures }]);
  expect(writer.take()).toBe('');
});

test('AF-7 large contexts are sampled by their size, not only by their number', async () => {
  const { tap } = watched;
  const context = { texts: Array.from({ length: 64 }, () => 'x'.repeat(1_000)) };
  const heavy = createMachine({ id: 'heavy', context, on: { turn: { actions: assign({}) } } });
  const actor = createActor(heavy).start();
  tap.onRoot(actor);
  watch();
  await watched.until(({ type }) => type === '@xstate.actor');
  for (let count = 0; count < limits.inspectBurstMax; count += 1) actor.send({ type: 'turn' });
  const heard = await watched.until(({ type }) => type === '@interplex.gap');
  expect(JSON.stringify(heard).length).toBeLessThan(2 * limits.inspectBurstCharacters);
});
