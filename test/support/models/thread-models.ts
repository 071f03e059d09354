/** Two-phase commit under claims of each kind, for threads that make their own models. */
import type { AnyActors } from '#internal/check/model-actor';
import type { Limits, Model, Property, SystemState } from 'interplex/check';
import { actor } from 'interplex/check';
import { isMainThread } from 'node:worker_threads';
import { assign, createMachine } from 'xstate';
import { twoPhaseCommit } from './two-phase-commit.ts';

export interface Wanted {
  readonly claim: keyof typeof claims;
  readonly limits?: Limits;
  readonly inFlightMax?: number;
}

const verdicts = ({ actors }: SystemState) =>
  Object.values(actors).filter((each) => each.matches('committed')).length;

const claims = {
  right: { always: 'at most all commit', holds: (system) => verdicts(system) <= 5 },
  wrong: { never: 'all commit', holds: (system) => verdicts(system) === 5 },
  impossible: { sometimes: 'six commit', holds: (system) => verdicts(system) === 6 },
  possible: { sometimes: 'all commit', holds: (system) => verdicts(system) === 5 },
  lively: { eventually: 'all commit', holds: (system) => verdicts(system) === 5 },
  throwing: {
    always: 'a claim that throws',
    holds: () => {
      throw new Error('it has no opinion');
    },
  },
} as const satisfies Readonly<Record<string, Property<SystemState>>>;

export function model({ claim, limits = {}, inFlightMax = 64 }: Wanted): Model<AnyActors> {
  return {
    actors: twoPhaseCommit(4).actors,
    network: { order: 'none', duplication: 'possible', inFlightMax },
    properties: [claims[claim]],
    limits,
  };
}

/** One that threads cannot take. */
export const symmetric = (): Model<AnyActors> => {
  const { actors, names } = twoPhaseCommit(3);
  return { actors, properties: [], symmetry: [names] };
};

/** Each of its states is a level of the search, and needs one thread alone. */
export function narrow(): Model<AnyActors> {
  const machine = createMachine({
    id: 'narrow',
    initial: 'one',
    states: {
      one: { after: { 1: 'two' } },
      two: { after: { 1: 'three' } },
      three: { after: { 1: 'four' } },
      four: { type: 'final' },
    },
  });
  return {
    actors: { only: actor(machine) },
    properties: [{ sometimes: 'it begins', holds: ({ actors }) => actors['only']!.matches('one') }],
  };
}

/** In each thread another, as one is that draws at random. */
export function fickle(): Model<AnyActors> {
  const machine = createMachine({
    context: { sum: 0 },
    on: {
      add: {
        guard: ({ context }) => context.sum < 9,
        actions: assign({ sum: ({ context }) => context.sum + Math.random() }),
      },
    },
  });
  const environment = { unasked: [{ type: 'add' }] };
  return {
    actors: { one: actor(machine, { environment }), other: actor(machine, { environment }) },
    properties: [],
    deadlock: 'fine',
  };
}

/** What a thread is told, and the main one is not. */
export function threadless(): Model<AnyActors> {
  if (!isMainThread) throw new Error('It is made in the main thread alone.');
  return narrow();
}
