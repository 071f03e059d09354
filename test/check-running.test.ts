/**
 * Goal: what the checker found happens as well to actors that run (AF-8).
 * Method: its traces are taken again by running actors; then a machine is made to behave otherwise
 * where it runs, and each thing that cannot be run is tried.
 */
import type { NodeId } from '#actors/vocabulary';
import { environment, outgoingTransferMachine, stackMachine } from 'interplex/actors';
import { actor, replay, replayRunning, simulate } from 'interplex/check';
import type { Model, ModelActor, SystemState, Trace } from 'interplex/check';
import { expect, test } from 'vitest';
import { assign, createMachine, fromPromise, sendParent, sendTo, setup } from 'xstate';
import type { AnyActorRef, AnyEventObject } from 'xstate';
import { violationOf } from './support/check-findings.ts';
import { lending } from './support/models/lock.ts';
import { paxos, serverMachine } from './support/models/paxos.ts';
import { coordinatorMachine, twoPhaseCommit } from './support/models/two-phase-commit.ts';

type Actors = Readonly<Record<string, ModelActor>>;
type Anyone = SystemState<Readonly<Record<string, ModelActor>>>;

const told = <Type extends string>(...types: Type[]) => types.map((type) => ({ type }));

/** The trace to a place, as a file keeps it, and what a run of it comes to. */
async function runTo<Named extends Actors>(model: Model<Named>) {
  const { trace, property } = await violationOf(model);
  const kept = JSON.parse(JSON.stringify(trace)) as Trace;
  const run = replayRunning(model, kept);
  const pure = replay(model, kept);
  expect(run.broken).toEqual(pure.broken);
  expect(run.states.map(valuesOf)).toEqual(pure.states.map(valuesOf));
  return { ...run, trace: kept, property };
}
const valuesOf = ({ actors }: Anyone) =>
  Object.values(actors).map((one) => [one.value as unknown, one.status]);

const reaching = (name: string, value: string) => [
  { never: value, holds: ({ actors }: Anyone) => actors[name]!.matches(value) },
];

test('AF-8 a run: of two-phase commit that does not wait for all', async () => {
  const hasty = coordinatorMachine.provide({ guards: { isUnanimous: () => true } });
  const { names, actors } = twoPhaseCommit(3, hasty);
  const split = {
    never: 'one commits and one aborts',
    holds: (system: SystemState<typeof actors>) =>
      names.some((name) => system.actors[name]!.matches('committed')) &&
      names.some((name) => system.actors[name]!.matches('aborted')),
  };
  const network = { order: 'none', duplication: 'possible' } as const;
  const { broken, states } = await runTo({ actors, network, properties: [split] });
  expect(broken).toEqual(['one commits and one aborts']);
  expect(states).toHaveLength(4);
});

test('AF-8 a run: of Paxos whose leader forgets what was promised', async () => {
  const forgetful = serverMachine.provide({
    actions: {
      propose: assign(({ context }) => ({
        ...context,
        accepted: { ballot: context.ballot, proposal: context.proposal! },
        acceptances: { [context.name]: true as const },
      })),
    },
  });
  const { actors, servers } = paxos(2, 3, forgetful);
  const decided = (system: SystemState<typeof actors>) =>
    servers.flatMap((name) => {
      const { matches, context } = system.actors[name]!;
      return matches('decided') ? [context.accepted?.proposal.value] : [];
    });
  const agree = {
    always: 'servers agree',
    holds: (system: SystemState<typeof actors>) => new Set(decided(system)).size <= 1,
  };
  const model = { actors, network: { order: 'none' }, deadlock: 'fine' } as const;
  const { broken } = await runTo({ ...model, properties: [agree] });
  expect(broken).toEqual(['servers agree']);
});

const named = (system: AnyActorRef['system'], name: string) => system.get(name) as AnyActorRef;
interface Asked {
  readonly event: AnyEventObject & { readonly by?: AnyActorRef };
}
const isHeldTwice = {
  never: 'two hold the lock',
  holds: ({ actors }: Anyone) => ['ann', 'bob'].every((name) => actors[name]!.matches('holding')),
};

