/**
 * Goal: a path's reset gives nothing up before it is safe, dials again after pauses that grow, and
 * heeds no word of an earlier dial (DP-7).
 * Method: walk the shipped machine, with a first dial that failed and one that did not, over all
 * that its environment may do and words of other dials at any time; each claim is an implication
 * over every step, and each mutant must break one. A simulated clock measures the pauses.
 */
import { environment, resetMachine as machine, type ResetInput } from 'interplex/actors';
import { backoffOf } from '#actors/data-port/reset';
import { explore, type Step } from 'interplex/check';
import { expect, test } from 'vitest';
import { claimsOn, joined, unlike } from './support/machine-claims.ts';
import { comes, isIn, isTimer, performed, sent, tells } from './support/step-words.ts';

type Machine = typeof machine;
const input: ResetInput = {
  path: 2,
  dial: 1,
  limits: { dialMs: 30, closeMs: 20, deadMs: 50, backoffMs: { least: 10, most: 40 } },
  hasFailed: false,
};
const refusal = { code: 'IPX_EXAMPLE', reason: 'for some reason' };
const events = [1, 2].flatMap((dial) => [
  { type: 'carrier.opened', dial } as const,
  { type: 'carrier.failed', dial, refusal } as const,
  { type: 'carrier.closed', dial } as const,
]);
const walkOf = (shipped: Machine) => {
  const walk = (hasFailed: boolean) =>
    explore(shipped, {
      input: { ...input, hasFailed },
      environment: environment.reset,
      events,
      limit: 5_000,
    });
  return joined(walk(false), walk(true));
};
const { claim, whenever, throughout, prove } = claimsOn(machine, walkOf);

const isCurrent = ({ state, event }: Step<Machine>) =>
  'dial' in event && event.dial === state.context.dial;
const goes =
  (from: string, to: string) =>
  ({ state, nextState }: Step<Machine>) =>
    isIn(from)(state) && isIn(to)(nextState);

claim('every state is entered and every transition taken', ({ coverage }) =>
  unlike(coverage, { unentered: [], untaken: [] }),
);
claim('DP-7 at its start what is under way goes elsewhere, then the connection is closed', (walk) =>
  unlike(performed(walk.start), ['reroute', 'hangUp', 'reroute', 'hangUp']),
);
whenever(
  'DP-7 it pauses when the connection is closed, or has taken too long to',
  goes('closing', 'pausing'),
  (step) => isTimer(step, 'closeLimit') || (comes('carrier.closed')(step) && isCurrent(step)),
);
whenever(
  'DP-7 closed, or late, it pauses',
  (step) =>
    isIn('closing')(step.state) &&
    (isTimer(step) || (comes('carrier.closed')(step) && isCurrent(step))),
  ({ nextState }) => isIn('pausing')(nextState),
);
whenever(
  'DP-7 it dials after its pause, or when it is hastened, each time under another number',
  (step) => isIn('pausing')(step.state) && (isTimer(step) || comes('hasten')(step)),
  (step) =>
    isIn('dialling')(step.nextState) &&
    unlike(performed(step), ['dial']) === undefined &&
    step.nextState.context.dial === (step.state.context.dial % 8) + 1,
);
whenever(
  'DP-7 it dials at no other time',
  goes('pausing', 'dialling'),
  (step) => isTimer(step, 'backoff') || comes('hasten')(step),
);
whenever(
  'DP-7 a word of another dial changes nothing',
  (step) => comes('carrier.opened', 'carrier.failed', 'carrier.closed')(step) && !isCurrent(step),
  ({ stirs }) => !stirs,
);
whenever(
  'DP-7 a dial that fails is told, and counted, and another one follows after a pause',
  (step) => isIn('dialling')(step.state) && comes('carrier.failed')(step) && isCurrent(step),
  (step) =>
    isIn('pausing')(step.nextState) &&
    tells(step, { type: 'reset.failed', path: 2 }) &&
    step.nextState.context.failures === Math.min(8, step.state.context.failures + 1),
);
whenever(
  'DP-7 a dial that takes too long is given up, told and counted',
  (step) => isIn('dialling')(step.state) && isTimer(step),
  (step) =>
    isTimer(step, 'dialLimit') &&
    performed(step)[0] === 'hangUp' &&
    isIn('pausing')(step.nextState) &&
    tells(step, { type: 'reset.failed', path: 2 }) &&
    step.nextState.context.failures === Math.min(8, step.state.context.failures + 1),
);
whenever(
  'DP-7 it tells of nothing else',
  (step) => sent(step, 'parent').length > 0,
  ({ state }) => isIn('dialling')(state),
);
whenever(
  'DP-7 a dial that opens ends it, with its number',
  (step) => isIn('dialling')(step.state) && comes('carrier.opened')(step) && isCurrent(step),
  ({ nextState }) =>
    nextState.status === 'done' &&
    unlike(nextState.output, { dial: nextState.context.dial }) === undefined,
);
whenever(
  'DP-7 nothing else ends it',
  ({ nextState }) => nextState.status === 'done',
  comes('carrier.opened'),
);
throughout(
  'DP-7 no wait is without a limit',
  isIn('closing', 'pausing', 'dialling'),
  ({ timers }) => timers.length === 1,
);

test('DP-7 the first dial follows at once, the pauses double up to the most', () => {
  const pauses = [0, 1, 2, 3, 4, 8].map((failures) => backoffOf({ ...input, failures }));
  expect(pauses).toEqual([0, 10, 20, 40, 40, 40]);
});

prove({});
