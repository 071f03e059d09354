/**
 * Goal: where a machine behaves otherwise when it runs, or cannot be run as its model says, that is
 * told, not passed over (AF-8).
 * Method: a machine for each difference, which keeps something beside its context; and one for each
 * thing that cannot be replaced.
 */
import { actor, replayRunning } from 'interplex/check';
import type { ModelActor } from 'interplex/check';
import { expect, test } from 'vitest';
import { assign, createMachine, fromCallback, sendTo, setup } from 'xstate';
import type { AnyActorRef } from 'xstate';

type Actors = Readonly<Record<string, ModelActor>>;
const told = <Type extends string>(...types: Type[]) => types.map((type) => ({ type }));
const named = (system: AnyActorRef['system'], name: string) => system.get(name) as AnyActorRef;
const trace = { steps: [{ kind: 'unasked', actor: 'one', event: { type: 'go' } }] } as const;

const goes = { environment: { unasked: told('go') } };
const going = (guard: () => boolean) =>
  createMachine({
    initial: 'here',
    states: {
      here: { on: { go: [{ guard, target: 'there' }, 'nowhere'] } },
      there: {},
      nowhere: {},
    },
  });

test('AF-8 a run: is told with its step, its actor, and both states', () => {
  let asked = 0;
  const impure = going(() => ++asked === 1);
  const actors: Actors = { one: actor(impure, goes) };
  const run = () => replayRunning({ actors, properties: [] }, trace);
  expect(run).toThrow(
    expect.objectContaining({
      code: 'IPX_CHECK_DIFFERENCE',
      message:
        'Step 1 of the trace (one, unasked of "go"): of "one" the state is "nowhere", ' +
        'by the checker "there".',
    }),
  );
});

test('AF-8 a run: is told where the context differs', async () => {
  let count = 0;
  const counting = createMachine({
    context: { count: 0 },
    initial: 'here',
    states: {
      here: { on: { go: { target: 'there', actions: assign({ count: () => ++count }) } } },
      there: {},
    },
  });
  const one = actor(counting, goes);
  const model = { actors: { one } as Actors, properties: [] };
  expect(() => replayRunning(model, trace)).toThrow(/the context is {count:\d+}, by the checker/);
});

test('AF-8 a run: is told where what is sent differs', () => {
  let count = 0;
  const machine = createMachine({
    on: {
      go: {
        actions: sendTo(
          ({ system }) => named(system, 'ear'),
          () => ({ type: 'word', count: ++count }),
        ),
      },
    },
  });
  const actors: Actors = { one: actor(machine, goes), ear: actor(createMachine({})) };
  expect(() => replayRunning({ actors, properties: [] }, trace)).toThrow(
    /: {count:\d+,type:"word"} \(one to ear\) is sent, by the checker {count:\d+,type:"word"}/,
  );
});

test('AF-8 a run: is told where a claim holds for one of the two', () => {
  let asked = 0;
  const properties = [{ always: 'it is asked for the first time', holds: () => ++asked === 1 }];
  const actors: Actors = { one: actor(createMachine({})) };
  expect(() => replayRunning({ actors, properties }, { steps: [] })).toThrow(
    'The claims broken in the end are [], by the checker ["it is asked for the first time"].',
  );
});

const refused = (machine: ModelActor['machine'], options: object = {}) => {
  const one = actor(machine, { ...goes, ...options });
  const other = actor(createMachine({}));
  return () => replayRunning({ actors: { one, other } as Actors, properties: [] }, trace);
};
const code = 'IPX_CHECK_UNRUNNABLE';
const effects = (name: string) => ({
  environment: { ...goes.environment, effects: { [name]: () => told('done') } },
});

test('AF-8 a run: is refused where an action has no name, before it acts', () => {
  let isRun = false;
  const machine = createMachine({ on: { go: { actions: [() => (isRun = true)] } } });
  const message =
    'Step 1 of the trace (one, unasked of "go"): its action "(anonymous)" is not set up by a name.';
  expect(refused(machine, effects('(anonymous)'))).toThrow(
    expect.objectContaining({ code, message }),
  );
  expect(isRun).toBe(false);
});

test('AF-8 a run: is refused where an action has a name only by chance', () => {
  let isRun = false;
  const ask = () => void (isRun = true);
  const machine = createMachine({ on: { go: { actions: ask } } });
  expect(refused(machine, effects('ask'))).toThrow(expect.objectContaining({ code }));
  expect(isRun).toBe(false);
});

test('AF-8 a run: is refused where a child has none', () => {
  const kid = fromCallback(() => {});
  const machine = createMachine({
    initial: 'idle',
    states: { idle: { on: { go: 'busy' } }, busy: { invoke: { src: kid, id: 'kid' } } },
  });
  expect(refused(machine, effects('xstate.invoke.0.(machine).busy'))).toThrow(
    expect.objectContaining({ code }),
  );
});

test('AF-8 a run: is refused where an actor is given itself', () => {
  const machine = createMachine({ initial: 'a', states: { a: { on: { go: 'b' } }, b: {} } });
  const input = (actorOf: (name: string) => AnyActorRef) => actorOf('one');
  expect(refused(machine, { input })).toThrow(
    expect.objectContaining({
      code,
      message: expect.stringContaining('refers to itself') as string,
    }),
  );
});

test('AF-8 a run: is refused where a message would pass the network by', () => {
  const asking = createMachine({
    id: 'asking',
    entry: sendTo(
      ({ system }) => named(system, 'echo'),
      ({ self }) => ({ type: 'ask', by: new Map([['one', self]]) }),
    ),
  });
  const echo = setup({
    types: { events: {} as { type: 'ask'; by: ReadonlyMap<string, AnyActorRef> } },
    actions: { answer: sendTo(({ event }) => event.by.get('one')!, { type: 'answer' }) },
  }).createMachine({ on: { ask: { actions: 'answer' } } });
  const actors: Actors = { one: actor(asking), echo: actor(echo) };
  const event = { type: 'ask', by: {} }; // as a file keeps a map
  const asked = { steps: [{ kind: 'delivery', actor: 'echo', from: 'one', event }] } as const;
  expect(() => replayRunning({ actors, properties: [] }, asked)).toThrow(
    expect.objectContaining({
      code,
      message: expect.stringContaining('"answer" would reach "one" past the network') as string,
    }),
  );
});

test('AF-8 a run: is refused, as it is without running, where a step is not possible', () => {
  const deaf = createMachine({});
  const none = { steps: [{ kind: 'timer', actor: 'one', event: { type: 'never' } }] } as const;
  expect(() =>
    replayRunning({ actors: { one: actor(deaf) } as Actors, properties: [] }, none),
  ).toThrow(expect.objectContaining({ code: 'IPX_CHECK_TRACE' }));
});
