/**
 * Goal: the network does what its options say, and a crash takes what it should (AF-8).
 * Method: a speaker says two or three words, a listener keeps what it hears; the places that it
 * comes to are listed.
 */
import { actor, checkModel } from 'interplex/check';
import type { Crashes, Envelope, Network } from 'interplex/check';
import { expect, test } from 'vitest';
import { assign, createMachine, sendTo, setup } from 'xstate';
import type { AnyActorRef } from 'xstate';
import { placesOf, violationOf } from './support/check-findings.ts';

const says = (type: string) =>
  sendTo(({ system }) => system.get('listener') as AnyActorRef, { type });

const speaker = createMachine({
  initial: 'on',
  states: { on: { type: 'final', entry: [says('a'), says('b')] } },
});
/** Its state is what it heard so far. */
const listener = createMachine({
  initial: 'nothing',
  states: {
    nothing: { on: { a: 'a', b: 'b' } },
    a: { on: { a: 'aa', b: 'ab' } },
    b: { on: { a: 'ba', b: 'bb' } },
    aa: {},
    ab: {},
    ba: {},
    bb: {},
  },
});
const actors = { listener: actor(listener), speaker: actor(speaker) };
const heardOver = async (network: Network) =>
  (await placesOf({ actors, network })).map((place) => place.split(' ')[0]);

test.each<{ network: Network; heard: string[] }>([
  { network: {}, heard: ['a', 'ab', 'nothing'] },
  { network: { order: 'none' }, heard: ['a', 'ab', 'b', 'ba', 'nothing'] },
  { network: { loss: 'possible' }, heard: ['a', 'ab', 'b', 'nothing'] },
  { network: { duplication: 'possible' }, heard: ['a', 'aa', 'ab', 'nothing'] },
  {
    network: { order: 'none', duplication: 'possible' },
    heard: ['a', 'aa', 'ab', 'b', 'ba', 'bb', 'nothing'],
  },
])('AF-8 a network: $network lets hear $heard', async ({ network, heard }) =>
  expect(await heardOver(network)).toEqual(heard),
);

test('AF-8 a network: with one loss hears one word at least', async () => {
  const heardEnough = {
    eventually: 'a word is heard',
    holds: ({ actors: { listener: ear } }: { actors: { listener: { value: unknown } } }) =>
      ear.value !== 'nothing',
  };
  const model = { actors, properties: [heardEnough], deadlock: 'fine' } as const;
  const once = await checkModel({ ...model, network: { loss: 1 } });
  expect(once.outcome).toBe('passed');
  const twice = await violationOf({ ...model, network: { loss: 2 } });
  expect(twice.text).toContain('listener never gets a of speaker');
  expect(twice.diagram).toContain('a2-xa1: a');
});

test('AF-8 a network: that two speak over keeps the order of each, not of both', async () => {
  const other = createMachine({
    initial: 'on',
    states: { on: { type: 'final', entry: says('b') } },
  });
  const both = { listener: actor(listener), one: actor(other), two: actor(speaker) };
  const heard = await placesOf({ actors: both });
  expect(heard.map((place) => place.split(' ')[0])).toEqual(['a', 'ab', 'b', 'ba', 'nothing']);
});

test('AF-8 a network: lets what is ignored wait for its time, or takes it', async () => {
  const late = createMachine({
    initial: 'deaf',
    states: {
      deaf: { on: { b: 'awake' } },
      awake: { on: { a: 'glad' } },
      glad: {},
    },
  });
  const heard = async (network: Network) => {
    const places = await placesOf({
      actors: { listener: actor(late), speaker: actor(speaker) },
      network,
    });
    return places.length;
  };
  expect(await heard({ order: 'none' })).toBe(3);
  expect(await heard({ order: 'per-pair' })).toBe(2);
});

test('AF-8 a network: that fills up is a limit, not a pass', async () => {
  const repeating = createMachine({
    initial: 'on',
    states: { on: { after: { 1: { target: 'on', reenter: true, actions: says('a') } } } },
  });
  const deaf = createMachine({ initial: 'on', states: { on: {} } });
  const report = await checkModel({
    actors: { listener: actor(deaf), speaker: actor(repeating) },
    network: { inFlightMax: 3 },
    properties: [],
  });
  expect(report).toMatchObject({ outcome: 'limit', limit: 'in flight' });
});

const counting = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way
  types: {} as { context: { count: number } },
  actions: { count: assign({ count: ({ context }) => context.count + 1 }) },
}).createMachine({
  context: { count: 0 },
  initial: 'on',
  states: { on: { on: { a: { actions: 'count' }, b: 'off' } }, off: {} },
});

const crashing = async (crashes: Crashes, network: Network = {}) =>
  placesOf({
    actors: { counter: actor(counting), listener: actor(listener), speaker: actor(speaker) },
    crashes,
    network,
  });

test('AF-8 a crash: befalls each that is not at its end, so often and no more', async () => {
  expect(await crashing({ atMost: 1 })).toEqual([
    'down a on',
    'down ab on',
    'down nothing on',
    'on a on',
    'on ab on',
    'on down on',
    'on nothing on',
  ]);
  expect(await crashing({ atMost: 2 })).toContain('down down on');
  expect(await crashing({ atMost: 9, actors: ['counter'] })).not.toContain('on down on');
});

