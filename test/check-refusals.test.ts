/**
 * Goal: what cannot be checked is refused with the actor, its state and the event, and what was not
 * seen to its end is no pass (AF-8).
 * Method: one wrong model for each way to go wrong; the whole sentence is compared.
 */
import { unprovidedActor } from 'interplex/actors';
import { actor, checkModel } from 'interplex/check';
import type { Limits, Model, ModelActor } from 'interplex/check';
import { expect, test } from 'vitest';
import {
  assign,
  createActor,
  createMachine,
  raise,
  sendParent,
  sendTo,
  setup,
  spawnChild,
} from 'xstate';
import type { AnyActorRef, AnyStateMachine } from 'xstate';

const told = <Type extends string>(...types: Type[]) => types.map((type) => ({ type }));
const onGo = (action: unknown): AnyStateMachine =>
  createMachine({
    id: 'subject',
    initial: 'on',
    states: { on: { on: { go: { actions: action as 'named', target: 'on', reenter: true } } } },
  });
const modelOf = (machine: AnyStateMachine, more: Partial<Model<Record<string, ModelActor>>> = {}) =>
  ({
    actors: { one: actor(machine, { environment: { unasked: told('go') } }) },
    properties: [],
    ...more,
  }) satisfies Model<Record<string, ModelActor>>;

const cyclic: { self?: unknown } = {};
cyclic.self = cyclic;
const stranger = createActor(createMachine({}), { id: 'stranger' });
const placed = 'Actor "one", in "on", at "go":';

test.each([
  {
    name: 'an effect without environment',
    machine: onGo(unprovidedActor('ring')),
    code: 'IPX_CHECK_ENVIRONMENT',
    message:
      `${placed} The environment of subject does not say what "effect" may answer: ` +
      'events, or [].',
  },
  {
    name: 'a message to a reference of nobody',
    machine: onGo(sendTo(stranger, { type: 'hi' })),
    code: 'IPX_CHECK_STEP',
    message: `${placed} It sends "hi" to "stranger", which is no actor of the model.`,
  },
  {
    name: 'a message to nobody',
    machine: onGo(sendTo(({ system }) => system.get('two') as AnyActorRef, { type: 'hi' })),
    code: 'IPX_CHECK_STEP',
    message: `${placed} subject throws at "go" in "on": It sends "hi" to "two", which is nobody.`,
  },
  {
    name: 'a message to a parent that it has not',
    machine: onGo(sendParent({ type: 'hi' })),
    code: 'IPX_CHECK_STEP',
    message: `${placed} It sends "hi" to no parent.`,
  },
  {
    name: 'a context that refers to itself',
    machine: onGo(assign({ cyclic: () => cyclic })),
    code: 'IPX_CHECK_CONTEXT',
    message: expect.stringContaining('Actor "one", in "on", at the end of a step: ') as string,
  },
  {
    name: 'a child without a name',
    machine: onGo(spawnChild(createMachine({}))),
    code: 'IPX_CHECK_STEP',
    message: expect.stringContaining('It starts a child without an id.') as string,
  },
  {
    name: 'a step that throws',
    machine: onGo(
      assign(() => {
        throw new Error('broken');
      }),
    ),
    code: 'IPX_CHECK_STEP',
    message: `${placed} subject throws at "go" in "on": broken`,
  },
])('AF-8 $name is refused', async ({ machine, code, message }) =>
  expect(checkModel(modelOf(machine))).rejects.toMatchObject({ code, message }),
);

test('AF-8 a context that keeps growing is refused, and what makes it grow named', async () => {
  const machine = setup({
    // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way
    types: {} as { context: { count: number } },
  }).createMachine({
    id: 'subject',
    context: { count: 0 },
    initial: 'on',
    states: {
      on: { on: { go: { actions: assign({ count: ({ context }) => context.count + 1 }) } } },
    },
  });
  await expect(checkModel(modelOf(machine, { limits: { states: 100 } }))).rejects.toMatchObject({
    code: 'IPX_CHECK_CONTEXT',
    message:
      'Actor "one", in "on", at "go": context.count keeps growing. There is no end to the states.',
  });
});

test('AF-8 a claim that throws is refused, with the state', async () => {
  const properties = [
    {
      always: 'all is well',
      holds: () => {
        throw new Error('no');
      },
    },
  ];
  await expect(
    checkModel(modelOf(onGo(raise({ type: 'x' })), { properties })),
  ).rejects.toMatchObject({
    code: 'IPX_CHECK_PROPERTY',
    message: '"all is well" throws in one on: no',
  });
});