test('AF-8 a run: of the lock fires its timer, and no other', async () => {
  const actors: Actors = { ...lending };
  const { trace, broken, state } = await runTo({ actors, properties: [isHeldTwice] });
  expect(trace.steps.map(({ kind }) => kind)).toContain('timer');
  expect(broken).toEqual(['two hold the lock']);
  expect(state.actors['ann']?.timers).toEqual(['xstate.after.100.client.holding']);
});

test('AF-8 a run: of two timers fires one, though the other is due before', async () => {
  const lamp = (ms: number) => ({
    initial: 'off',
    states: { off: { after: { [ms]: 'on' } }, on: {} },
  });
  const lamps = createMachine({ type: 'parallel', states: { early: lamp(1), late: lamp(99) } });
  const { trace, state } = await runTo({
    actors: { one: actor(lamps) } as Actors,
    properties: [
      { never: 'late', holds: ({ actors: { one } }) => one!.matches({ early: 'off', late: 'on' }) },
    ],
  });
  expect(trace.steps).toHaveLength(1);
  expect(state.actors['one']?.value).toEqual({ early: 'off', late: 'on' });
});

test('AF-8 a run: of one who crashes and begins again, as if nothing had been', async () => {
  const actors: Actors = { ...lending };
  const crashes = { atMost: 1, actors: ['lock'], restart: 'afresh' } as const;
  const network = { order: 'none' } as const;
  const model = { actors, crashes, network, timers: 'never', properties: [isHeldTwice] } as const;
  const { trace, state } = await runTo({ ...model, deadlock: 'fine' });
  const kinds = trace.steps.map(({ kind }) => kind);
  expect(kinds).toEqual(expect.arrayContaining(['crash', 'restart']));
  expect(state.actors['lock']?.context).toEqual({ owner: 'bob' });
});

test('AF-8 a run: of one who stays down, which another is told', async () => {
  const heir = createMachine({
    initial: 'idle',
    states: { idle: { on: { gone: 'heir' } }, heir: {} },
  });
  const notices = () => [{ to: 'heir', event: { type: 'gone' } }];
  const { state } = await runTo({
    actors: { heir: actor(heir), lock: lending.lock } as Actors,
    crashes: { atMost: 1, actors: ['lock'], told: notices },
    deadlock: 'fine',
    properties: reaching('heir', 'heir'),
  });
  expect(state.actors['lock']).toMatchObject({ isDown: true, status: 'stopped' });
});

test('AF-8 a run: of a child that is a machine, and of one that is a choice', async () => {
  const kid = setup({ actions: { ask: () => {} } }).createMachine({
    id: 'kid',
    initial: 'asking',
    states: {
      asking: { entry: 'ask', on: { yes: 'glad' } },
      glad: { entry: sendParent({ type: 'glad' }), after: { 5: 'grown' } },
      grown: { type: 'final' },
    },
  });
  const machine = setup({
    actors: { kid, work: fromPromise(async () => 'never run') },
  }).createMachine({
    id: 'parent',
    context: { output: null },
    initial: 'waiting',
    states: {
      waiting: { invoke: { src: 'kid', id: 'kid', onDone: 'working' }, on: { glad: {} } },
      working: {
        invoke: {
          src: 'work',
          id: 'work',
          onDone: { target: 'worked', actions: assign({ output: ({ event }) => event.output }) },
        },
      },
      worked: {},
    },
  });
  const end = { type: 'xstate.done.actor.work', output: 'by the trace' } as const;
  const one = actor(machine, {
    environment: { effects: { work: () => [end] } },
    children: { kid: { effects: { ask: () => told('no', 'yes') } } },
  });
  const { state, states } = await runTo({
    actors: { one } as Actors,
    deadlock: 'fine',
    properties: reaching('one', 'worked'),
  });
  expect(states[0]?.actors['one']?.child('kid')?.outstanding).toHaveLength(1);
  expect(state.actors['one']?.context).toEqual({ output: 'by the trace' });
});

