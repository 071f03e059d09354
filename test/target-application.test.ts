/**
 * Goal: a target application opens its channel when its module is loaded, says so, and on draining
 * lets its clients go before it closes; it closes once, whatever fails (CT-4, CT-12,
 * CT-13, AF-5).
 * Method: walk the shipped machine over all that its environment may do; each claim is an
 * implication over every step, and each mutant must break one.
 */
import { environment, targetApplicationMachine as machine } from 'interplex/actors';
import type { ApplicationName } from '#actors/vocabulary';
import { explore, type State, type Step } from 'interplex/check';
import { expect, test } from 'vitest';
import { claimApplicationLife } from './support/application-claims.ts';
import { claimsOn } from './support/machine-claims.ts';
import { comes, does, performed, sizeOf } from './support/step-words.ts';

type Machine = typeof machine;
const application = 'room' as ApplicationName;
const input = { application, drainMs: 1_000 };
const walkOf = (shipped: Machine) =>
  explore(shipped, { input, environment: environment.targetApplication, limit: 1_000 });

const claims = claimsOn(machine, walkOf);
const { whenever, prove } = claims;

const isOpen = (state: State<Machine>) => state.matches('open');
const isListening = (state: State<Machine>) => state.matches({ open: 'listening' });
const count = (step: Step<Machine>, action: string) =>
  performed(step).filter((name) => name === action).length;

test('the walked space is the one that was reviewed', () => {
  expect(sizeOf(walkOf(machine))).toMatchInlineSnapshot(`
    {
      "depth": 3,
      "states": 7,
      "stirring": 12,
    }
  `);
});
claimApplicationLife({ claims, application, open: 'open' });
whenever(
  'CT-13 it begins to listen when it opens, and when told to',
  does('beginListening'),
  (step) => !isListening(step.state) && (comes('channel.opened')(step) || comes('listen')(step)),
);
whenever(
  'CT-4 it is listed exactly while it listens: from the first moment',
  ({ state, nextState }) => !isListening(state) && isListening(nextState),
  (step) => count(step, 'beginListening') === 1 && count(step, 'ceaseListening') === 0,
);
whenever(
  'CT-4 it is listed exactly while it listens: to the last moment',
  ({ state, nextState }) => isListening(state) && !isListening(nextState),
  (step) => count(step, 'ceaseListening') === 1 && count(step, 'beginListening') === 0,
);
whenever(
  'CT-4 it is listed exactly while it listens: not twice',
  ({ state, nextState }) => isListening(state) === isListening(nextState),
  (step) => count(step, 'ceaseListening') === 0 && count(step, 'beginListening') === 0,
);
whenever(
  'CT-13 it listens as soon as it is open',
  ({ state, nextState }) => !isOpen(state) && isOpen(nextState),
  ({ nextState }) => isListening(nextState),
);
whenever(
  'CT-13 told to pause, it pauses',
  (step) => comes('pause')(step) && isListening(step.state),
  ({ nextState }) => nextState.matches({ open: 'paused' }),
);
whenever(
  'CT-13 told to listen, it listens again',
  (step) => comes('listen')(step) && isOpen(step.state),
  ({ nextState }) => isListening(nextState),
);

prove();
