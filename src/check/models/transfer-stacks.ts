/**
 * The stacks between which clients are moved, as far as a transfer needs them: each hands what it
 * hears to the machine that it is for, as `outgoing-transfers` and `incoming-transfers` do.
 */
import { assign, enqueueActions, setup } from 'xstate';
import type { AnyActorRef, AnyEventObject } from 'xstate';
import { incomingTransferMachine } from '../../../actors/transfer/incoming-transfer.ts';
import type { IncomingTransferEvent } from '../../../actors/transfer/incoming-transfer.ts';
import { outgoingTransferMachine } from '../../../actors/transfer/outgoing-transfer.ts';
import type { OutgoingTransferEvent } from '../../../actors/transfer/outgoing-transfer.ts';
import type { NodeId, Refusal } from '../../../actors/vocabulary.ts';

/** What is told to one transfer, or to one offer: by the other stack, or the shared memory. */
export interface Word<Type extends string> {
  readonly type: Type;
  readonly client: string;
  readonly attempt: number;
  readonly refusal: Refusal;
}
type GiversWord = Word<
  | 'transfer.accept'
  | 'transfer.reject'
  | 'transfer.confirm'
  | 'client.frozen'
  | 'client.unmovable'
  | 'custody.kept'
  | 'custody.passed'
>;
type TargetsWord = Word<
  | 'transfer.offer'
  | 'transfer.commit'
  | 'transfer.cancel'
  | 'custody.claimed'
  | 'custody.missed'
  | 'client.adopted'
  | 'client.broken'
>;
interface PeerLost {
  readonly type: 'peer.lost';
  readonly node: NodeId;
}
interface End {
  readonly type: `xstate.done.actor.${string}`;
  readonly output: { readonly outcome: Outcome };
}
type Outcome = 'transferred' | 'refused';

export interface GivingStack {
  readonly clients: readonly string[];
  readonly attemptsMax: number;
  /** By client, how its transfer ended. */
  readonly outcomes: Readonly<Record<string, Outcome>>;
}

const giversLimits = { deadlineMs: 3, answerMs: 1, confirmMs: 1 };
const targetsLimits = { considerMs: 1, reserveMs: 2 };
const answers: Readonly<Record<string, OutgoingTransferEvent['type']>> = {
  'transfer.accept': 'offer.accepted',
  'transfer.reject': 'offer.rejected',
  'transfer.confirm': 'transfer.confirmed',
};

export const givingStackMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as {
    context: GivingStack;
    input: Pick<GivingStack, 'clients' | 'attemptsMax'>;
    events: PeerLost | GiversWord | End;
    children: Record<string, 'outgoingTransfer'>;
  },
  actors: { outgoingTransfer: outgoingTransferMachine },
  actions: {
    noteLost: enqueueActions(({ context: { clients }, system, enqueue }, node: NodeId) => {
      for (const client of clients) {
        enqueue.sendTo(system.get(client) as AnyActorRef, { type: 'lost', node });
      }
    }),
    begin: enqueueActions(({ context: { clients, attemptsMax }, enqueue }) => {
      for (const client of clients) {
        // The name is for the effects; the machine passes it over.
        const input = { attemptsMax, limits: giversLimits, client };
        enqueue.spawnChild('outgoingTransfer', { id: transferOf(client), input });
      }
    }),
    tell: enqueueActions(({ context, enqueue }, { type, client, ...what }: GiversWord) => {
      if (Object.hasOwn(context.outcomes, client)) return;
      const event = { ...what, type: answers[type] ?? type } as OutgoingTransferEvent;
      enqueue.sendTo(transferOf(client), event);
    }),
    tellAll: enqueueActions(({ context, enqueue }, event: OutgoingTransferEvent) => {
      for (const client of context.clients) {
        if (Object.hasOwn(context.outcomes, client)) continue;
        enqueue.sendTo(transferOf(client), event);
      }
    }),
    noteOutcome: assign({
      outcomes: ({ context }, { client, outcome }: { client: string; outcome: Outcome }) => ({
        ...context.outcomes,
        [client]: outcome,
      }),
    }),
  },
}).createMachine({
  id: 'givingStack',
  context: ({ input }) => ({ ...input, outcomes: {} }),
  entry: 'begin',
  on: {
    'xstate.done.actor.*': {
      actions: {
        type: 'noteOutcome',
        params: ({ event }) => ({ client: clientOf(endOf(event)), outcome: event.output.outcome }),
      },
    },
    'peer.lost': {
      // First: a transfer that hears of it asks its slot at once.
      actions: [
        { type: 'noteLost', params: ({ event }) => event.node },
        {
          type: 'tellAll',
          params: ({ event }) => ({ type: 'target.lost', target: event.node }) as const,
        },
      ],
    },
    '*': { actions: { type: 'tell', params: ({ event }) => event as GiversWord } },
  },
});

export interface TakingStack {
  readonly node: string;
  /** The offers under way. */
  readonly offers: readonly string[];
}

export const takingStackMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as {
    context: TakingStack;
    input: Pick<TakingStack, 'node'>;
    events: PeerLost | TargetsWord | End;
    children: Record<string, 'incomingTransfer'>;
  },
  actors: { incomingTransfer: incomingTransferMachine },
  actions: {
    begin: enqueueActions(({ context: { node, offers }, enqueue }, { client, attempt }: TargetsWord) => {
      const offer = offerOf(client, attempt);
      if (offers.includes(offer)) return;
      const input = { limits: targetsLimits, client, attempt, node };
      enqueue.spawnChild('incomingTransfer', { id: offer, input });
      enqueue.assign({ offers: [...offers, offer].toSorted() });
    }),
    tell: enqueueActions(({ context, enqueue }, { type, client, attempt }: TargetsWord) => {
      const offer = offerOf(client, attempt);
      if (context.offers.includes(offer)) enqueue.sendTo(offer, { type: said[type] ?? type } as IncomingTransferEvent);
    }),
    tellAll: enqueueActions(({ context, enqueue }) => {
      for (const offer of context.offers) enqueue.sendTo(offer, { type: 'giver.lost' });
    }),
    forget: assign({
      offers: ({ context }, offer: string) => context.offers.filter((other) => other !== offer),
    }),
  },
}).createMachine({
  id: 'takingStack',
  context: ({ input }) => ({ ...input, offers: [] }),
  on: {
    'xstate.done.actor.*': { actions: { type: 'forget', params: ({ event }) => endOf(event) } },
    'peer.lost': { actions: 'tellAll' },
    'transfer.offer': { actions: { type: 'begin', params: ({ event }) => event as TargetsWord } },
    '*': { actions: { type: 'tell', params: ({ event }) => event as TargetsWord } },
  },
});

const said: Readonly<Record<string, string>> = {
  'transfer.commit': 'transfer.committed',
  'transfer.cancel': 'offer.cancelled',
};
export const transferOf = (client: string) => `transfer ${client}`;
const clientOf = (transfer: string) => transfer.slice(transferOf('').length);
const offerOf = (client: string, attempt: number) => `${client} ${attempt}`;
const endOf = ({ type }: AnyEventObject) => type.slice('xstate.done.actor.'.length);