test('AF-8 a run: of an effect that sends to others, and answers in two words', async () => {
  const asking = setup({ actions: { ask: () => {} } }).createMachine({
    initial: 'asked',
    states: {
      asked: { entry: 'ask', on: { first: 'half' } },
      half: { on: { second: 'whole' } },
      whole: {},
    },
  });
  const ear = createMachine({
    initial: 'deaf',
    states: { deaf: { on: { word: 'told' } }, told: {} },
  });
  const ask = () => [{ to: 'ear', event: { type: 'word' } }, told('first', 'second'), []] as const;
  const { trace } = await runTo({
    actors: {
      ear: actor(ear),
      one: actor(asking, { environment: { effects: { ask } } }),
    } as Actors,
    deadlock: 'fine',
    properties: [
      {
        never: 'all is told',
        holds: ({ actors }) => actors['ear']!.matches('told') && actors['one']!.matches('whole'),
      },
    ],
  });
  expect(trace.steps.map(({ kind }) => kind).toSorted()).toEqual(['answer', 'answer', 'delivery']);
});

test('AF-8 a run: of a send that waits, and of an actor that begins at it', async () => {
  const asking = createMachine({
    id: 'asking',
    entry: sendTo(
      ({ system }) => named(system, 'server'),
      { type: 'ask' },
      { delay: 9, id: 'late' },
    ),
  });
  const server = createMachine({
    initial: 'busy',
    states: { busy: { after: { 1: 'over' } }, over: { type: 'final' } },
  });
  const { state, states, trace } = await runTo({
    actors: { asking: actor(asking), server: actor(server, { beginsAt: 'ask' }) } as Actors,
    deadlock: 'fine',
    properties: reaching('server', 'over'),
  });
  expect(trace.steps.map(({ kind }) => kind)).toEqual(['timer', 'delivery', 'timer']);
  expect(states[0]?.actors['server']?.status).toBe('stopped');
  expect(state.actors['server']?.status).toBe('done');
});

test('AF-8 a run: of a name that is passed on: what is sent to it is in flight', async () => {
  const echo = createMachine({
    on: {
      ask: { actions: sendTo(({ event }: Asked) => event.by!, { type: 'answer' }) },
    },
  });
  const asking = createMachine({
    context: ({ input }: { input: unknown }) => ({ echo: input as AnyActorRef }),
    initial: 'asking',
    states: {
      asking: {
        entry: sendTo(
          ({ context }) => context.echo,
          ({ self }) => ({ type: 'ask', by: self }),
        ),
        on: { answer: 'answered' },
      },
      answered: {},
    },
  });
  const { trace } = await runTo({
    actors: {
      echo: actor(echo),
      one: actor(asking, { input: (actorOf) => actorOf('echo') }),
    } as Actors,
    deadlock: 'fine',
    properties: reaching('one', 'answered'),
  });
  expect(trace.steps).toHaveLength(2);
});

const limits = { deadlineMs: 1_000, answerMs: 100, confirmMs: 100 };
const stackInput = { node: 'hall-1' as NodeId, living: [], drainMs: 1_000, retryMs: 10 };
const ours: Actors = {
  outgoingTransfer: actor(outgoingTransferMachine, {
    environment: environment.outgoingTransfer,
    input: { attemptsMax: 2, limits },
  }),
  stack: actor(stackMachine, { environment: environment.stack, input: stackInput, parent: 'ear' }),
};
test.each(Object.entries(ours))('AF-8 a run: of %s to its end', (name, one) => {
  const properties = [
    { never: 'the end', holds: ({ actors }: Anyone) => actors[name]!.status === 'done' },
  ];
  const ear = actor(createMachine({}));
  const model = { actors: { [name]: one, ear } as Actors, deadlock: 'fine', properties } as const;
  for (const seed of [1, 2, 3, 4, 5]) {
    const found = simulate(model, { seed });
    if (found.outcome !== 'violated') throw new Error('It did not end.');
    expect(replayRunning(model, found.violation.trace!).broken).toEqual(['the end']);
  }
});
