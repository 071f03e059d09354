/**
 * Goal: a routing application opens its channel when its module is loaded, says so, and on draining
 * lets its clients go before it closes; it closes once, whatever fails (CT-12, AF-5).
 * Method: walk the shipped machine over all that its environment may do; each claim is an
 * implication over every step, and each mutant must break one.
 */
import { environment, routingApplicationMachine as machine } from 'interplex/actors';
import type { ApplicationName } from '#actors/vocabulary';
import { explore, outOfReach } from 'interplex/check';
import type { State, Step } from 'interplex/check';
import { expect, test } from 'vitest';
import { claimsOn, isTimer, performed, sent, tells, unlike } from './support/machine-claims.ts';

type Machine = typeof machine;
const application = 'lobby' as ApplicationName;
const input = { application, drainMs: 1_000 };
const walkOf = (shipped: Machine) =>
  explore(shipped, { input, environment: environment.routingApplication, limit: 1_000 });

const { claim, whenever, throughout, prove } = claimsOn(machine, walkOf);

const does = (action: string) => (step: Step<Machine>) => performed(step).includes(action);
const comes =
  (type: string) =>
  ({ event }: Step<Machine>) =>
    event.type === type;
const isOpen = (state: State<Machine>) => state.matches('routing');
const isDone = ({ status }: State<Machine>) => status === 'done';

test('the walked space is the one that was reviewed', () => {
  const { states, steps, depth } = walkOf(machine);
  const counts = { states: states.length, stirring: steps.filter(({ stirs }) => stirs).length };
  expect({ ...counts, depth }).toMatchInlineSnapshot(`
    {
      "depth": 3,
      "states": 6,
      "stirring": 9,
    }
  `);
});
claim('every state is entered and every transition taken', ({ coverage }) =>
  unlike(coverage, { unentered: [], untaken: [] }),
);

claim('CT-12 the module is loaded first, once', ({ start, steps }) => {
  return unlike([performed(start), steps.filter(does('load'))], [['load'], []]);
});
whenever(
  'CT-12 its channel is opened when the module is there',
  (step) => comes('module.loaded')(step) && step.state.matches('loading'),
  (step) => step.nextState.matches('opening') && performed(step).join() === 'openChannel',
);
whenever(
  'CT-12 at no other time',
  does('openChannel'),
  (step) => comes('module.loaded')(step) && step.state.matches('loading'),
);
whenever(
  'CT-12 the node is told when the channel is open, and it is open then',
  (step) => comes('channel.opened')(step) && step.state.matches('opening'),
  (step) => isOpen(step.nextState) && tells(step, { type: 'application.opened', application }),
);
whenever(
  'CT-12 it is open at no other time',
  (step) =>
    (!isOpen(step.state) && isOpen(step.nextState)) ||
    sent(step, 'parent').some(({ type }) => type === 'application.opened'),
  (step) => comes('channel.opened')(step) && step.state.matches('opening'),
);

for (const [place, failure] of [
  ['loading', 'module.failed'],
  ['opening', 'channel.refused'],
] as const) {
  whenever(
    `AF-5 ${failure} is told to the node with its reason`,
    (step) => comes(failure)(step) && step.state.matches(place),
    (step) => {
      const refusal = 'refusal' in step.event && step.event.refusal;
      const failed = { type: 'application.failed', application, refusal };
      return step.nextState.matches('failed') && tells(step, failed);
    },
  );
}

whenever(
  'AF-5 drained before it is open, it closes at once',
  (step) => comes('drain')(step) && !isOpen(step.state) && !step.state.matches('draining'),
  ({ nextState }) => nextState.matches('closed'),
);
whenever(
  'AF-5 drained while open, it lets its clients go first',
  (step) => comes('drain')(step) && isOpen(step.state),
  (step) => step.nextState.matches('draining') && performed(step).at(-1) === 'sayGoodbye',
);
whenever('AF-5 they are told once', does('sayGoodbye'), ({ state }) => isOpen(state));
throughout(
  'AF-5 the waiting is bounded',
  (state) => state.matches('draining'),
  ({ timers }) => timers.some((timer) => timer.includes('.drainLimit.')),
);
whenever(
  'AF-5 when they are gone, or at the limit, it closes',
  (step) => step.state.matches('draining') && (isTimer(step) || comes('clients.gone')(step)),
  ({ nextState }) => nextState.matches('closed'),
);
whenever(
  'AF-5 its end closes the channel',
  ({ nextState }) => isDone(nextState),
  (step) => performed(step).filter((name) => name === 'closeChannel').length === 1,
);
whenever('AF-5 nothing else does', does('closeChannel'), ({ nextState }) => isDone(nextState));
whenever(
  'AF-5 the node is told that it closed',
  ({ nextState }) => nextState.matches('closed'),
  (step) => tells(step, { type: 'application.closed', application }),
);
claim('AF-5 told to drain, it ends, though its clients stay', (walk) => {
  const isSure = (step: Step<Machine>) => isTimer(step) || comes('drain')(step);
  return unlike(outOfReach(walk, isDone, { by: isSure }), []);
});

prove();
