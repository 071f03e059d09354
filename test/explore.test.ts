/**
 * Goal: `explore` finds what a machine can do and nothing else, says what it did not see, and never
 * calls a walk without end a pass (AF-8).
 * Method: machines made for the purpose, one for each feature of XState and each way to go wrong.
 */
import { unprovidedActor } from 'interplex/actors';
import { explore } from 'interplex/check';
import type { Exploration } from 'interplex/check';
import { expect, test } from 'vitest';
import {
  and,
  assign,
  createMachine,
  emit,
  enqueueActions,
  fromCallback,
  not,
  raise,
  sendParent,
  sendTo,
  setup,
  stopChild,
} from 'xstate';
import type { AnyStateMachine } from 'xstate';
import { logicalConnectionMachine } from './support/logical-connection.ts';
import { performed, sent } from './support/step-words.ts';

type Walk = Pick<Exploration<AnyStateMachine>, 'steps'>;

const told = <Type extends string>(...types: Type[]) => types.map((type) => ({ type }));
/** Each step that stirs, as `state event state`. */
const waysOf = ({ steps }: Walk) =>
  steps
    .filter(({ stirs }) => stirs)
    .map(
      ({ state, event, nextState }) =>
        `${name(state.value)} ${(event as { type: string }).type} ${name(nextState.value)}`,
    );
const name = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
const listener = fromCallback(() => {});

test('AF-8 the reference of the style brief has 6 states and 17 live steps', () => {
  const facts = ['carrier.opened', 'carrier.lost', 'peer.heard'] as const;
  const events = [
    ...[0, 1, 2].flatMap((epoch) => facts.map((type) => ({ type, epoch }))),
    { type: 'reset' } as const,
  ];
  const input = { epoch: 0, routes: ['first', 'second'] };
  const walk = explore(logicalConnectionMachine, { input, events });
  expect(walk.states).toHaveLength(6);
  expect(walk.steps.filter(({ stirs }) => stirs)).toHaveLength(17);
  expect(walk.coverage).toEqual({ unentered: [], untaken: [] });
});

const asking = createMachine({
  initial: 'first',
  states: {
    first: { entry: 'ask', on: { tick: 'later', yes: 'agreed', expired: 'gone' } },
    later: { on: { yes: 'agreed', hush: { actions: 'hush' } } },
    agreed: { on: { expired: 'gone' } },
    gone: {},
  },
});
const hush = () => [];

test('AF-8 what comes: an answer: at any later time, once', () => {
  const environment = { effects: { ask: () => told('yes'), hush }, unasked: told('tick') };
  const walk = explore(asking, { environment });
  expect(waysOf(walk)).toEqual(['first tick later', 'first yes agreed', 'later yes agreed']);
  expect(walk.steps.filter(({ event }) => event.type === 'yes')).toHaveLength(2);
});

test('AF-8 what comes: an answer of several events: in their order, or the other one', () => {
  const answers = () => [told('yes', 'expired'), { type: 'tick' }];
  const walk = explore(asking, { environment: { effects: { ask: answers, hush }, unasked: [] } });
  expect(waysOf(walk)).toEqual(['first yes agreed', 'first tick later', 'agreed expired gone']);
});

test('AF-8 what comes: no answer of an effect that another has silenced', () => {
  const silences = { hush: ['ask'] };
  const environment = {
    effects: { ask: () => told('yes'), hush },
    unasked: told('tick', 'hush'),
  };
  const walk = explore(asking, { environment: { ...environment, silences } });
  const hushed = walk.steps.find(({ event, stirs }) => event.type === 'hush' && stirs);
  expect(hushed?.nextState.outstanding).toEqual([]);
});

test('AF-8 what comes: the unasked and the always offered, until the end', () => {
  const machine = createMachine({
    initial: 'one',
    states: { one: { on: { a: 'two' } }, two: { on: { b: 'three' } }, three: { type: 'final' } },
  });
  for (const offer of [
    { events: told('a', 'b') },
    { environment: { effects: {}, unasked: told('a', 'b') } },
  ]) {
    const walk = explore(machine, offer);
    expect(walk.steps).toHaveLength(4);
    expect(waysOf(walk)).toEqual(['one a two', 'two b three']);
    expect(walk.pathTo(walk.states[2]!).map(({ event }) => event.type)).toEqual(['a', 'b']);
    expect(walk.depth).toBe(2);
  }
});

test('AF-8 what comes: a timer: while it is armed', () => {
  const machine = createMachine({
    initial: 'on',
    states: {
      on: { after: { 10: 'off', 20: 'late' }, on: { again: { target: 'on', reenter: true } } },
      off: { on: { again: 'off' } },
      late: {},
    },
  });
  const walk = explore(machine, { events: told('again') });
  expect(walk.states.map(({ timers }) => timers.length)).toEqual([2, 0, 0]);
  expect(waysOf(walk)).toContain('on again on');
  expect(walk.steps.filter(({ event }) => event.type.startsWith('xstate.after'))).toHaveLength(2);
});

