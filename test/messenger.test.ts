/**
 * Goal: a messenger runs once one adapter is open, fails only when none could be opened; leaving,
 * it waits for what it sent, but not for ever (CM-1).
 * Method: walk the shipped machine with two adapters, over every order of their first words; each
 * claim is an implication over every step, and each mutant must break one.
 */
import { environment, messengerMachine as machine } from 'interplex/actors';
import { explore, outOfReach } from 'interplex/check';
import { expect, test } from 'vitest';
import { claimsOn, unlike } from './support/machine-claims.ts';
import { comes, enters, isDone, isIn, isTimer, performed, sizeOf } from './support/step-words.ts';

type Machine = typeof machine;
const refusal = { code: 'IPX_EXAMPLE', reason: 'for some reason' };
const walkOf = (shipped: Machine) =>
  explore(shipped, {
    input: { awaited: 2, drainMs: 10 },
    environment: environment.messenger,
    limit: 1_000,
  });
const { claim, whenever, throughout, prove } = claimsOn(machine, walkOf);

test('the walked space is the one that was reviewed', () => {
  expect(sizeOf(walkOf(machine))).toMatchInlineSnapshot(`
    {
      "depth": 3,
      "states": 16,
      "stirring": 43,
    }
  `);
});
claim('every state is entered and every transition taken', ({ coverage }) =>
  unlike(coverage, { unentered: [], untaken: [] }),
);
claim('CM-1 it begins by opening its adapters', ({ start }) =>
  unlike([start.state.value, performed(start)], ['opening', ['openAdapters']]),
);
throughout(
  'CM-1 messages go exactly while it runs or drains',
  () => true,
  (state) => state.hasTag('usable') === isIn('running', 'draining')(state),
);
whenever(
  'CM-1 with its first open adapter it joins',
  (step) => comes('adapter.opened')(step) && isIn('opening')(step.state),
  (step) => isIn('running')(step.nextState) && unlike(performed(step), ['join']) === undefined,
);
whenever(
  'CM-3 an adapter that fails keeps it from nothing, while another is awaited',
  (step) =>
    comes('adapter.failed')(step) && isIn('opening')(step.state) && step.state.context.awaited > 1,
  ({ state, nextState }) =>
    isIn('opening')(nextState) && nextState.context.awaited === state.context.awaited - 1,
);
whenever(
  'AF-9 it fails when the last one fails, and says why',
  (step) => enters('failed')(step) && !comes('name.taken')(step),
  (step) =>
    comes('adapter.failed')(step) &&
    step.state.context.awaited === 1 &&
    unlike(step.nextState.output, { refusal }) === undefined,
);
whenever(
  'CM-3 running, it hears of adapters without changing',
  (step) => comes('adapter.opened', 'adapter.failed')(step) && isIn('running')(step.state),
  ({ stirs }) => !stirs,
);
whenever(
  'CM-5 leaving, it says goodbye before anything else',
  enters('draining'),
  (step) => comes('leave')(step) && unlike(performed(step), ['sayGoodbye']) === undefined,
);
whenever(
  'AF-5 it leaves once, running; before, it is only closed',
  comes('leave'),
  ({ state, nextState, stirs }) =>
    isIn('running')(state)
      ? isIn('draining')(nextState)
      : isIn('opening')(state)
        ? isDone(nextState)
        : !stirs,
);
whenever(
  'AF-5 drained, or after its limit, it is closed',
  (step) => isIn('draining')(step.state) && (comes('messages.drained')(step) || isTimer(step)),
  ({ nextState }) => isIn('closed')(nextState),
);
throughout(
  'AF-5 only draining is limited',
  () => true,
  (state) => state.timers.length === (isIn('draining')(state) ? 1 : 0),
);
whenever(
  'CM-5 whose name another has had before ends at once, and says so',
  (step) => comes('name.taken')(step) && !isDone(step.state),
  ({ nextState }) =>
    isIn('failed')(nextState) && unlike(nextState.output, { refusal }) === undefined,
);
whenever('AF-5 closed by its node, it ends at once', comes('close'), ({ nextState }) =>
  isIn('closed')(nextState),
);
whenever(
  'CM-1 ending, it closes its adapters, all of them',
  ({ nextState }) => isDone(nextState),
  (step) => performed(step).at(-1) === 'closeAdapters',
);
claim('AF-5 told to leave, it ends', (walk) =>
  unlike(outOfReach(walk, isDone, { by: (step) => comes('leave')(step) || isTimer(step) }), []),
);
prove({}, [
  ['guard isNoneAwaited: never', machine.provide({ guards: { isNoneAwaited: () => false } })],
  ['guard isNoneAwaited: always', machine.provide({ guards: { isNoneAwaited: () => true } })],
]);
