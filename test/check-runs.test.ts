/**
 * Goal: claims of whole runs are right where runs go round, deadlocks are found without asking, and
 * a claim about nothing fails (AF-8).
 * Method: graphs of a few states whose fair runs can be told by hand.
 */
import { actor, checkModel, models, replay, simulate } from 'interplex/check';
import type { Trace } from 'interplex/check';
import { expect, test } from 'vitest';
import { createMachine } from 'xstate';
import { violationOf } from './support/check-findings.ts';

const told = <Type extends string>(...types: Type[]) => types.map((type) => ({ type }));

/** Goes round a and b by timers; a third timer, in one of them or in both, leads out. */
const round = (way: 'one' | 'both' | 'none') =>
  createMachine({
    initial: 'a',
    states: {
      a: { after: { 1: 'b', ...(way === 'none' ? {} : { 2: 'out' }) } },
      b: { after: { 1: 'a', ...(way === 'both' ? { 3: 'out' } : {}) } },
      out: { type: 'final' },
    },
  });
const outOf = (way: 'one' | 'both' | 'none') => ({
  actors: { one: actor(round(way)) },
  properties: [
    {
      eventually: 'it comes out',
      holds: (system: { actors: { one: { matches(value: 'out'): boolean } } }) =>
        system.actors.one.matches('out'),
    },
  ],
});

test('AF-8 a round: for ever is found, with the way in and the round', async () => {
  const { kind, trace, text } = await violationOf(outOf('none'));
  expect(kind).toBe('may never come');
  expect(trace).toMatchObject({ cycleFrom: 0 });
  expect(trace?.steps).toHaveLength(2);
  expect(text).toContain('from here round and round');
});

// Left at each round before it is due, that timer is never possible without pause.
test.each(['one', 'both'] as const)(
  'AF-8 a round: though a timer in %s of its states leads out',
  async (way) => expect(await violationOf(outOf(way))).toMatchObject({ kind: 'may never come' }),
);

test('AF-8 a round: is not fair where a step out stays possible', async () => {
  const lamp = createMachine({
    initial: 'on',
    states: { on: { after: { 1: 'off' } }, off: { after: { 1: 'on' } } },
  });
  const leaving = createMachine({
    initial: 'in',
    states: { in: { after: { 9: 'out' } }, out: { type: 'final' } },
  });
  const actors = { lamp: actor(lamp), leaving: actor(leaving) };
  const isOut = {
    eventually: 'it is out',
    holds: (system: { actors: { leaving: { status: string } } }) =>
      system.actors.leaving.status === 'done',
  };
  expect(await checkModel({ actors, properties: [isOut] })).toMatchObject({ outcome: 'passed' });
  const nothing = {
    eventually: 'what never comes',
    holds: () => false,
  };
  const { trace } = await violationOf({ actors, properties: [nothing] });
  // The fair step out is taken on the way in; the round is of the lamp alone.
  expect(trace?.steps.slice(trace.cycleFrom).map(({ actor: who }) => who)).toEqual([
    'lamp',
    'lamp',
  ]);
});

test('AF-8 a round: need not hear what is unasked', async () => {
  const waiting = createMachine({
    initial: 'in',
    states: { in: { on: { go: 'out' } }, out: { type: 'final' } },
  });
  const isOut = {
    eventually: 'it is out',
    holds: (system: { actors: { one: { status: string } } }) => system.actors.one.status === 'done',
  };
  const unasked = { environment: { unasked: told('go') } };
  const model = { actors: { one: actor(waiting, unasked) }, properties: [isOut] };
  expect(await violationOf(model)).toMatchObject({ trace: { steps: [], cycleFrom: 0 } });
});

const asking = createMachine({
  initial: 'idle',
  states: {
    idle: { on: { ask: 'asked' } },
    asked: { entry: 'query', on: { yes: 'idle', no: 'idle' } },
  },
}).provide({ actions: { query: () => {} } });
const queried = (...answers: (readonly [] | { readonly type: string })[]) => ({
  one: actor(asking, {
    environment: { effects: { query: () => answers }, unasked: told('ask') },
  }),
});
const isAnswered = {
  leadsTo: 'who asks is answered',
  after: (system: { actors: { one: { value: unknown } } }) => system.actors.one.value === 'asked',
  holds: (system: { actors: { one: { value: unknown } } }) => system.actors.one.value === 'idle',
};

test('AF-8 a response: holds where an effect answers, however often it is asked', async () => {
  const actors = queried(...told('yes', 'no'));
  const report = await checkModel({ actors, properties: [isAnswered] });
  expect(report).toMatchObject({ outcome: 'passed', states: 2 });
});

