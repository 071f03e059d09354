/**
 * Goal: what `explore` cannot answer for it refuses, with a code and a sentence: a walk without
 * end, a step that throws, an effect whose answers nobody gave; and what it did not see it names
 * (AF-8, AF-9).
 * Method: a machine made for each.
 */
import { unprovided, unprovidedActor } from 'interplex/actors';
import { explore, outOfReach } from 'interplex/check';
import { expect, test } from 'vitest';
import { assign, createMachine, fromCallback, sendTo, setup, spawnChild } from 'xstate';

const told = (...types: string[]) => types.map((type) => ({ type }));
const refusal = (code: string, message: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(message) as string }) as Error;

const fan = createMachine({
  id: 'fan',
  initial: 'a',
  states: { a: { on: { one: 'b', two: 'c', three: 'd' } }, b: {}, c: {}, d: {} },
});

test('AF-8 no pass: more states than the limit', () => {
  const events = told('one', 'two', 'three');
  expect(explore(fan, { events, limit: 4 }).states).toHaveLength(4);
  expect(() => explore(fan, { events, limit: 3 })).toThrow(
    refusal('IPX_CHECK_LIMIT', 'fan has more than 3 states'),
  );
});

test('AF-8 no pass: a context that keeps growing, with its machine, state and event', () => {
  const counter = createMachine({
    id: 'counter',
    context: { count: 0, name: 'x' },
    initial: 'one',
    states: {
      one: { on: { tick: 'two' } },
      two: {
        on: {
          tock: { target: 'one', actions: assign({ count: ({ context }) => context.count + 1 }) },
        },
      },
    },
  });
  const events = told('tick', 'tock');
  expect(() => explore(counter, { events, limit: 50 })).toThrow(
    refusal(
      'IPX_CHECK_CONTEXT',
      'counter has no end: context.count keeps growing in "two" at "tock" (50 states).',
    ),
  );
});

test('AF-8 no pass: answers that pile up', () => {
  const asking = createMachine({ id: 'asking', on: { go: { actions: 'ask' } } });
  const environment = { effects: { ask: () => told('yes') }, unasked: told('go') };
  expect(() => explore(asking, { environment, limit: 50 })).toThrow(
    refusal('IPX_CHECK_CONTEXT', 'the list of outstanding answers keeps growing in {} at "go"'),
  );
});

test('AF-8 no pass: a context that holds itself', () => {
  const round: { self?: object } = {};
  round.self = round;
  expect(() => explore(createMachine({ context: { round } }), { events: [] })).toThrow(
    refusal('IPX_CHECK_CONTEXT', 'refers to itself'),
  );
});

test('AF-8 a step refused: an event sent to a child that is not there', () => {
  const machine = createMachine({
    id: 'parent',
    initial: 'alone',
    states: { alone: { on: { go: { actions: sendTo('child', { type: 'hear' }) } } } },
  });
  expect(() => explore(machine, { events: told('go') })).toThrow(
    refusal('IPX_CHECK_STEP', 'parent throws at "go" in "alone": Unable to send event to actor'),
  );
});

test('AF-8 a step refused: a throw in the first step', () => {
  const machine = createMachine({
    id: 'early',
    context: () => {
      throw new Error('no context');
    },
  });
  expect(() => explore(machine, { events: [] })).toThrow(
    refusal('IPX_CHECK_STEP', 'early throws at its start: no context'),
  );
});

test('AF-8 a step refused: a child that hides one of its name', () => {
  const machine = setup({ actors: { listener: fromCallback(() => {}) } }).createMachine({
    id: 'parent',
    on: { go: { actions: spawnChild('listener', { id: 'ear' }) } },
  });
  expect(() => explore(machine, { events: [{ type: 'go' }] })).toThrow(
    refusal('IPX_CHECK_STEP', 'parent starts a child "ear" while one lives'),
  );
});

const bell = setup({
  actors: { listener: fromCallback(unprovidedActor('listener')) },
  actions: { ring: unprovided('ring'), note: assign({}) },
}).createMachine({ id: 'bell', entry: 'ring', on: { go: { actions: 'note' } } });

test('AF-9 an incomplete environment: refused before a step is taken', () => {
  expect(() => explore(bell, { environment: { effects: {}, unasked: [] } })).toThrow(
    refusal('IPX_CHECK_ENVIRONMENT', 'of bell does not say what "ring", "listener" may answer'),
  );
});

test('AF-9 an incomplete environment: refused when an effect turns up that nobody named', () => {
  const inline = createMachine({ id: 'inline', entry: function whistle() {} });
  expect(() => explore(inline, { environment: { effects: {}, unasked: [] } })).toThrow(
    refusal('IPX_CHECK_ENVIRONMENT', 'of inline does not say what "whistle" may answer'),
  );
});

const lift = createMachine({
  id: 'lift',
  initial: 'down',
  states: {
    down: { on: { rise: 'up' } },
    up: { on: { sink: 'down', jam: 'stuck' } },
    stuck: { initial: 'dark', states: { dark: { on: { press: 'dark' } } } },
    roof: { after: { 10: 'up' } },
  },
});

test('AF-8 what was not seen is said: states never entered and transitions never taken', () => {
  expect(explore(lift, { events: told('rise', 'sink') }).coverage).toEqual({
    unentered: ['stuck', 'stuck.dark', 'roof'],
    untaken: ['up: jam → stuck', 'stuck.dark: press → stuck.dark', 'roof: after 10 → up'],
  });
});

test('AF-8 states with no way to a goal are found', () => {
  const walk = explore(lift, { events: told('rise', 'sink', 'jam') });
  const isDown = ({ value }: { value: unknown }) => value === 'down';
  const valuesOf = (states: readonly { value: unknown }[]) => states.map(({ value }) => value);
  expect(valuesOf(outOfReach(walk, isDown))).toEqual([{ stuck: 'dark' }]);
  const none = valuesOf(outOfReach(walk, isDown, { by: ({ event }) => event.type === 'rise' }));
  expect(none).toEqual(['up', { stuck: 'dark' }]);
});
