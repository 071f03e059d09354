/**
 * Membership of a node that lives and answers, in a network that loses: it may be suspected,
 * accused and declared gone, but not for ever, and the rows of it become equal (CM-5, CM-6).
 */
import { membershipMachine } from '../../../actors/messaging/membership.ts';
import { actor } from '../model-actor.ts';
import type { Model, Network } from '../model.ts';
import type { AnyActors, ModelEnvironment } from '../model-actor.ts';
import type { Property } from '../properties.ts';
import type { ActorState, SystemState } from '../system-state.ts';
import {
  observedMembership,
  observerMachine,
  watchedMachine,
  type WatchedRow,
} from './membership-observer.ts';

export interface MembershipOptions {
  /** Default: 2. */
  readonly observers?: number;
  /** Probes that each may take for unanswered. Default: 1. */
  readonly failures?: number;
  readonly network?: Network;
  /** Whether what holds of whole runs is claimed, too: where losses are bounded. */
  readonly isOfRuns?: boolean;
  readonly membership?: typeof membershipMachine;
  readonly watched?: typeof watchedMachine;
}

const silent: ModelEnvironment<typeof membershipMachine> = {
  effects: Object.fromEntries(
    [
      'investigate',
      'ceaseInvestigation',
      'reportAlive',
      'reportSuspect',
      'reportDead',
      'reportLeft',
      'forget',
    ].map((name) => [name, () => []]),
  ),
};

export function membershipModel({
  observers: count = 2,
  failures = 1,
  network = { order: 'none', loss: 1 },
  isOfRuns = true,
  membership = membershipMachine,
  watched = watchedMachine,
}: MembershipOptions = {}): Model<AnyActors> {
  const observers = Array.from({ length: count }, (_, index) => `observer-${index + 1}`);
  const machine = observerMachine.provide({
    actors: { membership: observedMembership(membership) },
  });
  return {
    actors: {
      watched: actor(watched),
      ...Object.fromEntries(
        observers.map((node) => [
          node,
          actor(machine, {
            input: {
              node,
              others: observers.filter((other) => other !== node),
              failuresLeft: failures,
            },
            children: { membership: silent },
          }),
        ]),
      ),
    },
    network,
    properties: claimsOf(observers, isOfRuns),
    deadlock: 'fine',
  };
}

type System = SystemState;
const observerOf = ({ actors }: System, node: string) =>
  actors[node] as unknown as ActorState<typeof observerMachine>;
const rowOf = (system: System, node: string): WatchedRow => observerOf(system, node).context;
const ownVersion = ({ actors }: System) =>
  (actors['watched'] as unknown as ActorState<typeof watchedMachine>).context.version;
const isDeadTo = (system: System, node: string) =>
  observerOf(system, node).child('member')?.value === 'dead';

function claimsOf(observers: readonly string[], isOfRuns: boolean): Property<System>[] {
  const some = (holds: (system: System, node: string) => boolean) => (system: System) =>
    observers.some((node) => holds(system, node));
  const isUnequal = some((system, node) => {
    const { version, isGone } = rowOf(system, node);
    return version !== ownVersion(system) || isGone;
  });
  return [
    {
      never: 'a row is later than its owner’s last word, but for a tombstone of that',
      holds: some((system, node) => rowOf(system, node).version > ownVersion(system)),
    },
    {
      never: 'who is dead to an observer was not declared gone by anybody',
      holds: some(
        (system, node) =>
          isDeadTo(system, node) && ownVersion(system) === 0 && !rowOf(system, node).isGone,
      ),
    },
    { sometimes: 'one that answers is declared gone', holds: some(isDeadTo) },
    {
      sometimes: 'it refutes that, and is alive again',
      holds: some(
        (system, node) =>
          rowOf(system, node).version > 0 &&
          observerOf(system, node).child('member')?.value === 'alive',
      ),
    },
    ...(isOfRuns
      ? [
          ...observers.map((node) => ({
            leadsTo: `${node} does not hold one dead for ever that answers`,
            after: (system: System) => isDeadTo(system, node),
            holds: (system: System) => !isDeadTo(system, node),
          })),
          {
            leadsTo: 'rows become equal, and what their owner wrote',
            after: isUnequal,
            holds: (system: System) => !isUnequal(system),
          },
        ]
      : []),
  ];
}
