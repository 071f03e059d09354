/**
 * Goal: a stack has one VIPA actor for each endpoint that it was granted, tells its node of each,
 * and on draining lets transfers settle before it closes (CT-14, AF-5).
 * Method: walk the shipped machine with two endpoints, granted and revoked at any time, however
 * often; each claim is an implication over every step, and each mutant must break one.
 */
import { isDeepStrictEqual } from 'node:util';
import { environment, stackMachine as machine } from 'interplex/actors';
import type { NodeId } from '#actors/vocabulary';
import { explore, outOfReach } from 'interplex/check';
import type { State, Step } from 'interplex/check';
import { expect, test } from 'vitest';
import { claimsOn, unlike } from './support/machine-claims.ts';
import { comes, isTimer, performed, sizeOf, tells } from './support/step-words.ts';

type Machine = typeof machine;
const node = 'hall-1' as NodeId;
const input = { node, living: [node], drainMs: 1_000, retryMs: 10 };
const walkOf = (shipped: Machine) =>
  explore(shipped, { input, environment: environment.stack, limit: 5_000 });

const { claim, whenever, throughout, prove } = claimsOn(machine, walkOf);

const isServing = (state: State<Machine>) => state.matches('serving');
const nameOf = ({ event }: Step<Machine>) => {
  if (event.type === 'endpoint.granted') return event.endpoint.vipa;
  return 'vipa' in event ? event.vipa : undefined;
};
const holds = (step: Step<Machine>) => step.state.children.includes(nameOf(step) ?? '');
/** Whom it tells exactly this, in order. */
const told = ({ effects }: Step<Machine>, event: object) =>
  effects.flatMap((effect) =>
    effect.type === 'send' && isDeepStrictEqual(effect.event, event) ? [effect.to] : [],
  );

test('the walked space is the one that was reviewed', () => {
  expect(sizeOf(walkOf(machine))).toMatchInlineSnapshot(`
    {
      "depth": 6,
      "states": 238,
      "stirring": 1095,
    }
  `);
});
claim('every state is entered and every transition taken', ({ coverage }) =>
  unlike(coverage, { unentered: [], untaken: [] }),
);

throughout(
  'CT-14 it has an actor for exactly the endpoints that it remembers',
  isServing,
  ({ children, context: { endpoints } }) =>
    children.toSorted().join() === endpoints.toSorted().join(),
);
whenever(
  'CT-14 an endpoint that was granted has its actor, which knows who lives',
  (step) => comes('endpoint.granted')(step) && isServing(step.state) && !holds(step),
  ({ state, event, effects }) => {
    const { living } = state.context;
    const expected = 'endpoint' in event && { ...event.endpoint, node, living, retryMs: 10 };
    const started = effects.flatMap((effect) => (effect.type === 'spawn' ? [effect] : []));
    return (
      isDeepStrictEqual(started[0]?.input, expected) &&
      started.length === 1 &&
      'endpoint' in event &&
      started[0]?.child === event.endpoint.vipa
    );
  },
);
whenever(
  'CT-14 granted again, also while it is being revoked, it is the same',
  (step) => comes('endpoint.granted')(step) && holds(step),
  ({ stirs }) => !stirs,
);
whenever(
  'CT-14 an endpoint that was revoked is told so, and ends by itself',
  (step) => comes('endpoint.revoked')(step) && holds(step) && isServing(step.state),
  (step) =>
    told(step, { type: 'revoke' }).join() === nameOf(step) &&
    holds({ ...step, state: step.nextState }),
);
whenever(
  'CT-14 an endpoint that it has not is not revoked',
  (step) => comes('endpoint.revoked')(step) && !holds(step),
  ({ stirs }) => !stirs,
);
whenever(
  'CT-14 each of its endpoints is told who lives, and those to come are, too',
  (step) => comes('members.changed')(step) && isServing(step.state),
  (step) =>
    'living' in step.event &&
    told(step, step.event).join() === step.state.context.endpoints.join() &&
    step.nextState.context.living === step.event.living,
);
whenever(
  'AF-5 the node is told of each endpoint that is settled',
  (step) => comes('vipa.settled')(step) && isServing(step.state),
  (step) =>
    tells(step, { type: 'endpoint.settled', vipa: nameOf(step) }) && isServing(step.nextState),
);
whenever(
  'AF-9 the node is told of each that failed, with the reason',
  (step) => comes('vipa.failed')(step) && isServing(step.state),
  (step) => tells(step, { ...step.event, type: 'endpoint.failed' }) && isServing(step.nextState),
);
whenever(
  'AF-5 draining, it revokes its endpoints and waits for its transfers',
  (step) => comes('drain')(step) && isServing(step.state),
  (step) =>
    told(step, { type: 'revoke' }).join() === step.state.context.endpoints.join() &&
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
