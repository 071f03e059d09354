/**
 * Goal: a machine with children, timers and memory is stepped in a model as XState runs it (AF-8).
 * Method: machines made for the purpose, one for each feature; where it can be run, what the model
 * says is held against a running actor.
 */
import { environment as environments, outgoingTransferMachine } from 'interplex/actors';
import { actor, checkModel } from 'interplex/check';
import { expect, test } from 'vitest';
import {
  assign,
  cancel,
  createActor,
  createMachine,
  fromCallback,
  raise,
  sendParent,
  sendTo,
  setup,
  spawnChild,
} from 'xstate';
import type { AnyActorRef, AnyStateMachine } from 'xstate';
import { placesOf, violationOf } from './support/check-findings.ts';

const told = <Type extends string>(...types: Type[]) => types.map((type) => ({ type }));
const unasked = (...types: string[]) => ({ environment: { unasked: told(...types) } });

const child = createMachine({
  id: 'child',
  initial: 'calm',
  entry: sendParent({ type: 'child.started' }),
  states: {
    calm: { on: { poke: 'cross' } },
    cross: { entry: sendParent({ type: 'child.cross' }), on: { poke: 'gone' } },
    gone: { type: 'final' },
  },
});
const parenting = setup({ actors: { child } }).createMachine({
  id: 'parent',
  initial: 'waiting',
  states: {
    waiting: {
      invoke: { src: 'child', id: 'kid', onDone: 'alone' },
      initial: 'unsure',
      on: { poke: { actions: sendTo('kid', { type: 'poke' }) } },
      states: {
        unsure: { on: { 'child.started': 'glad' } },
        glad: { on: { 'child.cross': 'sorry' } },
        sorry: {},
      },
    },
    alone: {},
  },
});

/** What a running actor comes to, event by event. */
function lived(machine: AnyStateMachine, ...events: string[]): unknown[] {
  const running = createActor(machine).start();
  return [running.getSnapshot().value, ...events.map((type) => valueAfter(running, type))];
}
function valueAfter(running: AnyActorRef, type: string): unknown {
  running.send({ type });
  return (running.getSnapshot() as { value: unknown }).value;
}

test('AF-8 a child: goes with its parent as it does when both run', async () => {
  const places = await placesOf({ actors: { one: actor(parenting, unasked('poke')) } });
  const run = lived(parenting, 'poke', 'poke');
  expect(places.toSorted()).toEqual(
    run.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).toSorted(),
  );
});

test('AF-8 a child: is seen by its path, and counted in the coverage', async () => {
  const report = await checkModel({
    actors: { one: actor(parenting, unasked('poke')) },
    properties: [
      { sometimes: 'cross', holds: ({ actors }) => actors.one.child('kid')?.value === 'cross' },
    ],
    deadlock: 'fine',
  });
  expect(report).toMatchObject({ outcome: 'passed', states: 3 });
  expect(Object.keys(report.coverage).toSorted()).toEqual(['child', 'parent']);
});

test('AF-8 a child: is a choice where the world of its parent answers for it', async () => {
  const end = { type: 'xstate.done.actor.kid' } as const;
  const environment = { effects: { child: () => [end] } };
  const places = await placesOf({ actors: { one: actor(parenting, { environment }) } });
  expect(places).toEqual(['alone', '{"waiting":"unsure"}']);
});

test('AF-8 a child: has a world of its own', async () => {
  const asking = setup({ actions: { ask: () => {} } }).createMachine({
    id: 'asking',
    initial: 'asked',
    states: {
      asked: { entry: 'ask', on: { yes: 'agreed' } },
      agreed: { entry: sendParent({ type: 'agreed' }) },
    },
  });
  const machine = setup({ actors: { asking } }).createMachine({
    initial: 'open',
    states: { open: { on: { agreed: 'closed' } }, closed: {} },
    invoke: { src: 'asking', id: 'asking' },
  });
  const children = { asking: { effects: { ask: () => told('yes') } } };
  const model = { actors: { one: actor(machine, { children }) } };
  expect(await placesOf(model)).toEqual(['closed', 'open']);
});

test('AF-8 a child: is spawned by an assign, or by an action, and stopped', async () => {
  const machine = setup({
    // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way
    types: {} as { context: { kid?: AnyActorRef } },
    actors: { child },
  }).createMachine({
    initial: 'none',
    context: {},
    on: { 'child.cross': '.sorry' },
    states: {
      none: {
        on: {
          assign: {
            target: 'some',
            actions: assign({ kid: ({ spawn }) => spawn('child', { id: 'kid' }) }),
          },
          spawn: { target: 'other', actions: spawnChild('child', { id: 'second' }) },
        },
      },
      some: {
        on: { poke: { actions: sendTo(({ context }) => context.kid!, { type: 'poke' }) } },
      },
      other: { on: { poke: { actions: sendTo('second', { type: 'poke' }) } } },
      sorry: {},
    },
  });
  const events = unasked('assign', 'spawn', 'poke');
  const places = await placesOf({ actors: { one: actor(machine, events) } });
  expect(places).toEqual(['none', 'other', 'some', 'sorry']);
});

