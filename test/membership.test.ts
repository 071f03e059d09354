/**
 * Goal: a peer is declared gone only after it was looked for and stayed silent its whole limit,
 * never by a node that stood still, and whoever answers is alive again (CM-5, CM-6).
 * Method: walk the shipped machine over every fact at any time; each claim is an implication over
 * every step, and each mutant must break one.
 */
import { environment, membershipMachine as machine } from 'interplex/actors';
import { explore, outOfReach } from 'interplex/check';
import { expect, test } from 'vitest';
import { claimsOn, unlike } from './support/machine-claims.ts';
import { comes, does, enters, isIn, isTimer, performed, sizeOf } from './support/step-words.ts';

type Machine = typeof machine;
const walkOf = (shipped: Machine) =>
  explore(shipped, {
    input: { suspicionMs: 10 },
    environment: environment.membership,
    limit: 200,
  });
const { claim, whenever, throughout, prove } = claimsOn(machine, walkOf);

const living = isIn('joining', 'alive');

test('the walked space is the one that was reviewed', () => {
  expect(sizeOf(walkOf(machine))).toMatchInlineSnapshot(`
    {
      "depth": 2,
      "states": 6,
      "stirring": 21,
    }
  `);
});
claim('every state is entered and every transition taken', ({ coverage }) =>
  unlike(coverage, { unentered: [], untaken: [] }),
);
claim('CM-6 it begins as one of whom only the row is known', ({ start }) =>
  unlike([start.state.value, performed(start)], ['joining', []]),
);
whenever(
  'CM-6 whoever is heard is alive, unless it has left',
  (step) => comes('peer.heard')(step) && !isIn('left', 'forgotten')(step.state),
  ({ nextState }) => isIn('alive')(nextState),
);
whenever(
  'CM-6 last words of one that has left change nothing',
  (step) => comes('peer.heard')(step) && isIn('left')(step.state),
  ({ stirs }) => !stirs,
);
whenever(
  'CM-6 who answers nobody, or is accused, is suspect: looked for, not condemned',
  (step) => comes('probe.failed', 'row.gone')(step) && living(step.state),
  (step) => isIn('suspect')(step.nextState) && does('investigate')(step),
);
whenever(
  'CM-6 a second accusation gives no second limit',
  (step) => comes('probe.failed', 'row.gone')(step) && !living(step.state),
  ({ stirs }) => !stirs,
);
throughout(
  'CM-6 it is limited exactly while it is suspect',
  () => true,
  (state) => state.timers.length === (isIn('suspect')(state) ? 1 : 0),
);
whenever(
  'CM-6 a node that stood still gives a suspect its whole limit again, and says nothing',
  (step) => comes('self.lagged')(step) && isIn('suspect')(step.state),
  (step) =>
    isIn('suspect')(step.nextState) && unlike(performed(step), ['investigate']) === undefined,
);
whenever(
  'CM-6 a node that stood still accuses nobody else',
  (step) => comes('self.lagged')(step) && !isIn('suspect')(step.state),
  ({ stirs }) => !stirs,
);
whenever(
  'CM-5 it is declared gone only as a suspect, at the end of its limit',
  does('declareGone'),
  (step) => isIn('suspect')(step.state) && isTimer(step) && isIn('dead')(step.nextState),
);
whenever('CM-5 who is dead was declared gone', enters('dead'), does('declareGone'));
whenever(
  'CM-6 the search ends with the suspicion',
  (step) => isIn('suspect')(step.state) && !isIn('suspect')(step.nextState),
  does('ceaseInvestigation'),
);
whenever(
  'CM-5 who refutes, or comes back, begins anew',
  (step) => comes('row.renewed')(step) && isIn('dead', 'left')(step.state),
  ({ nextState }) => isIn('joining')(nextState),
);
whenever(
  'CM-5 whoever says that it leaves has left',
  (step) => comes('row.left')(step) && !isIn('left', 'forgotten')(step.state),
  ({ nextState }) => isIn('left')(nextState),
);
whenever(
  'CM-5 said again, it is told no more',
  (step) => comes('row.left')(step) && isIn('left')(step.state),
  ({ stirs }) => !stirs,
);
whenever(
  'CM-5 with its tombstone it is forgotten',
  (step) => comes('row.expired')(step) && !isIn('forgotten')(step.state),
  (step) => isIn('forgotten')(step.nextState) && does('forget')(step),
);
whenever(
  'CM-5 it is forgotten by nothing else',
  ({ nextState }) => isIn('forgotten')(nextState),
  comes('row.expired'),
);
whenever('CM-6 each that is alive is told', enters('alive'), does('reportAlive'));
whenever('CM-6 each suspect is told', enters('suspect'), does('reportSuspect'));
whenever('CM-6 each death is told', enters('dead'), does('reportDead'));
whenever('CM-6 each that has left is told', enters('left'), does('reportLeft'));
claim('CM-6 nobody is held dead that answers', (walk) =>
  unlike(outOfReach(walk, isIn('alive', 'left', 'forgotten'), { by: comes('peer.heard') }), []),
);
prove();
