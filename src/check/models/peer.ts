/**
 * A peer as one node sees it, through all that becomes of it: it falls silent, leaves, comes back,
 * is accused by another, and its tombstone expires. What is told is what its machine holds, and has
 * a cause (CM-5, CM-6). The machine is that of `actors/messaging/membership.ts`, unchanged.
 */
import { sendParent } from 'xstate';
import { membershipMachine } from '../../../actors/messaging/membership.ts';
import { actor } from '../model-actor.ts';
import type { AnyActors, ModelEnvironment } from '../model-actor.ts';
import type { Model, Network } from '../model.ts';
import type { Property } from '../properties.ts';
import type { ActorState, SystemState } from '../system-state.ts';
import { answeringMachine, watcherMachine, type Told } from './peer-watcher.ts';

export interface PeerOptions {
  readonly network?: Network;
  readonly membership?: typeof membershipMachine;
}

const told = (status: Told) => ({ type: 'told', status });
const reporting = (membership: typeof membershipMachine) =>
  membership.provide({
    actions: {
      declareGone: sendParent({ type: 'declared' }),
      investigate: sendParent({ type: 'sought', isSought: true }),
      ceaseInvestigation: sendParent({ type: 'sought', isSought: false }),
      reportAlive: sendParent(told('alive')),
      reportSuspect: sendParent(told('suspect')),
      reportDead: sendParent(told('dead')),
      reportLeft: sendParent(told('left')),
      forget: sendParent(told('forgotten')),
    },
  });

const world: ModelEnvironment<typeof watcherMachine> = {
  effects: {},
  unasked: [
    { type: 'die' },
    { type: 'leave' },
    { type: 'return' },
    { type: 'accuse' },
    { type: 'lag' },
    { type: 'expire' },
  ],
};

export function peerModel({
  network = { order: 'none' },
  membership = membershipMachine,
}: PeerOptions = {}): Model<AnyActors> {
  return {
    actors: {
      watcher: actor(watcherMachine.provide({ actors: { member: reporting(membership) } }), {
        environment: world,
      }),
      peer: actor(answeringMachine),
    },
    network,
    properties: claims,
    deadlock: 'fine',
  };
}

const watcherOf = ({ actors }: SystemState) =>
  actors['watcher'] as unknown as ActorState<typeof watcherMachine>;
const contextOf = (system: SystemState) => watcherOf(system).context;
const isTold =
  (...statuses: readonly Told[]) =>
  (system: SystemState) =>
    statuses.includes(contextOf(system).told);

/** In one word: `suspect` has a state inside. */
function heldBy(system: SystemState): string {
  const member = watcherOf(system).child('member');
  if (member?.status !== 'active') return 'forgotten';
  return typeof member.value === 'string' ? member.value : 'suspect';
}

const claims: Property<SystemState>[] = [
  {
    always: 'what is told of a peer is what its machine holds',
    holds: (system) => ['joining', contextOf(system).told].includes(heldBy(system)),
  },
  {
    always: 'a peer is looked for exactly while it is suspect',
    holds: (system) => contextOf(system).isSought === (heldBy(system) === 'suspect'),
  },
  {
    never: 'a peer is thought of without a cause',
    holds: (system) => contextOf(system).fault !== 'none',
  },
  {
    never: 'an accusation is passed over',
    holds: (system) =>
      contextOf(system).isAccused && !['suspect', 'dead', 'forgotten'].includes(heldBy(system)),
  },
  {
    never: 'one whose row is renewed is held dead, or to have left',
    holds: (system) => contextOf(system).isRenewed && ['dead', 'left'].includes(heldBy(system)),
  },
  { sometimes: 'one that was dead is alive again', holds: (system) => contextOf(system).hasRisen },
  { sometimes: 'a peer is forgotten', holds: isTold('forgotten') },
  {
    leadsTo: 'one that is silent is told dead, or is back',
    after: (system) => contextOf(system).is === 'silent',
    holds: (system) =>
      contextOf(system).is !== 'silent' || isTold('dead', 'left', 'forgotten')(system),
  },
  {
    leadsTo: 'one that has left is told so, or is back',
    after: (system) => contextOf(system).is === 'away',
    holds: (system) => contextOf(system).is !== 'away' || isTold('left', 'forgotten')(system),
  },
  {
    leadsTo: 'one that is there is told alive, or is gone again',
    after: (system) => contextOf(system).is === 'here',
    holds: (system) => contextOf(system).is !== 'here' || isTold('alive', 'forgotten')(system),
  },
];
