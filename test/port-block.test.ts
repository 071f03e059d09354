/**
 * Goal: SP-3, SP-5: ports of a block are taken only while it is open, and it goes back only when it
 * is closed and none of its ports is in use or at rest.
 * Method: walk the shipped machine over all that its environment may do; each mutant breaks a
 * claim.
 */
import { environment, portBlockMachine as machine } from 'interplex/actors';
import { explore, outOfReach } from 'interplex/check';
import { expect, test } from 'vitest';
import { claimsOn, unlike } from './support/machine-claims.ts';
import { comes, does, isDone, isIn, performed, sizeOf } from './support/step-words.ts';

type Machine = typeof machine;
const walkOf = (shipped: Machine) =>
  explore(shipped, { environment: environment.portBlock, limit: 1_000 });
const { claim, whenever, throughout, prove } = claimsOn(machine, walkOf);

test('the walked space is the one that was reviewed', () => {
  expect(sizeOf(walkOf(machine))).toMatchInlineSnapshot(`
    {
      "depth": 3,
      "states": 7,
      "stirring": 9,
    }
  `);
});
claim('every state is entered and every transition taken', ({ coverage }) =>
  unlike(coverage, { unentered: [], untaken: [] }),
);
claim('SP-3 it is asked for first of all', ({ start }) => unlike(performed(start), ['request']));
whenever(
  'SP-3 granted, it is open',
  (step) => comes('block.granted')(step) && isIn('requested')(step.state),
  (step) => isIn('open')(step.nextState) && performed(step).join() === 'open',
);
whenever(
  'SP-3 granted when nobody wants it any more, it goes back unopened',
  (step) => comes('block.granted')(step) && isIn('unwanted')(step.state),
  (step) => performed(step).join() === 'giveBack',
);
whenever('SP-3 denied, that is all', comes('block.denied'), (step) => {
  return isDone(step.nextState) && performed(step).length === 0 && step.state !== step.nextState;
});
whenever(
  'SP-3 drained while it is asked for, it is not wanted',
  (step) => comes('drain')(step) && isIn('requested')(step.state),
  (step) => isIn('unwanted')(step.nextState) && performed(step).length === 0,
);
whenever(
  'SP-3 when it leaves open it is closed, before all else',
  ({ state, nextState }) => isIn('open')(state) && !isIn('open')(nextState),
  (step) => performed(step)[0] === 'close',
);
whenever(
  'SP-3 a surplus one goes back at once',
  (step) => comes('surplus')(step) && isIn('open')(step.state),
  (step) => performed(step).join() === 'close,giveBack',
);
whenever(
  'SP-3 drained, it waits for its ports',
  (step) => comes('drain')(step) && isIn('open')(step.state),
  (step) => isIn('draining')(step.nextState) && performed(step).join() === 'close,awaitPorts',
);
whenever(
  'SP-3 then it goes back',
  (step) => isIn('draining')(step.state) && comes('ports.gone')(step),
  (step) => performed(step).join() === 'giveBack',
);
whenever(
  'SP-3 it goes back in no other way',
  does('giveBack'),
  comes('surplus', 'ports.gone', 'block.granted'),
);
whenever(
  'SP-3 it ends when it was given back, or never had',
  ({ nextState }) => isDone(nextState),
  comes('block.returned', 'block.denied'),
);
throughout(
  'SP-3 it is leased as long as it is open, draining or on its way back',
  (state) => state.hasTag('leased'),
  (state) => !isDone(state) && !isIn('requested')(state) && !isIn('unwanted')(state),
);
throughout(
  'SP-3 what is asked for is not leased',
  (state) => isIn('open')(state) || isIn('draining')(state),
  (state) => state.hasTag('leased'),
);
claim('SP-3 drained, it ends', (walk) => {
  const isSure = comes('drain', 'block.granted', 'block.denied', 'ports.gone', 'block.returned');
  return unlike(outOfReach(walk, isDone, { by: isSure }), []);
});

prove();