const parent = setup({ actors: { listener } }).createMachine({
  id: 'parent',
  initial: 'open',
  states: {
    open: {
      invoke: { src: 'listener', id: 'ear', onDone: 'over', onError: 'broken' },
      on: { close: 'closed', heard: { actions: sendTo('ear', { type: 'more' }) } },
    },
    closed: { on: { heard: 'deaf' } },
    over: { on: { heard: 'deaf' } },
    broken: {},
    deaf: {},
  },
});

test('AF-8 what comes: a child’s words: while it lives', () => {
  const environment = { effects: { listener: () => told('heard') }, unasked: told('close') };
  const walk = explore(parent, { environment, limit: 10 });
  expect(walk.coverage.unentered).toEqual(['over', 'broken', 'deaf']);
  expect(walk.states.map(({ children }) => children.length)).toEqual([1, 0]);
});

test('AF-8 what comes: a child’s answer to what it receives', () => {
  const seen: unknown[] = [];
  const answers = ({ received }: { received?: { type: string } }) => {
    seen.push(received?.type);
    return received ? [] : told('heard');
  };
  explore(parent, { environment: { effects: { listener: answers }, unasked: [] } });
  expect(seen).toEqual([undefined, 'more']);
});

test('AF-8 what comes: a child’s end, after which it says no more', () => {
  const ends = () => [
    [{ type: 'xstate.done.actor.ear' } as const, { type: 'heard' }],
    { type: 'xstate.error.actor.ear' } as const,
  ];
  const walk = explore(parent, { environment: { effects: { listener: ends }, unasked: [] } });
  expect(waysOf(walk)).toEqual([
    'open xstate.done.actor.ear over',
    'open xstate.error.actor.ear broken',
  ]);
  expect(walk.states.at(-1)?.children).toEqual([]);
});

test('AF-8 a step shows: its effects, in order, performing none', () => {
  const machine = setup({
    actors: { listener },
    actions: { ring: unprovidedActor('ring') },
  }).createMachine({
    context: { count: 0 },
    on: {
      go: {
        actions: [
          assign({ count: 1 }),
          enqueueActions(({ enqueue, context }) => {
            enqueue({ type: 'ring' });
            enqueue.spawnChild('listener', { id: `ear-${context.count}` });
            enqueue.sendTo(`ear-${context.count}`, { type: 'hear' });
          }),
          stopChild('ear-1'),
          sendParent({ type: 'gone' }),
          emit({ type: 'counted' }),
          raise({ type: 'beat' }, { delay: 5, id: 'heart' }),
        ],
      },
    },
  });
  const [step] = explore(machine, { events: told('go') }).steps;
  expect(step?.effects.map(({ type }) => type)).toEqual([
    'action',
    'spawn',
    'send',
    'stop',
    'send',
    'emit',
    'arm',
  ]);
  expect(step && performed(step)).toEqual(['ring']);
  expect(step && sent(step, 'ear-1')).toEqual([{ type: 'hear' }]);
  expect(step && sent(step, 'parent')).toEqual([{ type: 'gone' }]);
  expect(step?.effects.at(-1)).toMatchObject({ timer: 'heart', event: { type: 'beat' } });
});

test('AF-8 a step shows: states passed through, parallel ones, and memory', () => {
  const machine = setup({ guards: { never: () => false } }).createMachine({
    initial: 'both',
    states: {
      both: {
        type: 'parallel',
        states: {
          left: { initial: 'a', states: { a: { on: { step: 'b' } }, b: {} } },
          right: { initial: 'c', states: { c: { on: { turn: 'd' } }, d: {} } },
          memory: { type: 'history', history: 'deep' },
        },
        on: { leave: 'passing' },
      },
      passing: {
        always: [{ guard: and(['never', not('never')]), target: 'both' }, { target: 'away' }],
      },
      away: { on: { back: 'both.memory' } },
    },
  });
  const walk = explore(machine, { events: told('step', 'turn', 'leave', 'back') });
  // Four before the first leaving, four away, and nine since: what is left to do, by memory.
  expect(walk.states).toHaveLength(17);
  expect(walk.coverage).toEqual({
    unentered: [],
    untaken: ['passing: always [never and not never] → both'],
  });
});

test('AF-8 a step shows: the output of an end', () => {
  const machine = createMachine({
    initial: 'on',
    states: { on: { on: { off: 'end' } }, end: { type: 'final', output: 7 } },
    output: ({ event }) => event.output as number,
  });
  const end = explore(machine, { events: told('off') }).states.at(-1);
  expect(end).toMatchObject({ status: 'done', output: 7, value: 'end' });
});

test('AF-8 a step shows: a child with a system id, started again and again', () => {
  const machine = setup({ actors: { listener } }).createMachine({
    initial: 'on',
    states: {
      on: { invoke: { src: 'listener', systemId: 'ear' }, on: { flip: 'off' } },
      off: { on: { flip: 'on' } },
    },
  });
  expect(explore(machine, { events: told('flip') }).states).toHaveLength(2);
});
