/**
 * Goal: a path of a port is usable only while its connection is established; silence makes it
 * suspect, lasting silence or a lost connection has it reset, and its port is told of each (DP-7).
 * Method: walk the shipped machine over all that its environment may do and words of other dials at
 * any time; each claim is an implication over every step, and each mutant must break one.
 */
import {
  environment,
  logicalConnectionMachine as machine,
  type LogicalConnectionInput,
} from 'interplex/actors';
import { explore, type State, type Step } from 'interplex/check';
import { claimsOn, joined, unlike } from './support/machine-claims.ts';
import { comes, isIn, isTimer, performed, sent } from './support/step-words.ts';

type Machine = typeof machine;
const input: LogicalConnectionInput = {
  path: 3,
  limits: { dialMs: 30, closeMs: 20, deadMs: 50, backoffMs: { least: 10, most: 40 } },
};
const refusal = { code: 'IPX_EXAMPLE', reason: 'for some reason' };
const events = [1, 2].flatMap((dial) => [
  { type: 'carrier.opened', dial } as const,
  { type: 'carrier.failed', dial, refusal } as const,
  { type: 'carrier.lost', dial, refusal } as const,
  { type: 'carrier.closed', dial } as const,
]);
const walkOf = (shipped: Machine) =>
  joined(
    explore(shipped, {
      input,
      environment: environment.logicalConnection,
      events,
      limit: 5_000,
    }),
  );
const { claim, whenever, throughout, prove } = claimsOn(machine, walkOf);

const isCurrent = ({ state, event }: Step<Machine>) =>
  'dial' in event && event.dial === state.context.dial;
const isUsable = (state: State<Machine>) => state.hasTag('usable');
const says = (step: Step<Machine>) => sent(step, 'parent').map(({ type }) => type);
const saysOnly = (step: Step<Machine>, ...types: string[]) => !unlike(says(step), types);
const isReset = ({ children }: State<Machine>) => children.length === 1;

claim('every state is entered and every transition taken', ({ coverage }) =>
  unlike(coverage, { unentered: [], untaken: [] }),
);
claim('DP-7 it dials at its start, and says nothing', ({ start }) =>
  unlike([performed(start), sent(start, 'parent')], [['dial'], []]),
);
whenever(
  'DP-7 its port is told when it is up, and only then',
  (step) => (!isUsable(step.state) && isUsable(step.nextState)) || says(step).includes('path.up'),
  (step) => !isUsable(step.state) && isUsable(step.nextState) && saysOnly(step, 'path.up'),
);
whenever(
  'DP-7 it is up by a connection of the last dial, or by its reset',
  ({ state, nextState }) => !isUsable(state) && isUsable(nextState),
  (step) =>
    comes('xstate.done.actor.reset')(step) || (comes('carrier.opened')(step) && isCurrent(step)),
);
whenever(
  'DP-7 connected at last, it is up',
  (step) => isIn('connecting')(step.state) && comes('carrier.opened')(step) && isCurrent(step),
  ({ nextState }) => isIn('trusted')(nextState),
);
whenever(
  'DP-7 its port is told when it is down, and only then',
  (step) => (isUsable(step.state) && !isUsable(step.nextState)) || says(step).includes('path.down'),
  (step) => isUsable(step.state) && !isUsable(step.nextState) && saysOnly(step, 'path.down'),
);
whenever(
  'DP-7 a lost connection, a command or lasting silence resets it',
  (step) =>
    isUsable(step.state) &&
    ((comes('carrier.lost')(step) && isCurrent(step)) || comes('reset')(step) || isTimer(step)),
  ({ nextState }) => isIn('resetting')(nextState),
);
whenever(
  'DP-7 nothing else does',
  ({ state, nextState }) => isUsable(state) && isIn('resetting')(nextState),
  (step) => comes('carrier.lost', 'reset')(step) || isTimer(step, 'deadLimit'),
);
whenever(
  'DP-7 a word of another dial changes nothing, unless its reset judges of it',
  (step) =>
    comes('carrier.opened', 'carrier.failed', 'carrier.lost')(step) &&
    !isCurrent(step) &&
    !isIn('resetting')(step.state),
  ({ stirs }) => !stirs,
);
whenever(
  'DP-7 silence makes it suspect, and its port is told',
  (step) => isIn('trusted')(step.state) && comes('path.silent')(step),
  (step) => isIn('suspect')(step.nextState) && saysOnly(step, 'path.suspected'),
);
whenever(
  'DP-7 heard again, it is trusted, and its port is told',
  (step) => isIn('suspect')(step.state) && comes('path.heard')(step),
  (step) => isIn('trusted')(step.nextState) && saysOnly(step, 'path.trusted'),
);
throughout('DP-7 suspicion is bounded', isIn('suspect'), ({ timers }) =>
  timers.some((timer) => timer.includes('deadLimit')),
);
throughout('DP-7 trust is not', isIn('trusted'), ({ timers }) => timers.length === 0);
whenever(
  'DP-7 a first dial that fails is told with its reason, and resets it',
  (step) => isIn('connecting')(step.state) && comes('carrier.failed')(step) && isCurrent(step),
  (step) =>
    isIn('resetting')(step.nextState) &&
    step.nextState.context.hasFailed &&
    !unlike(sent(step, 'parent'), [
      { type: 'path.refused', path: 3, refusal },
      { type: 'path.dead', path: 3 },
    ]),
);
whenever(
  'DP-7 a first dial that takes too long counts as dead, and resets it',
  (step) => isIn('connecting')(step.state) && isTimer(step),
  (step) =>
    isIn('resetting')(step.nextState) &&
    step.nextState.context.hasFailed &&
    saysOnly(step, 'path.dead'),
);
throughout(
  'DP-7 the first dial is bounded',
  isIn('connecting'),
  ({ timers }) => timers.length === 1,
);
throughout(
  'DP-7 a reset lives exactly as long as it is needed',
  () => true,
  (state) => isReset(state) === isIn('resetting')(state),
);
whenever(
  'DP-7 a reset begins where the last dial ended, with a pause if that has failed',
  (step) => !isReset(step.state) && isReset(step.nextState),
  (step) => {
    const { path, dial, limits, hasFailed } = step.nextState.context;
    const inputs = step.effects.flatMap((effect) =>
      effect.type === 'spawn' ? [effect.input] : [],
    );
    return !unlike(inputs, [{ path, dial, limits, hasFailed }]);
  },
);
whenever(
  'DP-7 what carriers say goes on to the reset, and so does haste',
  (step) =>
    isIn('resetting')(step.state) &&
    comes('carrier.opened', 'carrier.failed', 'carrier.closed', 'hasten')(step),
  (step) => !unlike(sent(step, 'reset'), [step.event]),
);
whenever(
  'DP-7 a refusal during a reset is told with its reason',
  (step) => isIn('resetting')(step.state) && comes('carrier.failed')(step),
  (step) => saysOnly(step, 'path.refused'),
);
whenever(
  'DP-7 a dial of the reset that was in vain is told',
  (step) => isIn('resetting')(step.state) && comes('reset.failed')(step),
  (step) => saysOnly(step, 'path.dead'),
);
whenever(
  'DP-7 the reset ends with the number of the dial that counts from then on',
  comes('xstate.done.actor.reset'),
  ({ event, nextState: { context } }) =>
    !context.hasFailed && 'output' in event && !unlike(event.output, { dial: context.dial }),
);

prove({});