const two = { one: actor(onGo([])), two: actor(onGo([])) };
const listed = createMachine({ context: { first: 'one' } });
test.each<{ name: string; model: Partial<Model<Record<string, ModelActor>>>; message: string }>([
  { name: 'no actor', model: { actors: {} }, message: 'A model needs an actor.' },
  {
    name: 'an unknown actor',
    model: { crashes: { atMost: 1, actors: ['three'] } },
    message: '"three" is no actor of the model.',
  },
  {
    name: 'an exchange of different machines',
    model: { symmetry: [['one', 'two']] },
    message: 'Symmetry: two has another machine than "one".',
  },
  {
    name: 'an exchange where one is told from the other',
    model: {
      actors: { one: two.one, two: two.one, three: actor(listed) },
      symmetry: [['one', 'two']],
    },
    message: 'Symmetry: "two" and "one" do not begin alike (a list, say, puts them in order).',
  },
  {
    name: 'an exchange of whom a crash tells apart',
    model: {
      actors: { one: two.one, two: two.one },
      symmetry: [['one', 'two']],
      crashes: { atMost: 1, actors: ['two'] },
    },
    message: 'Symmetry: "two" alone is listed, for the network or for crashes.',
  },
  {
    name: 'an exchange under claims of whole runs',
    model: {
      actors: { one: two.one, two: two.one },
      symmetry: [['one', 'two']],
      properties: [{ eventually: 'the end', holds: () => true }],
    },
    message:
      '"the end" is of whole runs, in which actors that are exchanged would be taken for one: ' +
      'leave out symmetry.',
  },
])('AF-8 $name is refused', async ({ model, message }) =>
  expect(checkModel({ actors: two, properties: [], ...model })).rejects.toMatchObject({
    code: 'IPX_OPTION_INVALID',
    message,
  }),
);

const lamps = Object.fromEntries(
  ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'].map((name) => [
    name,
    actor(
      createMachine({
        initial: 'off',
        states: { off: { on: { flip: 'on' } }, on: { on: { flip: 'off' } } },
      }),
      { environment: { unasked: told('flip') } },
    ),
  ]),
);
test.each<{ limits: Limits; limit: string }>([
  { limits: { states: 1_000 }, limit: 'states' },
  { limits: { depth: 3 }, limit: 'depth' },
  { limits: { timeMs: 0 }, limit: 'time' },
  { limits: { bytes: 1_000 }, limit: 'bytes' },
])('AF-8 a limit of $limit is no pass', async ({ limits, limit }) => {
  const report = await checkModel({ actors: lamps, properties: [], limits });
  expect(report).toMatchObject({ outcome: 'limit', limit });
});

test('AF-8 a check that is called off tells what it has covered', async () => {
  const called = new AbortController();
  const seen: number[] = [];
  const onProgress = ({ states }: { states: number }) => {
    seen.push(states);
    called.abort();
  };
  const model = { actors: { ...lamps, ...renamed(lamps) }, properties: [] };
  const report = await checkModel(model, { signal: called.signal, onProgress });
  expect(report).toMatchObject({ outcome: 'limit', limit: 'stopped', states: seen[0] });
});
const renamed = (actors: Record<string, ModelActor>) =>
  Object.fromEntries(Object.entries(actors).map(([name, one]) => [`${name}2`, one]));

test.each([
  { more: { limits: { states: Number.NaN } }, option: 'limits.states' },
  { more: { limits: { depth: -1 } }, option: 'limits.depth' },
  { more: { limits: { timeMs: -1 } }, option: 'limits.timeMs' },
  { more: { limits: { bytes: Number.NaN } }, option: 'limits.bytes' },
  { more: { network: { inFlightMax: Number.NaN } }, option: 'network.inFlightMax' },
  { more: { network: { loss: 1.5 } }, option: 'network.loss' },
  { more: { crashes: { atMost: Infinity } }, option: 'crashes.atMost' },
])('AF-8 a number that is none to count with is refused: $option', async ({ more, option }) => {
  const checked = checkModel(modelOf(onGo('act'), more));
  await expect(checked).rejects.toMatchObject({
    code: 'IPX_OPTION_INVALID',
    message: expect.stringContaining(`The option ${option} cannot be used`) as string,
  });
});
