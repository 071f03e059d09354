/**
 * Goal: a node listens for a VIPA only under a lease that it holds, asks for that lease only as the
 * first living of the preference, and gives it back whenever it ceases to listen (CT-14).
 * Method: walk the shipped machine as the backup of another node, with each takeback, over all
 * that its environment may do and words of every epoch at any time; each claim is an implication
 * over every step, and each mutant must break one.
 */
import { environment, vipaMachine as machine, type VipaInput } from 'interplex/actors';
import type { Epoch, NodeId, VipaName } from '#actors/vocabulary';
import { explore, outOfReach, type State, type Step } from 'interplex/check';
import { expect, test } from 'vitest';
import { claimsOn, joined, unlike } from './support/machine-claims.ts';
import {
  comes,
  does,
  isDone,
  isIn,
  isTimer,
  performed,
  sent,
  sizeOf,
  tells,
} from './support/step-words.ts';

type Machine = typeof machine;
const [preferred, node] = ['hall-1', 'hall-2'] as [NodeId, NodeId];
const vipa = 'chat' as VipaName;
const refusal = { code: 'IPX_EXAMPLE', reason: 'for some reason' };
const input: VipaInput = {
  vipa,
  node,
  preference: [preferred, node],
  living: [preferred, node],
  takeback: 'whenIdle',
  retryMs: 10,
};
const epochs = [1, 2, 3] as Epoch[];
const words = epochs.flatMap((epoch) => [
  { type: 'lease.lost', epoch } as const,
  { type: 'listener.opened', epoch } as const,
  { type: 'listener.failed', epoch, refusal } as const,
]);
const events = [...words, { type: 'lease.freed' } as const];

const explored = (shipped: Machine, changes: Partial<VipaInput>) => {
  const options = { environment: environment.vipa, events, limit: 5_000 };
  return explore(shipped, { input: { ...input, ...changes }, ...options });
};

const walkOf = (shipped: Machine) =>
  joined(explored(shipped, {}), explored(shipped, { living: [node], takeback: 'immediate' }));

const { claim, whenever, throughout, prove } = claimsOn(machine, walkOf);

const isOwner = (state: State<Machine>) => state.hasTag('owner');
const isFirst = ({ context: { living } }: State<Machine>) => !living.includes(preferred);
const isAlive = ({ context: { living } }: State<Machine>) => living.includes(node);
const isCurrent = ({ state, event }: Step<Machine>) =>
  'epoch' in event && event.epoch === state.context.epoch;
const takeback = ({ state }: Step<Machine>) => state.context.takeback;
const started = ({ effects }: Step<Machine>) =>
  effects.flatMap((effect) => (effect.type === 'spawn' ? [effect.input] : []));
/** Stops and releases: XState stops a child when the step's own actions are done. */
const given = ({ effects }: Step<Machine>) =>
  effects.flatMap((effect) => {
    if (effect.type === 'stop') return ['stop'];
    return effect.type === 'action' && effect.name === 'release' ? ['release'] : [];
  });
const releasedEpoch = ({ effects }: Step<Machine>) =>
  effects.flatMap((effect) =>
    effect.type === 'action' && effect.name === 'release'
      ? [(effect.context as State<Machine>['context']).epoch]
      : [],
  );
const gives = (step: Step<Machine>) =>
  given(step).join() === 'release,stop' && releasedEpoch(step)[0] === step.state.context.epoch;

test('the walked space is the one that was reviewed', () => {
  expect(sizeOf(walkOf(machine))).toMatchInlineSnapshot(`
    {
      "depth": 12,
      "states": 320,
      "stirring": 1617,
    }
  `);
});
claim('every state is entered and every transition taken', ({ coverage }) =>
  unlike(coverage, { unentered: [], untaken: [] }),
);

claim(
  'CT-14 at its start the first living asks, and says nothing; a backup stands by',
  ({ start }) => {
    const settled = { type: 'vipa.settled', vipa };
    return unlike([performed(start), sent(start, 'parent')], [['acquire'], [settled]]);
  },
);
throughout(
  'CT-14 it listens exactly while it is the owner',
  () => true,
  (state) => state.children.length === (isOwner(state) ? 1 : 0),
);
whenever(
  'CT-14 it becomes the owner by a lease that is granted to it, and listens under its epoch',
  ({ state, nextState }) => !isOwner(state) && isOwner(nextState),
  (step) =>
    comes('lease.granted')(step) &&
    unlike(started(step), [{ vipa, epoch: (step.event as { epoch?: Epoch }).epoch }]) ===
      undefined &&
    isCurrent({ ...step, state: step.nextState }),
);
whenever(
  'CT-14 leaving, it closes its listener and then gives back its lease',
  ({ state, nextState }) => isOwner(state) && !isOwner(nextState),
  gives,
);
whenever(
  'CT-14 it gives back nothing else but what it was granted too late',
  does('release'),
  (step) => isOwner(step.state) || (isIn('abandoning')(step.state) && isDone(step.nextState)),
);
whenever(
  'CT-14 a word of another epoch changes nothing',
  (step) => comes('lease.lost', 'listener.opened', 'listener.failed')(step) && !isCurrent(step),
  ({ stirs }) => !stirs,
);
whenever(
  'CT-14 who has lost its lease is a backup again',
  (step) => comes('lease.lost')(step) && isOwner(step.state) && isCurrent(step),
  ({ nextState }) => isIn('standing', 'acquiring')(nextState) && !isOwner(nextState),
);

