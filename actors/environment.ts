/**
 * What the world may do to each machine: for each of its effects the events that it may send back,
 * and the facts that come unasked. The checker makes its choices from these, and whoever provides
 * an effect keeps to them.
 */
import type {
  AnyStateMachine,
  ContextFrom,
  EventFrom,
  InputFrom,
  MachineImplementationsFrom,
} from 'xstate';
import type { nodeMachine } from './node.ts';
import type { incomingTransferMachine } from './transfer/incoming-transfer.ts';
import type { outgoingTransferMachine } from './transfer/outgoing-transfer.ts';
import type { Application, routingApplicationMachine } from './transfer/routing-application.ts';
import type { stackMachine } from './transfer/stack.ts';
import type {
  TargetApplicationEvent,
  targetApplicationMachine,
} from './transfer/target-application.ts';
import type { supervisionMachine } from './supervision.ts';
import type { EndpointDuty, vipaMachine } from './vipa.ts';
import type { Epoch, NodeId, Refusal, VipaName } from './vocabulary.ts';

type Implementations<Machine extends AnyStateMachine> = Required<
  MachineImplementationsFrom<Machine>
>;
type Actions<Machine extends AnyStateMachine> = Required<Implementations<Machine>['actions']>;
type Actors<Machine extends AnyStateMachine> = Required<Implementations<Machine>['actors']>;
type ParamsOf<Action> = Action extends (what: never, params: infer Params) => void ? Params : never;

/** The end of a child, as its parent is told of it. */
export type ChildEnd =
  | { readonly type: `xstate.done.actor.${string}`; readonly output?: unknown }
  | { readonly type: `xstate.error.actor.${string}`; readonly error?: unknown };

/** One answer of an effect: an event, or several that come in this order, each when it likes. */
export type Alternative<Event> = Event | ChildEnd | readonly (Event | ChildEnd)[];

/** From what an effect was told, what it may answer: one of these, at any later time, or never. */
type Answers<Machine extends AnyStateMachine, What> = (
  what: { readonly context: ContextFrom<Machine> } & What,
) => readonly Alternative<EventFrom<Machine>>[];

/**
 * The environment of one machine, complete by its type: `Inner` names the actions that the machine
 * performs on itself, and every other one, and every actor, must say what it may answer.
 */
export interface Environment<
  Machine extends AnyStateMachine,
  Inner extends keyof Actions<Machine> = never,
> {
  readonly effects: {
    readonly [Name in Exclude<keyof Actions<Machine>, Inner>]: Answers<
      Machine,
      { readonly params: ParamsOf<Actions<Machine>[Name]> }
    >;
  } & {
    /** An actor is asked when it starts, and again for each event that it receives. */
    readonly [Name in keyof Actors<Machine>]: Answers<
      Machine,
      {
        readonly params: InputFrom<Actors<Machine>[Name]>;
        readonly received?: EventFrom<Actors<Machine>[Name]>;
      }
    >;
  };
  /** By action, the effects that it ends: whatever of theirs is still to come never comes. */
  readonly silences?: Readonly<Record<string, readonly string[]>>;
  /** Facts and commands that may come in every state, any number of times. */
  readonly unasked: readonly EventFrom<Machine>[];
}

const none = () => [];
const refusal: Refusal = { code: 'IPX_EXAMPLE', reason: 'for some reason' };
const targets = ['hall-1', 'hall-2'] as NodeId[];
const vipas = ['chat', 'shop'] as VipaName[];

const outgoingTransfer: Environment<
  typeof outgoingTransferMachine,
  'noteTarget' | 'noteRefusal' | 'noteAttempt' | 'exhaustAttempts'
> = {
  effects: {
    askForTarget: () => [
      ...targets.map((target) => ({ type: 'target.chosen', target }) as const),
      { type: 'target.none', refusal },
    ],
    sendOffer: ({ context: { attempts } }) => {
      const attempt = attempts.length;
      const rejected = { type: 'offer.rejected', attempt, refusal } as const;
      // A place that was kept expires: an acceptance may be taken back.
      return [[{ type: 'offer.accepted', attempt }, rejected], rejected];
    },
    cancelOffer: none,
    freeze: () => [{ type: 'client.frozen' }, { type: 'client.unmovable', refusal }],
    thaw: none,
    commit: ({ context: { attempts } }) => [
      { type: 'transfer.confirmed', attempt: attempts.length },
      { type: 'offer.rejected', attempt: attempts.length, refusal },
    ],
    reclaim: () => [{ type: 'custody.kept' }, { type: 'custody.passed' }],
    release: none,
  },
  silences: { thaw: ['freeze'] },
  unasked: [
    ...targets.map((target) => ({ type: 'target.lost', target }) as const),
    { type: 'client.unmovable', refusal },
    { type: 'cancel', refusal },
  ],
};

const incomingTransfer: Environment<typeof incomingTransferMachine> = {
  effects: {
    consider: () => [{ type: 'application.accepted' }, { type: 'application.rejected', refusal }],
    sendAccept: () => [{ type: 'transfer.committed' }],
    sendReject: none,
    claim: () => [{ type: 'custody.claimed' }, { type: 'custody.missed' }],
    adopt: () => [{ type: 'client.adopted' }, { type: 'client.broken' }],
    confirm: none,
    serve: none,
    dismiss: none,
  },
  unasked: [{ type: 'offer.cancelled' }, { type: 'giver.lost' }],
};

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

const endpointOf = (name: VipaName): EndpointDuty => ({
  vipa: name,
  preference: targets,
  takeback: 'whenIdle',
});

const stack: Environment<
  typeof stackMachine,
  'open' | 'revoke' | 'revokeAll' | 'forget' | 'tellMembers'
> = {
  effects: {
    vipa: ({ params: { vipa: name }, received }) => {
      if (received !== undefined) return [];
      const settled = { type: 'vipa.settled', vipa: name } as const;
      const failed = { type: 'vipa.failed', vipa: name, refusal } as const;
      const ended = { type: `xstate.done.actor.${name}` } as const;
      return [[settled, failed, ended], [settled, ended], [failed, ended], ended];
    },
    awaitTransfers: () => [{ type: 'transfers.settled' }],
    closeClients: none,
  },
  unasked: [
    ...vipas.flatMap((name) => [
      { type: 'endpoint.granted', endpoint: endpointOf(name) } as const,
      { type: 'endpoint.revoked', vipa: name } as const,
    ]),
    { type: 'members.changed', living: targets },
    { type: 'drain' },
  ],
};

const routingApplication: Environment<typeof routingApplicationMachine, 'noteRefusal'> = {
  effects: {
    load: () => [{ type: 'module.loaded' }, { type: 'module.failed', refusal }],
    openChannel: () => [{ type: 'channel.opened' }, { type: 'channel.refused', refusal }],
    closeChannel: none,
    sayGoodbye: () => [{ type: 'clients.gone' }],
  },
  unasked: [{ type: 'drain' }],
};

const targetApplication: Environment<typeof targetApplicationMachine, 'noteRefusal'> = {
  effects: { ...routingApplication.effects, beginListening: none, ceaseListening: none },
  unasked: [...routingApplication.unasked, { type: 'listen' }, { type: 'pause' }],
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
} as const;
