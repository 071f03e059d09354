/**
 * A node's messenger with two addresses, as its engine holds them together: the first words of the
 * addresses start it or end it, its end closes them, and what it sent is received or given up
 * (CM-1, CM-3). The machines are those of `actors/messaging/`, unchanged.
 */
import { assign, enqueueActions, sendParent, setup } from 'xstate';
import { adapterMachine } from '../../../actors/messaging/adapter.ts';
import { messengerMachine } from '../../../actors/messaging/messenger.ts';
import type { Refusal } from '../../../actors/vocabulary.ts';
import { actor } from '../model-actor.ts';
import type { AnyActors, ModelEnvironment } from '../model-actor.ts';
import type { Model } from '../model.ts';
import type { Property } from '../properties.ts';
import type { State } from '../state.ts';
import type { ActorState, SystemState } from '../system-state.ts';

const names = ['primary', 'alternate'] as const;
type Name = (typeof names)[number];
const failuresMax = 2;
const backoffMs = { least: 1, most: 2 };
const refusal: Refusal = { code: 'IPX_EXAMPLE', reason: 'for some reason' };
const taken: Refusal = { code: 'IPX_NAME_TAKEN', reason: 'for another reason' };

interface Station {
  /** What its addresses have said last; nothing at first. */
  readonly said: Readonly<Record<Name, 'nothing' | 'open' | 'failed'>>;
  /** Failures since it was open, by address. */
  readonly failures: Readonly<Record<Name, number>>;
  readonly hasOpened: boolean;
  readonly hasJoined: boolean;
  readonly isAsked: boolean;
  /** Told to leave while it ran. */
  readonly isLeaving: boolean;
  readonly hasReopened: boolean;
  readonly isStopped: boolean;
  readonly isTaken: boolean;
  readonly hasSaidGoodbye: boolean;
  /** Why its messenger has ended; nothing while it lives. */
  readonly reason: string;
}
type StationEvent =
  | { type: 'said'; by: Name; isOpen: boolean }
  | { type: 'joined' | 'goodbye' | 'ended' | 'opening' } // the effects of its messenger
  | { type: 'leave' | 'stop' | 'drain' | 'displace' }; // of the world

type Command = 'leave' | 'close' | 'messages.drained';
/** It has joined, and nothing has ended it since. */
const isRunning = ({ hasJoined, isStopped, isTaken, isLeaving }: Station) =>
  hasJoined && !isStopped && !isTaken && !isLeaving;

const stationMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as {
    context: Station;
    events: StationEvent;
    children: { messenger: 'messenger'; primary: 'primary'; alternate: 'alternate' };
  },
  actors: { messenger: messengerMachine, primary: adapterMachine, alternate: adapterMachine },
  guards: {
    isLiving: ({ context: { reason } }) => reason === '',
    mayDrain: ({ context: { hasSaidGoodbye, reason } }) => hasSaidGoodbye && reason === '',
    mayDisplace: ({ context: { hasJoined, reason } }) => hasJoined && reason === '',
  },
  actions: {
    hear: enqueueActions(({ context, enqueue }, { by, isOpen }: { by: Name; isOpen: boolean }) => {
      const isFirst = context.said[by] === 'nothing';
      const failures = isOpen ? 0 : Math.min(context.failures[by] + 1, failuresMax);
      enqueue.assign({
        said: { ...context.said, [by]: isOpen ? 'open' : 'failed' },
        failures: { ...context.failures, [by]: failures },
        hasOpened: context.hasOpened || isOpen,
        hasReopened: context.hasReopened || (isOpen && context.said[by] === 'failed'),
      });
      if (isOpen) enqueue.sendTo('messenger', { type: 'adapter.opened' });
      else if (isFirst) enqueue.sendTo('messenger', { type: 'adapter.failed', refusal });
    }),
    tell: enqueueActions(({ context, enqueue }, type: Command) => {
      const isLeaving = context.isLeaving || (type === 'leave' && isRunning(context));
      enqueue.assign({
        isAsked: true,
        isLeaving,
        isStopped: context.isStopped || type === 'close',
      });
      enqueue.sendTo('messenger', { type });
    }),
    displace: enqueueActions(({ enqueue }) => {
      enqueue.assign({ isTaken: true });
      enqueue.sendTo('messenger', { type: 'name.taken', refusal: taken });
    }),
    closeAll: enqueueActions(({ enqueue }) => {
      for (const name of names) enqueue.sendTo(name, { type: 'close' });
    }),
  },
}).createMachine({
  id: 'station',
  context: {
    said: { primary: 'nothing', alternate: 'nothing' },
    failures: { primary: 0, alternate: 0 },
    hasOpened: false,
    hasJoined: false,
    isAsked: false,
    isLeaving: false,
    hasReopened: false,
    isStopped: false,
    isTaken: false,
    hasSaidGoodbye: false,
    reason: '',
  },
  invoke: {
    src: 'messenger',
    id: 'messenger',
    input: { awaited: 2, drainMs: 1 },
    onDone: {
      actions: assign({ reason: ({ event }) => event.output.refusal?.code ?? 'none' }),
    },
  },
  on: {
    said: { actions: { type: 'hear', params: ({ event }) => event } },
    joined: { actions: assign({ hasJoined: true }) },
    goodbye: { actions: assign({ hasSaidGoodbye: true }) },
    ended: { actions: 'closeAll' },
    leave: { guard: 'isLiving', actions: { type: 'tell', params: 'leave' } },
    stop: { guard: 'isLiving', actions: { type: 'tell', params: 'close' } },
    drain: { guard: 'mayDrain', actions: { type: 'tell', params: 'messages.drained' } },
    displace: { guard: 'mayDisplace', actions: 'displace' },
  },
  initial: 'unopened',
  states: {
    unopened: { on: { opening: 'opened' } },
    opened: {
      invoke: [
        { src: 'primary', id: 'primary', input: { backoffMs } },
        { src: 'alternate', id: 'alternate', input: { backoffMs } },
      ],
    },
  },
});

