/**
 * Goal: SP-3, SP-5: a unit's owner is swapped only under the lock, once intended; the index
 * follows; whoever has the lock passes it on, and a dead one's is repaired first.
 * Method: walk the shipped machine over all that the memory may answer; each claim is an
 * implication over every step, and each mutant must break one. The models check it over real
 * structures.
 */
import { environment, portLockMachine as machine } from 'interplex/actors';
import { explore, outOfReach, type State } from 'interplex/check';
import { expect, test } from 'vitest';
import { claimsOn, unlike } from './support/machine-claims.ts';
import { comes, does, isDone, performed, sizeOf } from './support/step-words.ts';

type Machine = typeof machine;
const walkOf = (shipped: Machine) =>
  explore(shipped, { environment: environment.portLock, limit: 1_000 });
const { claim, whenever, throughout, prove } = claimsOn(machine, walkOf);

const isLocked = (state: State<Machine>) => state.hasTag('locked');
/** What a step performs, given what came. */
const answers = (type: string, action: string, isWhere: (state: State<Machine>) => boolean) =>
  whenever(
    `SP-3 ${type} leads to ${action}`,
    (step) => comes(type)(step) && step.stirs && isWhere(step.state),
    (step) => performed(step).join() === action,
  );
const anywhere = () => true;

test('the walked space is the one that was reviewed', () => {
  expect(sizeOf(walkOf(machine))).toMatchInlineSnapshot(`
    {
      "depth": 9,
      "states": 17,
      "stirring": 21,
    }
  `);
});
claim('every state is entered and every transition taken', ({ coverage }) =>
  unlike(coverage, { unentered: [], untaken: [] }),
);
claim('SP-3 it looks before it asks for the lock', ({ start }) =>
  unlike(performed(start), ['choose']),
);
answers('unit.chosen', 'announceWait', (state) => !isLocked(state));
answers('wait.announced', 'tryLock', anywhere);
answers('lock.held', 'awaitLock', anywhere);
answers('lock.orphaned', 'seize', anywhere);
answers('lock.changed', 'tryLock', anywhere);
answers('index.repaired', 'endWait', anywhere);
answers('wait.over', 'noteIntent', anywhere);
answers('intent.noted', 'revise', anywhere);
answers('unit.lost', 'choose', anywhere);
answers('unit.published', 'findNext', anywhere);
answers('next.found', 'passLock', anywhere);
answers('unit.chosen', 'noteIntent', isLocked);
answers('unit.none', 'findNext', isLocked);
whenever(
  'SP-5 what a dead holder left is repaired before anything else is done',
  (step) => comes('lock.taken')(step) && step.state.matches({ contending: 'seizing' }),
  (step) => performed(step).join() === 'repair',
);
whenever(
  'SP-3 a lock that was free, or handed over, is whole',
  (step) => comes('lock.taken')(step) && step.state.matches({ contending: 'trying' }),
  (step) => performed(step).join() === 'endWait',
);
whenever(
  'SP-3 what is revised is published, and told at the end',
  comes('unit.revised'),
  (step) =>
    performed(step).join().endsWith('publish') && step.nextState.context.outcome === 'revised',
);
for (const action of ['endWait', 'noteIntent', 'revise', 'publish', 'findNext', 'repair']) {
  whenever(`SP-3 only who has the lock would ${action}`, does(action), ({ nextState }) =>
    isLocked(nextState),
  );
}
whenever(
  'SP-3 without a unit to be had the lock is not asked for',
  (step) => comes('unit.none')(step) && !isLocked(step.state),
  ({ nextState, effects }) => isDone(nextState) && effects.length === 0,
);
whenever('SP-3 passed on, it is over', comes('lock.passed'), (step) => isDone(step.nextState));
whenever(
  'SP-3 it ends when the lock is passed on, or was never asked for',
  ({ nextState }) => isDone(nextState),
  comes('lock.passed', 'unit.none'),
);
whenever(
  'SP-3 it tells what came of it',
  ({ nextState }) => isDone(nextState),
  ({ nextState }) => nextState.output === nextState.context.outcome,
);
throughout(
  'SP-3 who passes it on has it no more',
  (state) => state.matches('passing'),
  (state) => !isLocked(state),
);
claim('SP-5 from everywhere an end can be reached', (walk) => unlike(outOfReach(walk, isDone), []));

prove();
