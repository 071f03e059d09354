/**
 * A node that watches another, and the node that is watched: the machine of membership, unchanged,
 * with the row that it holds of the other, probes, and what is passed on (CM-5, CM-6).
 */
import { assign, enqueueActions, sendParent, setup } from 'xstate';
import type { AnyActorRef } from 'xstate';
import { membershipMachine } from '../../../actors/messaging/membership.ts';

/** A row, as far as it is compared: a tombstone follows the row that it is of. */
export interface WatchedRow {
  readonly version: number;
  readonly isGone: boolean;
}
const isLater = (one: WatchedRow, other: WatchedRow): boolean =>
  one.version > other.version || (one.version === other.version && one.isGone && !other.isGone);

export interface Observer extends WatchedRow {
  readonly node: string;
  readonly others: readonly string[];
  /** Probes that are under way, some of them lost perhaps. */
  readonly underway: number;
  /** Probes that may still be taken for unanswered: what is unbounded has no end. */
  readonly failuresLeft: number;
}
type ObserverEvent =
  | ({ type: 'answer' } & WatchedRow) // of the one that is watched
  | ({ type: 'row' } & WatchedRow) // passed on by another observer
  | { type: 'member.declared' }; // its membership's

/** More than may be lost, so that one of them comes. */
const underwayMax = 2;

/** The shipped machine; what it declares, it tells the node that it is part of. */
export const observedMembership = (membership: typeof membershipMachine) =>
  membership.provide({ actions: { declareGone: sendParent({ type: 'member.declared' }) } });

export const observerMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as {
    context: Observer;
    input: Pick<Observer, 'node' | 'others' | 'failuresLeft'>;
    events: ObserverEvent;
    children: { member: 'membership' };
  },
  actors: { membership: membershipMachine },
  guards: {
    mayProbe: ({ context }) => context.underway < underwayMax,
    mayFail: ({ context }) => context.failuresLeft > 0,
    isNews: ({ context, event }) => event.type === 'row' && isLater(event, context),
  },
  delays: { beat: 1, probeLimit: 1 },
  actions: {
    probe: enqueueActions(({ context: { node, version, isGone, underway }, system, enqueue }) => {
      const to = system.get('watched') as AnyActorRef;
      enqueue.sendTo(to, { type: 'probe', from: node, version, isGone });
      enqueue.assign({ underway: underway + 1 });
    }),
    countAnswer: assign({ underway: ({ context }) => Math.max(0, context.underway - 1) }),
    fail: enqueueActions(({ context, enqueue }) => {
      enqueue.assign({ failuresLeft: context.failuresLeft - 1 });
      enqueue.sendTo('member', { type: 'probe.failed' });
    }),
    hear: enqueueActions(({ enqueue }) => {
      enqueue.sendTo('member', { type: 'peer.heard' });
    }),
    merge: enqueueActions(({ context, enqueue }, row: WatchedRow) => {
      if (!isLater(row, context)) return;
      enqueue.assign({ version: row.version, isGone: row.isGone });
      enqueue.sendTo('member', { type: row.isGone ? 'row.gone' : 'row.renewed' });
    }),
    declare: assign({ isGone: true }),
    passOn: enqueueActions(({ context: { others, version, isGone }, system, enqueue }) => {
      for (const other of others) {
        enqueue.sendTo(system.get(other) as AnyActorRef, { type: 'row', version, isGone });
      }
    }),
  },
}).createMachine({
  id: 'observer',
  context: ({ input }) => ({ ...input, version: 0, isGone: false, underway: 0 }),
  invoke: { src: 'membership', id: 'member', input: { suspicionMs: 1 } },
  on: {
    answer: {
      target: '.idle',
      actions: ['countAnswer', { type: 'merge', params: ({ event }) => event }, 'hear'],
    },
    row: {
      guard: 'isNews',
      actions: [{ type: 'merge', params: ({ event }) => event }, 'passOn'],
    },
    'member.declared': { actions: ['declare', 'passOn'] },
  },
  initial: 'idle',
  states: {
    idle: { after: { beat: { guard: 'mayProbe', target: 'probing' } } },
    probing: {
      entry: 'probe',
      after: {
        probeLimit: [{ guard: 'mayFail', target: 'idle', actions: 'fail' }, { target: 'idle' }],
      },
    },
  },
});

interface Probe extends WatchedRow {
  readonly from: string;
}

/** It lives, and answers every probe that comes; whoever declares it gone is refuted (CM-5). */
export const watchedMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as { context: { version: number }; events: { type: 'probe' } & Probe },
  guards: { isAccused: ({ context, event }) => event.isGone && event.version >= context.version },
  actions: {
    refute: assign({ version: (_, { version }: Probe) => version + 1 }),
    answer: enqueueActions(({ context: { version }, system, enqueue }, { from }: Probe) => {
      const to = system.get(from) as AnyActorRef;
      enqueue.sendTo(to, { type: 'answer', version, isGone: false });
    }),
  },
}).createMachine({
  id: 'watched',
  context: { version: 0 },
  on: {
    probe: [
      {
        guard: 'isAccused',
        actions: [
          { type: 'refute', params: ({ event }) => event },
          { type: 'answer', params: ({ event }) => event },
        ],
      },
      { actions: { type: 'answer', params: ({ event }) => event } },
    ],
  },
});
