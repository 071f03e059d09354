/** What the world may do to each machine, by the machine's id. */
import { none, refusal, targets, type Environment } from './alternatives.ts';
import { adapter, membership, messenger, path } from './messaging/environment.ts';
import { dataPort, failover, logicalConnection, mirror, reset } from './data-port/environment.ts';
import type { nodeMachine } from './node.ts';
import { portBlock, portLock, portSeat } from './ports/environment.ts';
import {
  incomingTransfer,
  outgoingTransfer,
  routingApplication,
  stack,
  targetApplication,
} from './transfer/environment.ts';
import type { Application } from './transfer/routing-application.ts';
import type { TargetApplicationEvent } from './transfer/target-application.ts';
import type { supervisionMachine } from './supervision.ts';
import type { vipaMachine } from './vipa.ts';
import type { Epoch, NodeId } from './vocabulary.ts';

const memberships = [[], ['hall-1'], ['hall-2'], ['hall-1', 'hall-2']] as NodeId[][];
const membersChanged = memberships.map((living) => ({ type: 'members.changed', living }) as const);
/** Three epochs in turn are enough to tell a word of this lease from one of an earlier. */
const nextEpoch = (epoch: Epoch) => ((epoch % 3) + 1) as Epoch;

const vipa: Environment<typeof vipaMachine, 'noteLiving' | 'noteEpoch'> = {
  effects: {
    acquire: ({ context: { epoch } }) => {
      const granted = { type: 'lease.granted', epoch: nextEpoch(epoch) } as const;
      const lost = { type: 'lease.lost', epoch: nextEpoch(epoch) } as const;
      return [
        [granted, lost],
        [{ type: 'lease.denied' }, { type: 'lease.freed' }],
      ];
    },
    release: none,
    listener: ({ params: { epoch } }) => {
      const failed = { type: 'listener.failed', epoch, refusal } as const;
      return [[{ type: 'listener.opened', epoch }, failed], failed];
    },
    awaitIdle: () => [{ type: 'clients.gone' }],
    reportSettled: none,
    reportFailed: none,
  },
  // One watch of the lease, and one of the clients, at a time.
  silences: { acquire: ['acquire'], awaitIdle: ['awaitIdle'] },
  unasked: [...membersChanged, { type: 'revoke' }],
};

/** An application tells its node that it is open or has failed, and, drained, that it closed. */
function applicationAnswers({ params: { application }, received }: Told) {
  if (received === undefined) {
    const failed = { type: 'application.failed', application, refusal } as const;
    return [{ type: 'application.opened', application } as const, failed];
  }
  return received.type === 'drain' ? [{ type: 'application.closed', application } as const] : [];
}
interface Told {
  readonly params: Application;
  readonly received?: TargetApplicationEvent;
}

const node: Environment<
  typeof nodeMachine,
  | 'startAll'
  | 'grantAll'
  | 'drainAll'
  | 'drainStack'
  | 'countDown'
  | 'noteSettled'
  | 'noteRefusal'
  | 'tellMembers'
> = {
  effects: {
    stack: ({ received }) => {
      if (received?.type === 'drain') return [{ type: 'stack.closed' }];
      if (received?.type !== 'endpoint.granted') return [];
      const name = received.endpoint.vipa;
      const failed = { type: 'endpoint.failed', vipa: name, refusal } as const;
      return [[{ type: 'endpoint.settled', vipa: name }, failed], failed];
    },
    routingApplication: applicationAnswers,
    targetApplication: applicationAnswers,
  },
  unasked: [{ type: 'members.changed', living: targets }, { type: 'drain' }],
};

/** Crashes at once and, after a calm of any length, as after the whole window. */
const crashes = [0, Infinity].map(
  (sinceMs) => ({ type: 'child.crashed', refusal, sinceMs }) as const,
);

const supervision: Environment<typeof supervisionMachine, 'noteCrash'> = {
  effects: {
    startChild: () => [{ type: 'child.started' }, { type: 'child.ended' }, ...crashes],
    reportRestarting: none,
    reportFailed: none,
    escalate: none,
  },
  silences: { startChild: ['startChild'] }, // One start is under way at a time.
  unasked: [{ type: 'child.started' }, { type: 'child.ended' }, ...crashes, { type: 'stop' }],
};

/** By the machine's id. */
export const environment = {
  node,
  stack,
  supervision,
  vipa,
  routingApplication,
  targetApplication,
  outgoingTransfer,
  incomingTransfer,
  portLock,
  portBlock,
  portSeat,
  messenger,
  adapter,
  path,
  membership,
  dataPort,
  logicalConnection,
  reset,
  failover,
  mirror,
} as const;