test('AF-8 a machine: is timed: timers come whenever armed, delayed sends too', async () => {
  const machine = createMachine({
    initial: 'on',
    invoke: { src: fromCallback(() => {}), id: 'ear' },
    states: {
      on: {
        entry: [
          raise({ type: 'beat' }, { delay: 5, id: 'heart' }),
          sendTo(
            ({ system }) => system.get('two') as AnyActorRef,
            { type: 'hello' },
            {
              delay: 9,
            },
          ),
        ],
        after: { 10: 'off' },
        on: { beat: 'beaten', hush: { actions: cancel('heart'), target: 'hushed' } },
      },
      off: {},
      beaten: {},
      hushed: {},
    },
  });
  const effects = { 'xstate.invoke.0.(machine)': () => [] };
  const two = createMachine({
    initial: 'deaf',
    states: { deaf: { on: { hello: 'greeted' } }, greeted: {} },
  });
  const actors = {
    one: actor(machine, { environment: { effects, unasked: told('hush') } }),
    two: actor(two),
  };
  const places = await placesOf({ actors });
  expect(places).toContain('hushed greeted');
  expect(places).toContain('off deaf');
  expect(places).toHaveLength(8);
  expect(await placesOf({ actors, timers: 'never' })).toEqual(['hushed deaf', 'on deaf']);
});

test('AF-8 a machine: has parallel states and remembers', async () => {
  const machine = createMachine({
    initial: 'both',
    states: {
      both: {
        type: 'parallel',
        states: {
          left: { initial: 'a', states: { a: { on: { step: 'b' } }, b: {} } },
          right: { initial: 'c', states: { c: { on: { turn: 'd' } }, d: {} } },
          memory: { type: 'history', history: 'deep' },
        },
        on: { leave: 'away' },
      },
      away: { on: { back: 'both.memory' } },
    },
  });
  const actors = { one: actor(machine, unasked('step', 'turn', 'leave', 'back')) };
  // As `explore` counts them: four before the first leaving, four away, nine since.
  const report = await checkModel({ actors, properties: [] });
  expect(report).toMatchObject({ outcome: 'passed', states: 17 });
});

test('AF-8 a machine: has references in its input, and a parent over the network', async () => {
  const greeting = setup({
    // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way
    types: {} as { context: { peer: AnyActorRef }; input: { peer: AnyActorRef } },
  }).createMachine({
    context: ({ input }) => input,
    initial: 'on',
    entry: [sendTo(({ context }) => context.peer, { type: 'hello' }), sendParent({ type: 'bye' })],
    states: { on: {} },
  });
  const hearing = createMachine({
    initial: 'deaf',
    states: { deaf: { on: { hello: 'greeted' } }, greeted: { on: { bye: 'alone' } }, alone: {} },
  });
  const actors = {
    one: actor(greeting, { input: (actorOf) => ({ peer: actorOf('two') }), parent: 'two' }),
    two: actor(hearing),
  };
  expect(await placesOf({ actors })).toEqual(['on alone', 'on deaf', 'on greeted']);
});

test('AF-8 a machine: ends in an error, which is no end that was wished', async () => {
  const machine = createMachine({
    initial: 'on',
    invoke: { src: 'nobody', id: 'nobody' },
    states: { on: {} },
  }).provide({ actors: { nobody: fromCallback(() => {}) } });
  const failure = { type: 'xstate.error.actor.nobody', error: 'broken' } as const;
  const environment = { effects: { nobody: () => [failure] } };
  const model = { actors: { one: actor(machine, { environment }) }, properties: [] };
  expect(await violationOf(model)).toMatchObject({ kind: 'deadlock' });
});

test('AF-8 a machine: is one of this project, with its environment or another', async () => {
  const input = { attemptsMax: 1, limits: { deadlineMs: 1, answerMs: 1, confirmMs: 1 } };
  const world = environments.outgoingTransfer;
  const mute = { ...world.effects, sendOffer: () => [] };
  const giving = (effects: typeof world.effects) =>
    actor(outgoingTransferMachine, { input, environment: { ...world, effects } });
  const isDone = {
    eventually: 'it ends',
    holds: (system: { actors: { giver: { status: string } } }) =>
      system.actors.giver.status === 'done',
  };
  const ended = await checkModel({
    actors: { giver: giving(world.effects) },
    properties: [isDone],
  });
  expect(ended).toMatchObject({ outcome: 'passed' });
  const unheard = await checkModel({ actors: { giver: giving(mute) }, properties: [isDone] });
  expect(unheard).toMatchObject({ outcome: 'passed' });
  expect(unheard.coverage['outgoingTransfer']?.unentered).toContain('transferred');
});
