/**
 * The target's side of one transfer: from an offer until the client is served here, or nothing of
 * the offer is left (CT-5, CT-6). A descriptor is used only after it was claimed in custody.
 */
import { setup } from 'xstate';
import { unprovided } from '../unprovided.ts';
import type { Refusal } from '../vocabulary.ts';

/** It names nobody: whoever performs its effects knows whose offer it is. */
export interface IncomingTransfer {
  readonly limits: { readonly considerMs: number; readonly reserveMs: number };
}
export type IncomingTransferEvent =
  | { type: 'application.accepted' } // the application's answers
  | { type: 'application.rejected'; refusal: Refusal }
  | { type: 'offer.cancelled' } // the giver's words
  | { type: 'transfer.committed' }
  | { type: 'giver.lost' } // certain: its thread has ended
  | { type: 'custody.claimed' } // who won the descriptor
  | { type: 'custody.missed' }
  | { type: 'client.adopted' } // facts of the new socket
  | { type: 'client.broken' };

const slow = {
  code: 'IPX_TARGET_SILENT',
  reason: 'The target application did not answer in time.',
};
const stale = { code: 'IPX_TARGET_SILENT', reason: 'The place that was kept has expired.' };
const beaten = { code: 'IPX_CUSTODY_LOST', reason: 'The giver took the client back.' };

export const incomingTransferMachine = setup({
  types: {} as {
    context: IncomingTransfer;
    input: IncomingTransfer;
    events: IncomingTransferEvent;
  },
  actions: {
    consider: unprovided('consider'),
    sendAccept: unprovided('sendAccept'),
    sendReject: unprovided<Refusal>('sendReject'),
    claim: unprovided('claim'),
    adopt: unprovided('adopt'),
    confirm: unprovided('confirm'),
    serve: unprovided('serve'),
    dismiss: unprovided('dismiss'),
  },
  delays: {
    considerLimit: ({ context }) => context.limits.considerMs,
    reserveLimit: ({ context }) => context.limits.reserveMs,
  },
}).createMachine({
  id: 'incomingTransfer',
  context: ({ input }) => input,
  initial: 'offered',
  states: {
    offered: {
      initial: 'considered',
      // Nothing has moved yet: whatever ends the offer here costs the client nothing.
      on: { 'offer.cancelled': 'released', 'giver.lost': 'released' },
      states: {
        considered: {
          entry: 'consider',
          on: {
            'application.accepted': { target: 'reserved', actions: 'sendAccept' },
            'application.rejected': {
              target: '#released',
              actions: { type: 'sendReject', params: ({ event }) => event.refusal },
            },
          },
          after: {
            considerLimit: { target: '#released', actions: { type: 'sendReject', params: slow } },
          },
        },
        reserved: {
          on: {
            'transfer.committed': '#claiming',
          },
          after: {
            reserveLimit: { target: '#released', actions: { type: 'sendReject', params: stale } },
          },
        },
      },
    },
    claiming: {
      id: 'claiming',
      entry: 'claim', // By the carrier: a swap in shared memory, or a ticket shown to the relay.
      on: {
        'custody.claimed': 'adopting',
        'custody.missed': {
          target: 'released',
          actions: { type: 'sendReject', params: beaten },
        },
      },
    },
    adopting: {
      entry: 'adopt',
      on: {
        'client.adopted': 'served',
        // The descriptor was ours and of no use: the client has left, and the giver may forget it.
        'client.broken': { target: 'released', actions: 'confirm' },
      },
    },
    served: { type: 'final', entry: ['serve', 'confirm'] },
    released: { id: 'released', type: 'final', entry: 'dismiss' },
  },
});