whenever(
  'CT-14 only the first living of the preference asks for the lease',
  does('acquire'),
  (step) => isFirst(step.nextState) && isAlive(step.nextState),
);
throughout(
  'CT-14 it stands by only while another precedes it, or it does not count as living',
  isIn('standing'),
  (state) => !isFirst(state) || !isAlive(state),
);
whenever(
  'CT-14 once it is the first living, it asks at once',
  ({ state, nextState }) => isIn('standing')(state) && isFirst(nextState) && isAlive(nextState),
  (step) => does('acquire')(step) && isIn('acquiring')(step.nextState),
);
whenever(
  'CT-14 denied, it asks again when the lease is freed, or after a pause',
  (step) => isIn('denied')(step.state) && (isTimer(step) || comes('lease.freed')(step)),
  (step) => does('acquire')(step) && isIn('acquiring')(step.nextState),
);
throughout('CT-14 the pause is bounded', isIn('denied'), ({ timers }) =>
  timers.some((timer) => timer.includes('.retryPause.')),
);
whenever(
  'CT-14 denied and preceded, it asks no more',
  (step) => isIn('denied')(step.state) && !isFirst(step.nextState) && !comes('revoke')(step),
  ({ nextState }) => isIn('standing')(nextState),
);

whenever(
  'CT-14 takeback at once: preceded, it gives the endpoint back',
  (step) =>
    takeback(step) === 'immediate' && isIn('serving')(step.state) && !isFirst(step.nextState),
  ({ nextState }) => !isOwner(nextState),
);
throughout(
  'CT-14 takeback when idle: preceded, it serves on and waits for its clients',
  (state) => state.context.takeback === 'whenIdle' && isIn('serving', 'yielding')(state),
  (state) => isIn('yielding')(state) === (!isFirst(state) || !isAlive(state)),
);
whenever(
  'CT-14 takeback when idle: it asks to be told when its clients are gone',
  ({ state, nextState }) => !isIn('yielding')(state) && isIn('yielding')(nextState),
  does('awaitIdle'),
);
whenever(
  'CT-14 takeback when idle: their being gone is what it waits for',
  (step) => isIn('yielding')(step.state) && comes('clients.gone')(step),
  ({ nextState }) => isIn('standing')(nextState),
);
whenever(
  'CT-14 takeback when idle: nothing else in the membership ends it',
  (step) => takeback(step) === 'whenIdle' && isOwner(step.state) && comes('members.changed')(step),
  ({ nextState }) => isOwner(nextState),
);
whenever(
  'CT-14 takeback when idle: if the preferred one dies again, it stays the owner',
  (step) => isIn('yielding')(step.state) && isFirst(step.nextState) && isAlive(step.nextState),
  ({ nextState }) => isIn('serving')(nextState) || !isOwner(nextState),
);

whenever(
  'CT-14 revoked while it asks, it waits for the answer',
  (step) => comes('revoke')(step) && isIn('acquiring')(step.state),
  (step) => isIn('abandoning')(step.nextState) && performed(step).length === 0,
);
whenever(
  'CT-14 revoked again, it waits on',
  (step) => comes('revoke')(step) && isIn('abandoning')(step.state),
  ({ stirs }) => !stirs,
);
whenever(
  'CT-14 what is granted then is given back under its epoch, and never listened on',
  (step) => isIn('abandoning')(step.state) && comes('lease.granted')(step),
  (step) =>
    isDone(step.nextState) &&
    given(step).join() === 'release' &&
    'epoch' in step.event &&
    releasedEpoch(step)[0] === step.event.epoch,
);
whenever(
  'CT-14 revoked in any other state, it ends',
  (step) => comes('revoke')(step) && !isIn('acquiring', 'abandoning')(step.state),
  ({ nextState }) => isDone(nextState),
);
claim('AF-5 once revoked it ends, whatever the answer', (walk) => {
  const isSure = comes('revoke', 'lease.granted', 'lease.denied');
  return unlike(outOfReach(walk, isDone, { by: isSure }), []);
});

whenever(
  'AF-9 a listener that fails is told with its reason, and ends it',
  (step) => comes('listener.failed')(step) && isOwner(step.state) && isCurrent(step),
  (step) => tells(step, { type: 'vipa.failed', vipa, refusal }) && isIn('failed')(step.nextState),
);
whenever(
  'AF-9 nothing else is a failure',
  (step) => isIn('failed')(step.nextState),
  comes('listener.failed'),
);
whenever(
  'AF-5 it ends by revocation or failure alone',
  ({ nextState }) => isDone(nextState),
  (step) =>
    comes('revoke', 'listener.failed')(step) ||
    (isIn('abandoning')(step.state) && comes('lease.granted', 'lease.denied')(step)),
);
whenever(
  'AF-5 it is settled when it serves, stands by or is denied, and then says so',
  ({ state, nextState }) =>
    ['serving', 'standing', 'denied'].some(
      (place) => isIn(place)(nextState) && !isIn(place)(state),
    ),
  (step) => sent(step, 'parent').some(({ type }) => type === 'vipa.settled'),
);
whenever(
  'AF-5 it is settled at no other time',
  (step) => sent(step, 'parent').some(({ type }) => type === 'vipa.settled'),
  ({ nextState }) => !isIn('opening', 'abandoning', 'failed', 'revoked')(nextState),
);

prove();
