/** Two-phase commit with a claim, ready to be checked: also by threads, which make their own. */
import type { Model } from 'interplex/check';
import { twoPhaseCommit } from './two-phase-commit.ts';

type Commit = Model<ReturnType<typeof twoPhaseCommit>['actors']>;

export function model(count: number): Commit {
  const { actors, names } = twoPhaseCommit(count);
  return {
    actors,
    network: { order: 'none', duplication: 'possible' },
    properties: [
      {
        never: 'one commits and one aborts',
        holds: (system) =>
          names.some((name) => system.actors[name]!.matches('committed')) &&
          names.some((name) => system.actors[name]!.matches('aborted')),
      },
    ],
  };
}
