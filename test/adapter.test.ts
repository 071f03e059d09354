/**
 * Goal: an address of this node has a socket exactly while it is carried, is reopened after a
 * pause that grows to its bound, and ends only when it is closed (CM-1, CM-3). Method: walk the
 * shipped machine over all that its socket may do; each claim is an implication over every step,
 * and each mutant must break one. The pauses are measured on a simulated clock.
 */
import { adapterMachine as machine, environment } from 'interplex/actors';
import { explore, outOfReach, type State } from 'interplex/check';
import { expect, test } from 'vitest';
import { createActor, fromCallback, SimulatedClock } from 'xstate';
import { claimsOn, unlike } from './support/machine-claims.ts';
import { comes, isIn, isTimer, performed, sizeOf, told } from './support/step-words.ts';

type Machine = typeof machine;
const backoffMs = { least: 10, most: 80 };
const refusal = { code: 'IPX_EXAMPLE', reason: 'for some reason' };
const walkOf = (shipped: Machine) =>
  explore(shipped, { input: { backoffMs }, environment: environment.adapter, limit: 500 });
const { claim, whenever, throughout, prove } = claimsOn(machine, walkOf);

const isCarried = ({ value }: State<Machine>) => typeof value === 'object';

test('the walked space is the one that was reviewed', () => {
  expect(sizeOf(walkOf(machine))).toMatchInlineSnapshot(`
    {
      "depth": 32,
      "states": 51,
      "stirring": 85,
    }
  `);
});
claim('every state is entered and every transition taken', ({ coverage }) =>
  unlike(coverage, { unentered: [], untaken: [] }),
);
claim('CM-1 it begins by opening its socket', ({ start }) =>
  unlike([start.state.value, start.state.children.length], [{ carried: 'opening' }, 1]),
);
throughout(
  'CM-1 a socket lives exactly while it is carried',
  () => true,
  (state) => (state.children.length === 1) === isCarried(state),
);
throughout(
  'CM-1 it is used exactly while it is open',
  () => true,
  (state) => state.hasTag('usable') === isIn('open')(state),
);
whenever(
  'CM-1 once open it says so, and its failures are forgotten',
  comes('socket.opened'),
  (step) =>
    isIn('open')(step.nextState) &&
    step.nextState.context.failures === 0 &&
    performed(step).includes('reportOpen'),
);
whenever(
  'CM-3 a socket that fails is told of with its reason, and left',
  comes('socket.failed'),
  (step) =>
    isIn('reopening')(step.nextState) &&
    performed(step).includes('reportFailed') &&
    unlike(told(step, 'reportFailed'), refusal) === undefined &&
    step.nextState.context.failures === Math.min(step.state.context.failures + 1, 16),
);
whenever(
  'CM-3 after its pause it is opened again',
  (step) => isTimer(step),
  ({ state, nextState }) => isIn('reopening')(state) && isIn('opening')(nextState),
);
throughout(
  'CM-3 the pause is bounded, and nothing else waits',
  () => true,
  (state) => state.timers.length === (isIn('reopening')(state) ? 1 : 0),
);
whenever('CM-1 closed, it ends', comes('close'), ({ nextState }) => isIn('closed')(nextState));
whenever(
  'CM-3 nothing else ends it',
  ({ nextState }) => nextState.status !== 'active',
  comes('close'),
);
claim('CM-1 it can be closed whatever it is at', (walk) =>
  unlike(
    outOfReach(walk, ({ status }) => status === 'done', { by: comes('close') }),
    [],
  ),
);
prove();

/** The pauses before each opening, of a socket that never opens. */
function pausesOf(shipped: Machine, count: number): readonly number[] {
  const clock = new SimulatedClock();
  const openedAt: number[] = [];
  const provided = shipped.provide({
    actors: {
      socket: fromCallback(({ sendBack }) => {
        openedAt.push(clock.now());
        sendBack({ type: 'socket.failed', refusal });
      }),
    },
    actions: { reportOpen: () => undefined, reportFailed: () => undefined },
  });
  createActor(provided, { input: { backoffMs }, clock }).start();
  while (openedAt.length <= count && clock.now() < 10_000) clock.increment(1);
  return openedAt.slice(1).map((at, index) => at - (openedAt[index] ?? 0));
}
test('CM-3 the pause doubles from the least to the most', () => {
  expect(pausesOf(machine, 6)).toEqual([10, 20, 40, 80, 80, 80]);
});
test.each([
  ['constant', machine.provide({ delays: { backoff: 10 } })],
  [
    'unbounded',
    machine.provide({ delays: { backoff: ({ context }) => 10 * 2 ** (context.failures - 1) } }),
  ],
])('mutant: delay backoff: %s', (_, mutant) => {
  expect(pausesOf(mutant, 6)).not.toEqual([10, 20, 40, 80, 80, 80]);
});