const opened = { type: 'socket.opened' } as const;
const failed = { type: 'socket.failed', refusal } as const;
/** One that has failed twice in a row opens, and stays: or their count has no end. */
const sockets: ModelEnvironment<typeof adapterMachine> = {
  effects: {
    socket: ({ context: { failures } }) =>
      failures < failuresMax ? [[opened, failed], failed] : [opened],
  },
};

export interface StationOptions {
  readonly messenger?: typeof messengerMachine;
  readonly adapter?: typeof adapterMachine;
}

const reporting = (messenger: typeof messengerMachine) =>
  messenger.provide({
    actions: {
      openAdapters: sendParent({ type: 'opening' }),
      join: sendParent({ type: 'joined' }),
      sayGoodbye: sendParent({ type: 'goodbye' }),
      closeAdapters: sendParent({ type: 'ended' }),
    },
  });
const addressed = (adapter: typeof adapterMachine, by: Name) => {
  const [up, down] = [true, false].map((isOpen) => ({ type: 'said', by, isOpen }));
  return adapter.provide({
    actions: { reportOpen: sendParent(up!), reportFailed: sendParent(down!) },
  });
};

export function stationModel({
  messenger = messengerMachine,
  adapter = adapterMachine,
}: StationOptions = {}): Model<AnyActors> {
  const actors = {
    messenger: reporting(messenger),
    primary: addressed(adapter, 'primary'),
    alternate: addressed(adapter, 'alternate'),
  };
  return {
    actors: {
      station: actor(stationMachine.provide({ actors }), {
        environment: {
          unasked: [{ type: 'leave' }, { type: 'stop' }, { type: 'drain' }, { type: 'displace' }],
        },
        children: { primary: sockets, alternate: sockets },
      }),
    },
    properties: claims,
    deadlock: 'fine',
  };
}

const stationOf = ({ actors }: SystemState) =>
  actors['station'] as unknown as ActorState<typeof stationMachine>;
const messengerOf = (system: SystemState) => stationOf(system).child('messenger');
const isOver = (system: SystemState) => stationOf(system).context.reason !== '';
const isUsable = (system: SystemState) => messengerOf(system)?.hasTag('usable') === true;
const adaptersOf = (system: SystemState) =>
  names.map((name) => {
    const state = stationOf(system).child(name) as State<typeof adapterMachine> | undefined;
    return { name, state };
  });

const claims: Property<SystemState>[] = [
  {
    always: 'messages are taken from the first open address on, when it has joined',
    holds: (system) => {
      const { hasOpened, hasJoined } = stationOf(system).context;
      return isOver(system) || (isUsable(system) === hasOpened && isUsable(system) === hasJoined);
    },
  },
  {
    always: 'it ends for a cause, and says which',
    holds: (system) => {
      if (!isOver(system)) return true;
      const { isAsked, isTaken, hasOpened, reason } = stationOf(system).context;
      if (isTaken && reason === taken.code) return true;
      return reason === refusal.code && !hasOpened ? true : isAsked && !isTaken;
    },
  },
  {
    always: 'it ends when none of its addresses can be opened',
    holds: (system) => {
      const { said, hasOpened } = stationOf(system).context;
      const haveAllFailed = names.every((name) => said[name] === 'failed');
      return hasOpened || !haveAllFailed || isOver(system);
    },
  },
  {
    always: 'with it its addresses are closed, and no earlier',
    holds: (system) =>
      !stationOf(system).matches('opened') ||
      adaptersOf(system).every(({ state }) => (state === undefined) === isOver(system)),
  },
  {
    always: 'what an address has said is what it is',
    holds: (system) =>
      adaptersOf(system).every(({ name, state }) => {
        const { said, failures } = stationOf(system).context;
        if (state?.status !== 'active') return true;
        if (state.context.failures !== failures[name]) return false;
        return (said[name] === 'open') === state.hasTag('usable');
      }),
  },
  {
    sometimes: 'an address that failed is open again',
    holds: (system) => stationOf(system).context.hasReopened,
  },
  {
    sometimes: 'it has said goodbye, and is still there',
    holds: (system) => stationOf(system).context.hasSaidGoodbye && !isOver(system),
  },
  {
    sometimes: 'it has ended without a goodbye',
    holds: (system) => !stationOf(system).context.hasSaidGoodbye && isOver(system),
  },
  {
    leadsTo: 'told to leave, it ends',
    after: (system) => stationOf(system).context.isAsked,
    holds: isOver,
  },
  {
    always: 'a goodbye is said once it is told to leave, if it ran',
    holds: (system) => {
      const { hasSaidGoodbye, isLeaving } = stationOf(system).context;
      return hasSaidGoodbye === isLeaving;
    },
  },
];
