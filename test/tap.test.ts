/**
 * Goal: AF-7: what a thread's actors do is told as it is, at a cost that is bounded, and not at all
 * while nobody watches.
 * Method: real actors under a tap whose parcels the test takes; floods between two of them.
 */
import { createActor, fromCallback, sendTo, setup } from 'xstate';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { limits } from '#internal/limits';
import { lasting, seenAs } from '#internal/runtime/sight';
import { SteppedActor, SteppedLogic } from '#internal/runtime/stepped-actor';
import { isIn, watchedTap } from './support/taps.ts';

const lamp = setup({
  actors: { bulb: fromCallback(() => undefined) },
  guards: { isDay: () => false },
}).createMachine({
  id: 'lamp',
  initial: 'off',
  states: {
    off: { on: { toggle: [{ guard: 'isDay' }, { target: 'on' }] } },
    on: { invoke: { src: 'bulb', id: 'bulb' }, on: { toggle: 'off', break: 'broken' } },
    broken: { type: 'final' },
  },
});

let watched = watchedTap();
beforeEach(() => (watched = watchedTap()));
afterEach(() => watched.stop());
const watch = () => watched.tap.order({ type: 'watch' });

test('AF-7 while nobody watches an actor is not observed', () => {
  const { tap } = watched;
  const actor = createActor(lamp);
  const over = tap.onRoot(actor);
  // XState makes its inspection events for observers: of these there is none.
  let made = 0;
  const { system } = actor;
  const original = system.inspect.bind(system);
  system.inspect = (observer) => ((made += 1), original(observer));
  actor.start();
  actor.send({ type: 'toggle' });
  expect(tap.stepListener()).toBeUndefined();
  expect(made).toBe(0);
  tap.order({ type: 'watch' });
  expect(made).toBe(1);
  over();
});

test('AF-7 who comes late is told of all actors, their machines and their states', async () => {
  const actor = createActor(lamp, { id: 'porch' });
  watched.tap.onRoot(actor);
  actor.start();
  actor.send({ type: 'toggle' });
  watch();
  const heard = await watched.until(({ type }) => type === '@xstate.actor');
  const machine = heard.find(({ type }) => type === '@interplex.machine');
  expect(machine).toMatchObject({ chart: { machine: 'lamp' } });
  const [told, child] = heard.filter(({ type }) => type === '@xstate.actor');
  expect(told).toMatchObject({
    name: 'porch',
    node: 'hall',
    parentId: 'node:hall',
    snapshot: { value: 'on' },
  });
  expect(child).toMatchObject({ name: 'bulb', parentId: told?.sessionId });
});

test('AF-7 each step is told with its event and the transition that was taken', async () => {
  const actor = createActor(lamp).start();
  watched.tap.onRoot(actor);
  watch();
  await watched.until(({ type }) => type === '@xstate.actor');
  actor.send({ type: 'toggle', by: 'hand' });
  const heard = await watched.until(isIn(actor.sessionId, 'on'));
  const event = heard.find(({ type }) => type === '@xstate.event');
  expect(event).toMatchObject({ event: { type: 'toggle', by: 'hand' } });
  // The second of its transitions: the first has a guard that did not hold.
  expect(heard.find(isIn(actor.sessionId, 'on'))).toMatchObject({
    event: { type: 'toggle' },
    transitions: ['off#1'],
  });
});

test('AF-7 a flood is sampled: the records are few, and the last state is told', async () => {
  const actor = createActor(lamp).start();
  watched.tap.onRoot(actor);
  watch();
  await watched.until(({ type }) => type === '@xstate.actor');
  const events = 5_001;
  for (let count = 0; count < events; count += 1) actor.send({ type: 'toggle' });
  const heard = await watched.until(({ type }) => type === '@interplex.gap');
  expect(heard.length).toBeLessThan(2 * limits.inspectBurstMax);
  const last = heard.findLast(({ sessionId, type }) => {
    return type === '@xstate.snapshot' && sessionId.endsWith(actor.sessionId);
  });
  expect(last).toMatchObject({ snapshot: { value: 'on' } });
  // And observed again.
  actor.send({ type: 'break' });
  await watched.until(isIn(actor.sessionId, 'done'));
});

test('AF-7 a child that ended in a flood is told of as stopped', async () => {
  const actor = createActor(lamp).start();
  watched.tap.onRoot(actor);
  actor.send({ type: 'toggle' });
  watch();
  const first = await watched.until(({ type }) => type === '@xstate.actor');
  const bulb = first.find((record) => record.type === '@xstate.actor' && record.name === 'bulb');
  for (let count = 0; count < 4_999; count += 1) actor.send({ type: 'toggle' });
  expect(actor.getSnapshot().value).toBe('off');
  const heard = await watched.until(({ type }) => type === '@interplex.gap');
  const last = heard.findLast(({ sessionId }) => sessionId === bulb?.sessionId);
  expect(last).toMatchObject({ snapshot: { status: 'stopped' } });
});

test('AF-7 nothing more is posted than was taken, however long that takes', async () => {
  let posts = 0;
  const slow = watchedTap('slow');
  const { tap } = slow;
  const actor = createActor(lamp).start();
  tap.onRoot(actor);
  tap.order({ type: 'watch' });
  await slow.until(({ type }) => type === '@xstate.actor');
  // From here on nothing is taken, but by `until` below.
  const post = setInterval(() => {
    actor.send({ type: 'toggle' });
    posts += 1;
  }, 1);
  await new Promise((resolve) => setTimeout(resolve, 8 * limits.inspectFlushMs));
  clearInterval(post);
  const heard = await slow.until(({ type }) => type === '@interplex.figures');
  expect(posts).toBeGreaterThan(0);
  expect(heard.length).toBeLessThan(2 * limits.inspectBurstMax);
  slow.stop();
});