test('AF-8 a response: does not hold where the effect may be silent', async () => {
  const actors = queried([], { type: 'yes' });
  const violation = await violationOf({ actors, properties: [isAnswered], deadlock: 'fine' });
  expect(violation.kind).toBe('may never come');
  expect(violation.text).toContain('one hears nothing of query');
});

test('AF-8 a response: claims nothing where the premise never holds', async () => {
  const actors = queried({ type: 'yes' });
  const vacuous = { ...isAnswered, after: () => false };
  const violation = await violationOf({ actors, properties: [vacuous] });
  expect(violation).toMatchObject({ kind: 'vacuous', property: 'who asks is answered' });
  const never = { sometimes: 'a third state', holds: () => false };
  expect(await violationOf({ actors, properties: [never] })).toMatchObject({
    kind: 'never held',
  });
});

const stuck = queried();
test('AF-8 a deadlock: is found by itself, and is not where it is declared fine', async () => {
  const model = { actors: stuck, properties: [] };
  const violation = await violationOf(model);
  expect(violation).toMatchObject({ kind: 'deadlock', property: 'no deadlock' });
  expect(violation.state?.actors.one.value).toBe('asked');
  for (const deadlock of ['fine', () => true] as const) {
    expect(await checkModel({ ...model, deadlock })).toMatchObject({ outcome: 'passed' });
  }
  expect(await violationOf({ ...model, deadlock: () => false })).toMatchObject({
    kind: 'deadlock',
  });
});

const model = { actors: queried(), properties: [] };

test('AF-8 a trace: is run again from a file, against the machines as they are', async () => {
  const { trace } = await violationOf(model);
  const kept = JSON.parse(JSON.stringify(trace)) as Trace;
  const { state, states } = replay(model, kept);
  expect(state.actors.one.value).toBe('asked');
  expect(states.map(({ actors }) => actors.one.value)).toEqual(['idle', 'asked']);
});

test('AF-8 a trace: that is not possible any more is refused at its step', async () => {
  const { trace } = await violationOf(model);
  const other = { actors: { one: actor(round('none')) }, properties: [] };
  expect(() => replay(other, trace!)).toThrow(
    expect.objectContaining({
      code: 'IPX_CHECK_TRACE',
      message: 'Step 1 of the trace is not possible: one, unasked of "ask".',
    }),
  );
});

const lost = outOf('none');
test('AF-8 a random walk: is found again by its seed, without what is not needed', () => {
  const both = { actors: { ...queried(), lamp: actor(round('none')) } };
  const isIdle = {
    always: 'it is idle',
    holds: (system: { actors: { one: { value: unknown } } }) => system.actors.one.value === 'idle',
  };
  const found = simulate({ ...both, properties: [isIdle] }, { seed: 1 });
  if (found.outcome !== 'violated') throw new Error('It found nothing.');
  expect(found.violation.trace?.steps.map(({ kind }) => kind)).toEqual(['unasked']);
  const again = simulate({ ...both, properties: [isIdle] }, { seed: found.seed, runs: 1 });
  if (again.outcome !== 'violated') throw new Error('It found nothing again.');
  expect(again.violation.trace).toEqual(found.violation.trace);
});

test('AF-8 a random walk: tells what it did not see, and proves nothing', () => {
  const never = { sometimes: 'a third state', holds: () => false };
  const found = simulate({ ...lost, properties: [never] }, { seed: 1, runs: 3, steps: 5 });
  expect(found).toMatchObject({ outcome: 'nothing found', unseen: ['a third state'], steps: 15 });
});

test('AF-8 a random walk: finds who stays where he should not', () => {
  const found = simulate(
    { actors: queried([]), properties: [isAnswered], deadlock: 'fine' },
    { seed: 1 },
  );
  expect(found).toMatchObject({ outcome: 'violated', violation: { kind: 'may never come' } });
});

test('AF-8 a violation: is told in lines and drawn, with names that people give', async () => {
  const { text, diagram } = await violationOf(outOf('none'));
  expect(text.split('\n').slice(1)).toEqual([
    '     from here round and round:',
    '  1. one: after 1 is due: a → b',
    '  2. one: after 1 is due: b → a',
    '     one a',
  ]);
  expect(diagram?.split('\n')).toEqual([
    'sequenceDiagram',
    '  participant a1 as one',
    '  Note over a1: timer after 1',
    '  Note over a1: timer after 1',
  ]);
});

test('AF-8 asked to stop while whole runs are judged, it has not passed', async () => {
  const takeover = models.find(({ name }) => name === 'takeover')!;
  const stop = new AbortController();
  const report = await checkModel(takeover.model(), {
    signal: stop.signal,
    // Every state is found: what follows is the pass over their runs.
    onProgress: ({ queued }) => queued === 0 && stop.abort(),
  });
  expect(report).toMatchObject({ outcome: 'limit', limit: 'stopped' });
  expect(report.states).toBe(254_080);
});
