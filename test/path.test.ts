/**
 * Goal: a way to a peer's adapter is used only while it answers, left at the first silence, and
 * trusted again only after it has proved itself (CM-3, CM-6).
 * Method: walk the shipped machine over every fact at any time; each claim is an implication over
 * every step, and each mutant must break one.
 */
import { environment, pathMachine as machine } from 'interplex/actors';
import { explore, outOfReach } from 'interplex/check';
import { expect, test } from 'vitest';
import { claimsOn, unlike } from './support/machine-claims.ts';
import { comes, isIn, isTimer, performed, sizeOf } from './support/step-words.ts';

type Machine = typeof machine;
const walkOf = (shipped: Machine) =>
  explore(shipped, {
    input: { silenceMs: 10, probation: 3 },
    environment: environment.path,
    limit: 100,
  });
const { claim, whenever, throughout, prove } = claimsOn(machine, walkOf);

const reports = {
  reachable: 'reportReachable',
  suspect: 'reportSuspect',
  unreachable: 'reportUnreachable',
  probation: 'reportProbation',
} as const;

test('the walked space is the one that was reviewed', () => {
  expect(sizeOf(walkOf(machine))).toMatchInlineSnapshot(`
    {
      "depth": 5,
      "states": 9,
      "stirring": 19,
    }
  `);
});
claim('every state is entered and every transition taken', ({ coverage }) =>
  unlike(coverage, { unentered: [], untaken: [] }),
);
claim('CM-3 it begins reachable', ({ start }) => unlike(start.state.value, 'reachable'));
throughout(
  'CM-3 messages take it exactly while it is reachable',
  () => true,
  (state) => state.hasTag('usable') === isIn('reachable')(state),
);
whenever(
  'CM-3 one answer that is missed is enough to take the next alternate',
  (step) => comes('answer.missed')(step) && isIn('reachable')(step.state),
  ({ nextState }) => isIn('suspect')(nextState),
);
whenever(
  'CM-3 a way that the kernel does not know is unreachable at once, and told once',
  comes('send.failed'),
  (step) => isIn('unreachable')(step.nextState) && step.stirs === !isIn('unreachable')(step.state),
);
whenever(
  'CM-6 a suspect that answers is reachable',
  (step) => comes('answer.heard')(step) && isIn('suspect')(step.state),
  ({ nextState }) => isIn('reachable')(nextState),
);
whenever(
  'CM-6 a suspect that misses more waits for its limit',
  (step) => comes('answer.missed')(step) && isIn('suspect', 'unreachable')(step.state),
  ({ stirs }) => !stirs,
);
whenever(
  'CM-6 a suspect that stays silent is unreachable',
  (step) => isTimer(step),
  (step) => isIn('suspect')(step.state) && isIn('unreachable')(step.nextState),
);
throughout(
  'CM-6 only a suspect has a limit',
  () => true,
  (state) => state.timers.length === (isIn('suspect')(state) ? 1 : 0),
);
whenever(
  'CM-3 an unreachable way that answers is on probation, and owes two answers more',
  (step) => comes('answer.heard')(step) && isIn('unreachable')(step.state),
  ({ nextState }) => isIn('probation')(nextState) && nextState.context.owed === 2,
);
whenever(
  'CM-3 on probation each answer counts, and the last one makes it reachable',
  (step) => comes('answer.heard')(step) && isIn('probation')(step.state),
  ({ state, nextState }) =>
    state.context.owed > 1
      ? isIn('probation')(nextState) && nextState.context.owed === state.context.owed - 1
      : isIn('reachable')(nextState),
);
whenever(
  'CM-3 on probation one answer missed is one too many',
  (step) => comes('answer.missed')(step) && isIn('probation')(step.state),
  ({ nextState }) => isIn('unreachable')(nextState),
);
whenever(
  'CM-6 each change is told, and nothing else',
  () => true,
  (step) =>
    step.state.value === step.nextState.value
      ? performed(step).every((name) => name === 'countAnswer')
      : performed(step).includes(reports[step.nextState.value]),
);
claim('CM-3 wherever it stands, answers alone make it reachable', (walk) =>
  unlike(outOfReach(walk, isIn('reachable'), { by: comes('answer.heard') }), []),
);
prove({}, [
  ['guard isProven: always', machine.provide({ guards: { isProven: () => true } })],
  ['guard isProven: never', machine.provide({ guards: { isProven: () => false } })],
]);
