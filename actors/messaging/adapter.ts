/**
 * One address of this node: its socket lives as long as `carried`. An error is this adapter's
 * alone: it reopens after a pause that grows, and no other adapter hears of it (CM-3). A kernel
 * that knows no route says so at each datagram; that is the path's, and leaves the socket open.
 */
import { assign, fromCallback, setup, type EventObject } from 'xstate';
import { unprovided, unprovidedActor } from '../unprovided.ts';
import type { Refusal } from '../vocabulary.ts';

export interface AdapterInput {
  /** The pause before the socket is opened again doubles from the least to the most. */
  readonly backoffMs: { readonly least: number; readonly most: number };
}
export interface Adapter extends AdapterInput {
  /** Openings in a row that failed. */
  readonly failures: number;
}
export type AdapterEvent =
  | { type: 'socket.opened' } // facts of the socket
  | { type: 'socket.failed'; refusal: Refusal }
  | { type: 'close' }; // command of the messenger

/** A pause that doubles so often is longer than any bound. */
const doublingsMax = 16;

export const adapterMachine = setup({
  types: {} as {
    context: Adapter;
    input: AdapterInput;
    events: AdapterEvent;
    tags: 'usable';
  },
  actors: { socket: fromCallback<EventObject>(unprovidedActor('socket')) },
  actions: {
    reportOpen: unprovided('reportOpen'),
    reportFailed: unprovided<Refusal>('reportFailed'),
    noteFailure: assign({
      failures: ({ context }) => Math.min(context.failures + 1, doublingsMax),
    }),
    noteOpen: assign({ failures: 0 }),
  },
  delays: {
    backoff: ({ context: { failures, backoffMs } }) =>
      Math.min(backoffMs.most, backoffMs.least * 2 ** (failures - 1)),
  },
}).createMachine({
  id: 'adapter',
  context: ({ input }) => ({ ...input, failures: 0 }),
  initial: 'carried',
  on: { close: '.closed' },
  states: {
    carried: {
      invoke: { src: 'socket' },
      initial: 'opening',
      on: {
        'socket.failed': {
          target: 'reopening',
          actions: ['noteFailure', { type: 'reportFailed', params: ({ event }) => event.refusal }],
        },
      },
      states: {
        opening: { on: { 'socket.opened': 'open' } },
        open: { tags: 'usable', entry: ['noteOpen', 'reportOpen'] },
      },
    },
    reopening: { after: { backoff: 'carried' } },
    closed: { type: 'final' },
  },
});
