/**
 * Goal: SP-2: a process coordinates only when it has the place and has read the map, follows
 * whoever has it otherwise, stands again when that one is lost, and leaves when it is told to.
 * Method: walk the shipped machine over all that its environment may do; each mutant breaks a
 * claim.
 */
import { environment, portSeatMachine as machine } from 'interplex/actors';
import { explore, outOfReach, type State } from 'interplex/check';
import { expect, test } from 'vitest';
import { claimsOn, unlike } from './support/machine-claims.ts';
import { comes, isDone, performed, sizeOf } from './support/step-words.ts';

type Machine = typeof machine;
const walkOf = (shipped: Machine) =>
  explore(shipped, { environment: environment.portSeat, limit: 1_000 });
const { claim, whenever, throughout, prove } = claimsOn(machine, walkOf);

type Place = 'standing' | 'takingOver' | 'coordinating' | 'joining' | 'following' | 'pausing';
const isIn = (place: Place) => (state: State<Machine>) => state.matches(place);
/** From that state, what comes leads there, and that is performed on the way. */
const leads = (from: Place, type: string, to: Place, does = '') =>
  whenever(
    `SP-2 ${from}, ${type} leads to ${to}`,
    (step) => isIn(from)(step.state) && step.event.type.includes(type),
    (step) => isIn(to)(step.nextState) && performed(step).join() === does,
  );

test('the walked space is the one that was reviewed', () => {
  expect(sizeOf(walkOf(machine))).toMatchInlineSnapshot(`
    {
      "depth": 2,
      "states": 9,
      "stirring": 19,
    }
  `);
});
claim('every state is entered and every transition taken', ({ coverage }) =>
  unlike(coverage, { unentered: [], untaken: [] }),
);
claim('SP-2 it stands first of all', ({ start }) => unlike(performed(start), ['stand']));
leads('standing', 'place.won', 'takingOver', 'takeOver');
leads('standing', 'place.held', 'joining', 'join');
leads('takingOver', 'map.read', 'coordinating');
leads('joining', 'seat.granted', 'following');
leads('joining', 'coordinator.lost', 'pausing', 'hangUp');
leads('joining', 'answerLimit', 'pausing', 'hangUp');
leads('following', 'coordinator.lost', 'pausing', 'hangUp');
leads('pausing', 'standPause', 'standing', 'stand');
throughout(
  'SP-2 it is seated when it coordinates or follows',
  (state) => isIn('coordinating')(state) || isIn('following')(state),
  (state) => state.hasTag('seated'),
);
throughout(
  'SP-2 nobody else is seated',
  (state) => state.hasTag('seated'),
  (state) => isIn('coordinating')(state) || isIn('following')(state),
);
whenever(
  'SP-2 who coordinates does so until it leaves, whatever it hears',
  (step) => isIn('coordinating')(step.state) && step.stirs,
  comes('leave'),
);
for (const from of ['standing', 'takingOver', 'joining'] as const) {
  whenever(
    `SP-2 refused while ${from}, it gives up for good`,
    (step) => comes('seat.refused')(step) && isIn(from)(step.state),
    (step) => step.nextState.matches('refused') && performed(step).join() === 'giveUp',
  );
}
whenever(
  'SP-2 told to leave, it leaves, wherever it is',
  (step) => comes('leave')(step) && !isDone(step.state),
  (step) => isDone(step.nextState) && performed(step).join() === 'giveUp',
);
whenever(
  'SP-2 it ends in no other way',
  ({ state, nextState }) => isDone(nextState) && !isDone(state),
  comes('leave', 'seat.refused'),
);
claim('SP-2 from everywhere it can be seated, or has ended', (walk) => {
  const isGood = (state: State<Machine>) => state.hasTag('seated') || isDone(state);
  return unlike(outOfReach(walk, isGood), []);
});

prove();
