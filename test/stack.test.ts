/**
 * Goal: a stack listens on exactly the endpoints that it was granted, tells its node of each, and
 * on draining lets transfers settle before it closes (AF-5).
 * Method: walk the shipped machine with two endpoints, granted and revoked at any time, however
 * often; each claim is an implication over every step, and each mutant must break one.
 */
import { environment, stackMachine as machine } from 'interplex/actors';
import type { NodeId } from '#actors/vocabulary';
import { explore, outOfReach } from 'interplex/check';
import type { State, Step } from 'interplex/check';
import { expect, test } from 'vitest';
import { claimsOn, isTimer, performed, tells, unlike } from './support/machine-claims.ts';

type Machine = typeof machine;
const input = { node: 'hall-1' as NodeId, drainMs: 1_000 };
const walkOf = (shipped: Machine) =>
  explore(shipped, { input, environment: environment.stack, limit: 1_000 });

const { claim, whenever, throughout, prove } = claimsOn(machine, walkOf);

const isServing = (state: State<Machine>) => state.matches('serving');
const started = ({ effects }: Step<Machine>) =>
  effects.flatMap((effect) => (effect.type === 'spawn' ? [effect.child] : []));
const stopped = ({ effects }: Step<Machine>) =>
  effects.flatMap((effect) => (effect.type === 'stop' ? [effect.child] : []));
const vipaOf = ({ event }: Step<Machine>) => ('vipa' in event ? event.vipa : undefined);
const comes =
  (type: string) =>
  ({ event }: Step<Machine>) =>
    event.type === type;
const holds = ({ state, event }: Step<Machine>) =>
  'vipa' in event && state.children.includes(event.vipa);

test('the walked space is the one that was reviewed', () => {
  const { states, steps, depth } = walkOf(machine);
  const counts = { states: states.length, stirring: steps.filter(({ stirs }) => stirs).length };
  expect({ ...counts, depth }).toMatchInlineSnapshot(`
    {
      "depth": 4,
      "states": 15,
      "stirring": 71,
    }
  `);
});
claim('every state is entered and every transition taken', ({ coverage }) =>
  unlike(coverage, { unentered: [], untaken: [] }),
);

throughout(
  'CT-1 it listens on exactly what it remembers',
  () => true,
  ({ children, context: { endpoints } }) =>
    children.toSorted().join() === endpoints.toSorted().join(),
);
whenever(
  'CT-1 an endpoint that was granted is opened',
  (step) => comes('endpoint.granted')(step) && isServing(step.state) && !holds(step),
  (step) => started(step).join() === vipaOf(step),
);
whenever(
  'CT-1 granted again, it is the same',
  (step) => comes('endpoint.granted')(step) && holds(step),
  ({ stirs }) => !stirs,
);
whenever(
  'CT-1 an endpoint that was revoked is closed',
  (step) => comes('endpoint.revoked')(step) && holds(step),
  (step) => stopped(step).join() === vipaOf(step) && isServing(step.nextState),
);
whenever(
  'CT-1 the node is told of each endpoint that opened',
  (step) => comes('listener.opened')(step) && isServing(step.state),
  (step) =>
    tells(step, { type: 'endpoint.opened', vipa: vipaOf(step) }) && isServing(step.nextState),
);
whenever(
  'CT-1 one that failed is closed, and the node is told of the reason',
  (step) => comes('listener.failed')(step) && isServing(step.state),
  (step) =>
    tells(step, { ...step.event, type: 'endpoint.failed' }) &&
    stopped(step).join() === vipaOf(step) &&
    isServing(step.nextState),
);
whenever(
  'AF-5 draining, it listens no more and waits for its transfers',
  (step) => comes('drain')(step) && isServing(step.state),
  (step) =>
    stopped(step).join() === step.state.children.join() &&
    performed(step).join() === 'awaitTransfers' &&
    step.nextState.matches('draining'),
);
whenever(
  'AF-5 once draining, neither grant nor revocation counts',
  ({ state, event }) => state.matches('draining') && event.type.startsWith('endpoint.'),
  ({ stirs }) => !stirs,
);
throughout(
  'AF-5 the waiting is bounded',
  (state) => state.matches('draining'),
  ({ timers }) => timers.some((timer) => timer.includes('.drainLimit.')),
);
whenever(
  'AF-5 settled, or at the limit, it closes its clients and says so',
  (step) => step.state.matches('draining') && (isTimer(step) || comes('transfers.settled')(step)),
  (step) =>
    tells(step, { type: 'stack.closed' }) &&
    step.nextState.status === 'done' &&
    performed(step).join() === 'closeClients',
);
whenever(
  'AF-5 it closes its clients at no other time',
  (step) => performed(step).includes('closeClients') || step.nextState.status === 'done',
  ({ state }) => state.matches('draining'),
);
claim('AF-5 told to drain, it ends, though nothing settles', (walk) => {
  const isSure = (step: Step<Machine>) => isTimer(step) || comes('drain')(step);
  return unlike(
    outOfReach(walk, ({ status }) => status === 'done', { by: isSure }),
    [],
  );
});

prove();
