/**
 * Goal: what a step does comes in the order in which XState does it (AF-8).
 * Method: a machine sends, then acts; who hears of both is asked what came first, by the checker
 * and in a run.
 */
import { actor, checkModel, replayRunning } from 'interplex/check';
import type { Model, ModelActor } from 'interplex/check';
import { expect, test } from 'vitest';
import { assign, createActor, createMachine, sendTo, setup, spawnChild } from 'xstate';
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

const toHearer = (type: string) =>
  sendTo(({ system }) => system.get('hearer') as AnyActorRef, { type });
const child = createMachine({ entry: toHearer('born') });
const listener = createMachine({
  context: { heard: [] as string[] },
  on: {
    '*': { actions: assign({ heard: ({ context, event }) => [...context.heard, event.type] }) },
  },
});
const does = {
  sends: toHearer('sent'),
  spawns: spawnChild('child', { id: 'child' }),
  assigns: assign({ child: ({ spawn }) => spawn('child', { id: 'child' }) }),
  acts: 'act',
};
type Done = readonly (keyof typeof does)[];

function parentOf(done: Done) {
  const actions = done.map((name) => does[name]) as 'act'[];
  const act = ({ system }: { system: AnyActorRef['system'] }) =>
    (system.get('hearer') as AnyActorRef).send({ type: 'acted' });
  return setup({ actors: { child }, actions: { act } }).createMachine({
    context: {},
    initial: 'before',
    states: {
      before: { on: { go: 'after' } },
      after: { entry: actions },
    },
  });
}

test.each(
  (
    [
      ['sends', 'spawns'],
      ['sends', 'assigns'],
      ['assigns', 'sends'],
      ['spawns', 'acts'],
      ['assigns', 'acts', 'sends'],
      ['acts', 'spawns', 'sends'],
    ] satisfies Done[]
  ).map((done) => ({ done })),
)('AF-8 of a step that $done all is heard as in a run', async ({ done }) => {
  const parent = parentOf(done);
  const running = createActor(
    setup({ actors: { listener, parent } }).createMachine({
      invoke: [
        { src: 'listener', systemId: 'hearer', id: 'listener' },
        { src: 'parent', systemId: 'parent', id: 'parent' },
      ],
    }),
  ).start();
  (running.system.get('parent') as AnyActorRef).send({ type: 'go' });
  const heard = (
    running.system.get('hearer') as ReturnType<typeof createActor<typeof listener>>
  ).getSnapshot().context.heard;
  expect(heard.filter((type) => type !== 'go')).toHaveLength(done.length);
  const acts = { effects: { act: () => [{ to: 'hearer', event: { type: 'acted' } }] } };
  const report = await checkModel({
    actors: {
      parent: actor(parent, { environment: { ...acts, unasked: [{ type: 'go' }] } }),
      hearer: actor(listener),
    },
    deadlock: 'fine',
    properties: [
      {
        always: 'all is heard in the order of the run',
        holds: ({ actors }) => actors.hearer.context.heard.every((type, at) => type === heard[at]),
      },
      {
        sometimes: 'all is heard',
        holds: ({ actors }) => actors.hearer.context.heard.length === heard.length,
      },
    ],
  });
  expect(report.outcome).toBe('passed');
});
