/** Two-phase commit under claims of each kind, for threads that make their own models. */
import type { AnyActors } from '#internal/check/model';
import type { Limits, Model, Property, SystemState } from 'interplex/check';
import { twoPhaseCommit } from './two-phase-commit.ts';

export interface Wanted {
  readonly claim: keyof typeof claims;
  readonly limits?: Limits;
  readonly inFlightMax?: number;
}

const verdicts = ({ actors }: SystemState) =>
  Object.values(actors).filter((actor) => actor.matches('committed')).length;

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
