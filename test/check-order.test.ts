/**
 * Goal: what a step does comes in the order in which XState does it (AF-8).
 * Method: a machine sends, then acts; who hears of both is asked what came first, by the checker
 * and in a run.
 */
import { actor, checkModel, replayRunning } from 'interplex/check';
import type { Model, ModelActor } from 'interplex/check';
import { expect, test } from 'vitest';
import { createMachine, sendTo, setup } from 'xstate';
import type { AnyActorRef } from 'xstate';

const hearer = createMachine({
  initial: 'idle',
  states: {
    idle: { on: { sent: 'sentFirst', done: 'doneFirst' } },
    sentFirst: {},
    doneFirst: {},
  },
});
const doer = setup({ actions: { act: () => {} } }).createMachine({
  entry: [sendTo(({ system }) => system.get('hearer') as AnyActorRef, { type: 'sent' }), 'act'],
});
const environment = { effects: { act: () => [{ to: 'hearer', event: { type: 'done' } }] } };

const neverIn = (place: string): Model<Readonly<Record<string, ModelActor>>> => ({
  actors: { doer: actor(doer, { environment }), hearer: actor(hearer) },
  deadlock: 'fine',
  properties: [{ never: place, holds: ({ actors }) => actors.hearer!.matches(place) }],
});

test('AF-8 its own actions come first, and what it sends when they are done', async () => {
  expect(await checkModel(neverIn('sentFirst'))).toMatchObject({ outcome: 'passed' });
  const report = await checkModel(neverIn('doneFirst'));
  if (report.outcome !== 'violated') throw new Error('It was never heard of.');
  const { broken } = replayRunning(neverIn('doneFirst'), report.violation.trace!);
  expect(broken).toEqual(['doneFirst']);
});