test('AF-8 a crash: loses what is in flight to it, except without order', async () => {
  const crashes = { atMost: 1, actors: ['listener'], restart: 'afresh' } as const;
  const inOrder = await crashing(crashes);
  expect(inOrder).not.toContain('on b on');
  const states = async (network: Network) =>
    (await checkModel({ actors, crashes, network, properties: [], deadlock: 'fine' })).states;
  expect(await states({ order: 'none' })).toBeGreaterThan(await states({ order: 'per-pair' }));
});

test('AF-8 a crash: is told to others, and is seen', async () => {
  const crashes: Crashes = {
    atMost: 1,
    actors: ['counter'],
    told: (crashed) => [{ to: 'listener', event: { type: crashed === 'counter' ? 'b' : 'a' } }],
  };
  const deaf = createMachine({ initial: 'on', states: { on: {} } });
  const report = await checkModel({
    actors: { counter: actor(deaf), listener: actor(listener) },
    crashes,
    properties: [
      {
        leadsTo: 'the listener hears of it',
        after: (system) => system.actors.counter.isDown,
        holds: (system) => system.actors.listener.matches('b'),
      },
    ],
    deadlock: 'fine',
  });
  expect(report).toMatchObject({ outcome: 'passed', states: 3 });
});

test('AF-8 a node: its actors hear each other surely, and crash together', async () => {
  const network = { order: 'none', loss: 'possible', duplication: 'possible' } as const;
  const nodes = [['listener', 'speaker']];
  const heard = await placesOf({ actors, network, nodes });
  expect(heard).toEqual(['a on', 'ab on', 'nothing on']);
  expect(await placesOf({ actors, network: { ...network, sureOf: ['speaker'] } })).toEqual(heard);
  const unended = createMachine({
    initial: 'on',
    states: { on: { entry: [says('a'), says('b')] } },
  });
  const both = { listener: actor(listener), speaker: actor(unended), other: actor(counting) };
  const places = await placesOf({ actors: both, nodes, crashes: { atMost: 1 } });
  expect(places).toContain('down down on');
  expect(places).toContain('ab on down');
  expect(places.filter((place) => place.includes('down'))).toHaveLength(4);
});

const isAbsent = ({ status }: { readonly status: string }) => status === 'stopped';

test('AF-8 an actor that begins at a message is not there before, and begins anew', async () => {
  const serving = createMachine({
    initial: 'busy',
    states: { busy: { after: { 1: 'done' } }, done: { type: 'final' } },
  });
  const asking = createMachine({
    initial: 'first',
    states: {
      first: { entry: [says('b'), says('a')], after: { 1: 'second' } },
      second: { type: 'final', entry: says('a') },
    },
  });
  const model = {
    actors: { listener: actor(serving, { beginsAt: 'a' }), speaker: actor(asking) },
    network: { ignored: 'kept', order: 'none' },
    properties: [
      {
        eventually: 'each asking was served',
        holds: ({ actors: { listener: server }, messages }: Asked) =>
          // What it does not know it leaves in flight.
          server.status === 'done' && messages.every(({ event }) => event.type === 'b'),
      },
      { sometimes: 'nobody serves', holds: ({ actors: all }: Asked) => isAbsent(all.listener) },
    ],
  } as const;
  interface Asked {
    readonly actors: Readonly<Record<'listener' | 'speaker', { readonly status: string }>>;
    readonly messages: readonly Envelope[];
  }
  const report = await checkModel(model);
  expect(report).toMatchObject({ outcome: 'passed', states: 8 });
  const all = { unentered: [], untaken: [] };
  expect(report.coverage).toEqual({ '(machine)': all, '(machine) (2)': all });
});

test('AF-8 what an actor calls itself is its name to others', async () => {
  const echo = setup({
    types: { events: {} as { type: 'ask'; by: AnyActorRef } },
    actions: { answer: sendTo(({ event }) => event.by, { type: 'answer' }) },
  }).createMachine({ id: 'echo', on: { ask: { actions: 'answer' } } });
  const asking = setup({
    types: { context: {} as { echo: AnyActorRef }, input: {} as AnyActorRef },
    actions: {
      ask: sendTo(
        ({ context }) => context.echo,
        ({ self }) => ({ type: 'ask', by: self }),
      ),
    },
  }).createMachine({
    id: 'asking',
    context: ({ input }) => ({ echo: input }),
    initial: 'asking',
    states: {
      asking: { entry: 'ask', on: { answer: 'answered' } },
      answered: { type: 'final' },
    },
  });
  const report = await checkModel({
    actors: {
      echo: actor(echo),
      one: actor(asking, { input: (actorOf) => actorOf('echo') }),
      two: actor(asking, { input: (actorOf) => actorOf('echo') }),
    },
    deadlock: 'fine',
    properties: [
      {
        eventually: 'both are answered',
        holds: ({ actors: { one, two } }) => one.status === 'done' && two.status === 'done',
      },
    ],
  });
  expect(report).toMatchObject({ outcome: 'passed' });
});
