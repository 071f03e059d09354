/**
 * The stacks between which a client is moved, as far as its transfer needs them: each hands what it
 * hears to the machine that it is for, as `outgoing-transfers` and `incoming-transfers` do. What a
 * stack does for another client is another actor, which ends with the same thread.
 */
import { assign, enqueueActions, setup } from 'xstate';
import type { AnyActorRef } from 'xstate';
import { incomingTransferMachine } from '../../../actors/transfer/incoming-transfer.ts';
import type { IncomingTransferEvent } from '../../../actors/transfer/incoming-transfer.ts';
import { outgoingTransferMachine } from '../../../actors/transfer/outgoing-transfer.ts';
import type { OutgoingTransferResult } from '../../../actors/transfer/outgoing-transfer.ts';
import { unprovided } from '../../../actors/unprovided.ts';
import type { Attempt, NodeId, Refusal } from '../../../actors/vocabulary.ts';

type PeerLost = { readonly type: 'peer.lost'; readonly node: NodeId };
type Crash = { readonly type: 'crash' };
type Outcome = OutgoingTransferResult['outcome'];

export interface GivingStack {
  /** Where the client's socket and custody slot are. */
  readonly client: string;
  readonly attemptsMax: number;
  readonly outcome: Outcome | 'none';
  readonly isWatched: boolean;
  /** What a refusal tells of its attempts; kept if it is watched. */
  readonly attempts: readonly Pick<Attempt, 'target' | 'code'>[];
}
type GivingStackEvent =
  | PeerLost
  | Crash
  | { type: 'transfer.accept' | 'transfer.confirm'; attempt: number } // the target stacks' answers
  | { type: 'transfer.reject'; attempt: number; refusal: Refusal }
  | { type: 'client.frozen' | 'custody.kept' | 'custody.passed' } // the shared memory's
  | { type: 'client.unmovable'; refusal: Refusal }
  | { type: 'xstate.done.actor.transfer'; output: OutgoingTransferResult };

const giversLimits = { deadlineMs: 3, answerMs: 1, confirmMs: 1 };
const targetsLimits = { considerMs: 1, reserveMs: 2 };
const answers: Readonly<Record<string, string>> = {
  'transfer.accept': 'offer.accepted',
  'transfer.reject': 'offer.rejected',
  'transfer.confirm': 'transfer.confirmed',
};
const words: Readonly<Record<string, string>> = {
  'transfer.commit': 'transfer.committed',
  'transfer.cancel': 'offer.cancelled',
};

export const givingStackMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as {
    context: GivingStack;
    input: Omit<GivingStack, 'outcome' | 'attempts'>;
    events: GivingStackEvent;
    children: { transfer: 'outgoingTransfer' };
  },
  actors: { outgoingTransfer: outgoingTransferMachine },
  actions: {
    sayLastWords: unprovided('sayLastWords'),
    begin: enqueueActions(({ context: { attemptsMax, client }, enqueue }) => {
      // The client's name is for the effects; the machine passes it over.
      const input = { attemptsMax, limits: giversLimits, client };
      enqueue.spawnChild('outgoingTransfer', { id: 'transfer', input });
    }),
    tell: enqueueActions(({ context, enqueue }, event: GivingStackEvent) => {
      if (context.outcome !== 'none') return;
      const type = answers[event.type] ?? event.type;
      enqueue.sendTo('transfer', { ...event, type });
    }),
    tellLoss: enqueueActions(({ context: { client, outcome }, system, enqueue }, node: NodeId) => {
      // First: a transfer that hears of it asks its slot at once.
      enqueue.sendTo(system.get(client) as AnyActorRef, { type: 'lost', node });
      if (outcome !== 'none') return;
      enqueue.sendTo('transfer', { type: 'target.lost', target: node });
    }),
    noteOutcome: assign(({ context: { isWatched } }, result: OutgoingTransferResult) => ({
      outcome: result.outcome,
      attempts:
        isWatched && result.outcome === 'refused'
          ? result.attempts.map(({ target, code }) => ({ target, code }))
          : [],
    })),
  },
}).createMachine({
  id: 'givingStack',
  context: ({ input }) => ({ ...input, outcome: 'none', attempts: [] }),
  initial: 'open',
  states: {
    open: {
      entry: 'begin',
      on: {
        crash: { target: 'down', actions: 'sayLastWords' },
        'peer.lost': { actions: { type: 'tellLoss', params: ({ event }) => event.node } },
        'xstate.done.actor.transfer': {
          actions: { type: 'noteOutcome', params: ({ event }) => event.output },
        },
        '*': { actions: { type: 'tell', params: ({ event }) => event } },
      },
    },
    down: { type: 'final' },
  },
});

export interface TakingStack {
  readonly client: string;
  readonly node: string;
  /** The attempts of the offers under way. */
  readonly offers: readonly number[];
}
type TakingStackEvent =
  | PeerLost
  | Crash
  | OfAttempt<'transfer.offer' | 'transfer.commit' | 'transfer.cancel'> // the giver's words
  | OfAttempt<'custody.claimed' | 'custody.missed' | 'client.adopted' | 'client.broken'>
  | { type: `xstate.done.actor.${string}` };
type OfAttempt<Type extends string> = { readonly type: Type; readonly attempt: number };

export const takingStackMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as {
    context: TakingStack;
    input: Omit<TakingStack, 'offers'>;
    events: TakingStackEvent;
    children: Record<string, 'incomingTransfer'>;
  },
  actors: { incomingTransfer: incomingTransferMachine },
  actions: {
    sayLastWords: unprovided('sayLastWords'),
    begin: enqueueActions(({ context: { client, node, offers }, enqueue }, attempt: number) => {
      if (offers.includes(attempt)) return;
      const input = { limits: targetsLimits, client, node, attempt };
      enqueue.spawnChild('incomingTransfer', { id: offerOf(attempt), input });
      enqueue.assign({ offers: [...offers, attempt].toSorted((one, other) => one - other) });
    }),
    tell: enqueueActions(({ context, enqueue }, event: TakingStackEvent) => {
      if (!('attempt' in event) || !context.offers.includes(event.attempt)) return;
      const type = (words[event.type] ?? event.type) as IncomingTransferEvent['type'];
      enqueue.sendTo(offerOf(event.attempt), { type });
    }),
    tellLoss: enqueueActions(({ context, enqueue }) => {
      for (const attempt of context.offers)
        enqueue.sendTo(offerOf(attempt), { type: 'giver.lost' });
    }),
    forget: assign({
      offers: ({ context }, end: string) =>
        context.offers.filter((attempt) => !end.endsWith(offerOf(attempt))),
    }),
  },
}).createMachine({
  id: 'takingStack',
  context: ({ input }) => ({ ...input, offers: [] }),
  initial: 'open',
  states: {
    open: {
      on: {
        crash: { target: 'down', actions: 'sayLastWords' },
        'peer.lost': { actions: 'tellLoss' },
        'transfer.offer': { actions: { type: 'begin', params: ({ event }) => event.attempt } },
        'xstate.done.actor.*': { actions: { type: 'forget', params: ({ event }) => event.type } },
        '*': { actions: { type: 'tell', params: ({ event }) => event } },
      },
    },
    down: { type: 'final' },
  },
});

const offerOf = (attempt: number) => `offer ${attempt}`;
