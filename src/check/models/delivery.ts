/**
 * Reliable messages over a primary and an alternate, one of which may be cut for ever: each is
 * given to who listens at most once, whatever is lost, doubled or overtaken, and once if a way is
 * left (CM-3).
 */
import { sendParent } from 'xstate';
import { pathMachine } from '../../../actors/messaging/path.ts';
import { actor } from '../model-actor.ts';
import type { Model, Network } from '../model.ts';
import type { AnyActors } from '../model-actor.ts';
import type { Property } from '../properties.ts';
import type { ActorState, SystemState } from '../system-state.ts';
import { receivingEndMachine, sendingEndMachine, wayNames } from './delivery-ends.ts';

export interface DeliveryOptions {
  /** Segments, 4 at most. Default: 2. */
  readonly count?: number;
  readonly network?: Network;
  /** Whether what holds of whole runs is claimed, too: where losses are bounded. */
  readonly isOfRuns?: boolean;
  readonly path?: typeof pathMachine;
  readonly receiving?: typeof receivingEndMachine;
  readonly sending?: typeof sendingEndMachine;
}

/** A way tells the end that it is part of. */
const reporting = (path: typeof pathMachine, way: string) => {
  const usable = { type: 'way.usable', way };
  const unusable = { type: 'way.unusable', way };
  return path.provide({
    actions: {
      reportReachable: sendParent(usable),
      reportSuspect: sendParent(unusable),
      reportUnreachable: sendParent(unusable),
      reportProbation: sendParent(unusable),
    },
  });
};

export function deliveryModel({
  count = 2,
  network = { order: 'none', loss: 1 },
  isOfRuns = true,
  path = pathMachine,
  receiving = receivingEndMachine,
  sending = sendingEndMachine,
}: DeliveryOptions = {}): Model<AnyActors> {
  return {
    actors: {
      sender: actor(
        sending.provide({
          actors: { primary: reporting(path, 'primary'), alternate: reporting(path, 'alternate') },
        }),
        {
          input: { count, cutsLeft: 1 },
          environment: { unasked: wayNames.map((way) => ({ type: 'cut', way }) as const) },
        },
      ),
      receiver: actor(receiving),
    },
    network,
    properties: claimsOf(count, isOfRuns),
    deadlock: 'fine',
  };
}

type System = SystemState;
const senderOf = ({ actors }: System) =>
  actors['sender'] as unknown as ActorState<typeof sendingEndMachine>;
const givenOf = ({ actors }: System) =>
  (actors['receiver'] as unknown as ActorState<typeof receivingEndMachine>).context.given;

function claimsOf(count: number, isOfRuns: boolean): Property<System>[] {
  const isAllGiven = (system: System) =>
    givenOf(system).every((times, number) => times === (number < count ? 1 : 0));
  return [
    {
      never: 'a message is given twice',
      holds: (system) => givenOf(system).some((times) => times > 1),
    },
    {
      never: 'a message is taken for received that was not given',
      holds: (system) =>
        givenOf(system).some(
          (times, number) => number < senderOf(system).context.current && times === 0,
        ),
    },
    {
      sometimes: 'the primary is cut, and all is given',
      holds: (system) => senderOf(system).context.cut.includes('primary') && isAllGiven(system),
    },
    ...(isOfRuns
      ? [{ eventually: 'each message is given', holds: isAllGiven } as Property<System>]
      : []),
  ];
}
