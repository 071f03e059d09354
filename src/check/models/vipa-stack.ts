/** A node's stack, as far as one VIPA needs it: its actor, and what the node hears for it. */
import { assign, enqueueActions, setup } from 'xstate';
import type { AnyActorRef } from 'xstate';
import { unprovided } from '../../../actors/unprovided.ts';
import { vipaMachine } from '../../../actors/vipa.ts';
import type { VipaInput } from '../../../actors/vipa.ts';
import type { ModelEnvironment } from '../model-actor.ts';
import type { NodeId, VipaName } from '../../../actors/vocabulary.ts';

export interface VipaStack {
  readonly node: NodeId;
  readonly preference: readonly NodeId[];
  readonly takeback: VipaInput['takeback'];
  readonly living: readonly NodeId[];
  /** Whether the answers of the coupling facility take a while, as those of a store would. */
  readonly isSlow: boolean;
  /** The last of those. */
  readonly answer?: LeaseAnswer;
  /** Whether its VIPA has said where it stands: only then is the node ready. */
  readonly isSettled: boolean;
  /** Whether its VIPA was revoked, or has failed: whoever hears of it ends the node. */
  readonly isEnding: boolean;
}
type VipaStackEvent =
  | { type: 'crash' } // the main thread's words
  | { type: 'restart'; living: readonly NodeId[] }
  | { type: 'peer.lost'; node: NodeId }
  | { type: 'peer.opened'; node: NodeId }
  | { type: 'drain' }
  | { type: 'lease.taken' } // by this node, or given back: the others are told
  | { type: 'lease.changed' } // another node's word
  | { type: 'lease.answered'; answer: LeaseAnswer }
  | LeaseWord
  | { type: 'vipa.settled' | 'vipa.failed' } // its VIPA's
  | { type: 'xstate.done.actor.vipa' };

type LeaseWord = LeaseAnswer | { type: 'lease.freed' } | { type: 'lease.lost'; epoch: number };
type LeaseAnswer = { type: 'lease.granted'; epoch: number } | { type: 'lease.denied' };

export const vipaStackMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as {
    context: VipaStack;
    input: Omit<VipaStack, 'isSettled' | 'isEnding' | 'answer'>;
    events: VipaStackEvent;
    children: { vipa: 'vipa' };
  },
  actors: { vipa: vipaMachine },
  guards: {
    isSlow: ({ context }) => context.isSlow,
    isEnding: ({ context }) => context.isEnding,
  },
  actions: {
    defer: unprovided('defer'),
    quiet: unprovided('quiet'),
    noteAnswer: assign({ answer: (_, answer: LeaseAnswer) => answer }),
    tellOthers: enqueueActions(({ context: { node, preference }, system, enqueue }) => {
      for (const other of preference) {
        const to = system.get(other) as AnyActorRef;
        if (other !== node) enqueue.sendTo(to, { type: 'lease.changed' });
      }
    }),
    begin: enqueueActions(({ context: { node }, system, enqueue }) => {
      enqueue.sendTo(system.get('lease') as AnyActorRef, { type: 'begin', node });
    }),
    look: enqueueActions(({ context: { node }, system, enqueue }) => {
      enqueue.sendTo(system.get('lease') as AnyActorRef, { type: 'look', node });
    }),
    // What the leases know comes before what the machines are told.
    tellLease: enqueueActions(({ context: { node, living }, system, enqueue }) => {
      enqueue.sendTo(system.get('lease') as AnyActorRef, { type: 'knows', node, living });
    }),
    tell: enqueueActions(({ enqueue }, event: LeaseWord) => {
      enqueue.sendTo('vipa', event);
    }),
    revoke: enqueueActions(({ enqueue }) => {
      enqueue.sendTo('vipa', { type: 'revoke' });
    }),
    tellMembers: enqueueActions(({ context: { living }, enqueue }) => {
      enqueue.sendTo('vipa', { type: 'members.changed', living });
    }),
    tellEnd: enqueueActions(({ context: { node }, system, enqueue }) => {
      enqueue.sendTo(system.get('threads') as AnyActorRef, { type: 'ended', node });
    }),
    noteLiving: assign({ living: (_, living: readonly NodeId[]) => living }),
    noteSettled: assign({ isSettled: true }),
    noteEnding: assign({ isEnding: true }),
    noteStart: assign({ isSettled: false, isEnding: false }),
    noteLost: assign({
      living: ({ context }, node: NodeId) => context.living.filter((other) => other !== node),
    }),
    noteOpened: assign({
      living: ({ context }, node: NodeId) => [...new Set([...context.living, node])].toSorted(),
    }),
  },
}).createMachine({
  id: 'vipaStack',
  context: ({ input }) => ({ ...input, isSettled: false, isEnding: false }),
  initial: 'open',
  states: {
    open: {
      entry: ['begin', 'tellLease'],
      exit: 'quiet',
      invoke: {
        src: 'vipa',
        id: 'vipa',
        input: ({ context: { node, preference, takeback, living } }) => ({
          vipa: 'chat' as VipaName,
          node,
          preference,
          takeback,
          living,
          retryMs: 1,
        }),
        onDone: [{ guard: 'isEnding', target: 'ending' }, { target: 'forgotten' }],
      },
      on: {
        crash: 'down',
        'vipa.settled': { actions: 'noteSettled' },
        'vipa.failed': { actions: 'noteEnding' },
        drain: { actions: ['noteEnding', 'revoke'] },
        'peer.lost': {
          actions: [
            { type: 'noteLost', params: ({ event }) => event.node },
            'tellLease',
            'look',
            'tellMembers',
          ],
        },
        'peer.opened': {
          actions: [
            { type: 'noteOpened', params: ({ event }) => event.node },
            'tellLease',
            'tellMembers',
          ],
        },
        'lease.taken': { actions: ['look', 'tellOthers'] },
        'lease.changed': { actions: 'look' },
        'lease.answered': [
          {
            guard: 'isSlow',
            actions: [{ type: 'noteAnswer', params: ({ event }) => event.answer }, 'defer'],
          },
          { actions: { type: 'tell', params: ({ event }) => event.answer } },
        ],
        'lease.granted': { actions: { type: 'tell', params: ({ event }) => event } },
        'lease.denied': { actions: { type: 'tell', params: ({ event }) => event } },
        'lease.freed': { actions: { type: 'tell', params: ({ event }) => event } },
        'lease.lost': { actions: { type: 'tell', params: ({ event }) => event } },
      },
    },
    // Its VIPA has ended, and nobody was told why.
    forgotten: { on: { crash: 'down' } },
    // Its VIPA has failed or was revoked: the node ends, in its own time.
    ending: {
      entry: 'tellEnd',
      on: { crash: 'down', 'lease.taken': { actions: 'tellOthers' } },
    },
    down: {
      on: {
        restart: {
          target: 'open',
          actions: [{ type: 'noteLiving', params: ({ event }) => event.living }, 'noteStart'],
        },
      },
    },
  },
});

/** Its world: the answers that take a while, and, if it is `troubled`, that it is drained. */
export const vipaStackEnvironment = (
  isTroubled: boolean,
): ModelEnvironment<typeof vipaStackMachine> => ({
  effects: { defer: ({ context: { answer } }) => [answer!], quiet: () => [] },
  silences: { quiet: ['defer'] },
  unasked: isTroubled ? [{ type: 'drain' }] : [],
});