test('AF-7 the machines of transfers, which are stepped, are told of as the others', async () => {
  watch();
  await watched.until(({ type }) => type === '@interplex.figures');
  const once = setup({}).createMachine({
    id: 'signal',
    initial: 'red',
    states: { red: { on: { go: 'green' } }, green: { type: 'final' } },
  });
  const onStep = watched.tap.stepListener();
  const actor = new SteppedActor({
    logic: new SteppedLogic(once),
    input: undefined,
    onDone: () => undefined,
    onStep: (step) => onStep?.('signal 1', step),
  });
  actor.start();
  actor.send({ type: 'go' });
  const heard = await watched.until(isIn('signal 1', 'green'));
  expect(heard.find(isIn('signal 1', 'red'))).toMatchObject({ name: 'signal 1', node: 'hall' });
  expect(heard.find(isIn('signal 1', 'green'))).toMatchObject({
    snapshot: { status: 'done' },
    transitions: ['red#0'],
  });
});

const signal = setup({}).createMachine({
  id: 'signal',
  initial: 'red',
  states: { red: { on: { go: 'green' } }, green: { on: { stop: 'red' } } },
});

test('AF-7 a stepped actor that began before is told of, and then each of its steps', async () => {
  const { tap } = watched;
  const actor = new SteppedActor({
    logic: new SteppedLogic(signal),
    input: undefined,
    onDone: () => undefined,
    onStep: seenAs(tap, () => 'signal 2'),
  });
  tap.onStepped(() => [{ name: 'signal 2', actor }]);
  actor.start();
  actor.send({ type: 'go' });
  watch();
  const heard = await watched.until(({ type }) => type === '@interplex.figures');
  const told = heard.filter(({ sessionId }) => sessionId === 'hall.7/signal 2');
  expect(told).toMatchObject([{ type: '@xstate.actor', snapshot: { value: 'green' } }]);
  const event = { type: 'stop' };
  tap.order({ type: 'send', number: 1, sessionId: 'hall.7/signal 2', event });
  const [step] = (await watched.until(isIn('signal 2', 'red'))).slice(-1);
  expect(step).toMatchObject({ type: '@xstate.snapshot', transitions: ['green#0'] });
});

test('AF-7 who comes late is told of a transfer that stays, not of those that pass', async () => {
  const { tap } = watched;
  const members = ['stuck', 'brief'].map((name) => {
    const logic = new SteppedLogic(signal);
    const actor = new SteppedActor({ logic, input: undefined, onDone: () => undefined });
    actor.start();
    return { name, actor, begunAtMs: performance.now() };
  });
  const [stuck] = members;
  stuck!.begunAtMs -= 2 * limits.inspectBriefMs;
  tap.onStepped(() => lasting(members));
  watch();
  const heard = await watched.until(({ type }) => type === '@interplex.figures');
  const told = heard.flatMap((record) => (record.type === '@xstate.actor' ? record.name : []));
  expect(told).toEqual(['stuck']);
});

test('AF-7 a path is cut by whoever has it, or it is said why not', () => {
  const cuts: string[] = [];
  const { tap, answers } = watchedTap('edge', (path) => {
    if (path !== 'edge way') throw new Error(`no ${path}`);
    cuts.push(path);
  });
  tap.order({ type: 'cut', number: 1, path: 'edge way' });
  tap.order({ type: 'cut', number: 2, path: 'edge wall' });
  expect(cuts).toEqual(['edge way']);
  expect(answers).toEqual([
    { number: 1, refusal: undefined },
    { number: 2, refusal: 'no edge wall' },
  ]);
});

test('AF-7 a message between actors names who sent it', async () => {
  const echo = setup({ actors: { wall: lamp } }).createMachine({
    id: 'echo',
    invoke: { src: 'wall', id: 'wall' },
    on: { call: { actions: sendTo('wall', { type: 'toggle' }) } },
  });
  const actor = createActor(echo, { id: 'echo' }).start();
  watched.tap.onRoot(actor);
  watch();
  await watched.until(({ type }) => type === '@xstate.actor');
  actor.send({ type: 'call' });
  const heard = await watched.until(
    (record) => record.type === '@xstate.event' && record.event.type === 'toggle',
  );
  const toggled = heard.find(
    (record) => record.type === '@xstate.event' && record.event.type === 'toggle',
  );
  expect(toggled).toMatchObject({ sourceId: `hall.7/${actor.sessionId}` });
});

test('AF-7 an actor is sent an event by its session, and one that is not there refuses', () => {
  const { tap, answers } = watched;
  const actor = createActor(lamp).start();
  tap.onRoot(actor);
  const event = { type: 'toggle' };
  tap.order({ type: 'send', number: 1, sessionId: `hall.7/${actor.sessionId}`, event });
  expect(actor.getSnapshot().value).toBe('on');
  tap.order({ type: 'send', number: 2, sessionId: 'hall.7/none', event });
  expect(answers).toEqual([
    { number: 1, refusal: undefined },
    { number: 2, refusal: expect.stringContaining('No actor hall.7/none') as string },
  ]);
});
