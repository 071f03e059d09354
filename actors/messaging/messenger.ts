/**
 * A node's messenger (CM-1): it takes messages once an adapter is open, and goes on opening the
 * others; leaving, it tells the cluster, and waits until what it sent was received.
 */
import { assign, setup } from 'xstate';
import { unprovided } from '../unprovided.ts';
import type { Refusal } from '../vocabulary.ts';

export interface MessengerInput {
  /** Adapters that have said nothing yet. */
  readonly awaited: number;
  readonly drainMs: number;
}
export interface MessengerContext extends MessengerInput {
  /** Of the adapter that failed last, or why it may not go on. */
  readonly refusal?: Refusal;
}
export type MessengerEvent =
  | { type: 'adapter.opened' } // facts of its adapters, of each when it is tried first
  | { type: 'adapter.failed'; refusal: Refusal }
  | { type: 'messages.drained' } // all that was sent has been received, or given up
  | { type: 'name.taken'; refusal: Refusal } // another node lives by it, and was there first
  | { type: 'leave' } // commands of the node
  | { type: 'close' };

export const messengerMachine = setup({
  types: {} as {
    context: MessengerContext;
    input: MessengerInput;
    events: MessengerEvent;
    tags: 'usable';
    output: { readonly refusal?: Refusal };
  },
  actions: {
    openAdapters: unprovided('openAdapters'),
    join: unprovided('join'),
    sayGoodbye: unprovided('sayGoodbye'),
    closeAdapters: unprovided('closeAdapters'),
    countFailure: assign({ awaited: ({ context }) => context.awaited - 1 }),
    noteRefusal: assign({ refusal: (_, refusal: Refusal) => refusal }),
  },
  guards: { isNoneAwaited: ({ context }) => context.awaited === 0 },
  delays: { drainLimit: ({ context }) => context.drainMs },
}).createMachine({
  id: 'messenger',
  context: ({ input }) => input,
  initial: 'opening',
  output: ({ context: { refusal } }) => (refusal === undefined ? {} : { refusal }),
  on: {
    close: '.closed',
    'name.taken': {
      target: '.failed',
      actions: { type: 'noteRefusal', params: ({ event }) => event.refusal },
    },
  },
  states: {
    opening: {
      entry: 'openAdapters',
      always: { guard: 'isNoneAwaited', target: 'failed' },
      on: {
        'adapter.opened': 'running',
        'adapter.failed': {
          actions: ['countFailure', { type: 'noteRefusal', params: ({ event }) => event.refusal }],
        },
        leave: 'closed',
      },
    },
    running: { tags: 'usable', entry: 'join', on: { leave: 'draining' } },
    draining: {
      tags: 'usable', // What was begun goes on: answers, acknowledgements.
      entry: 'sayGoodbye',
      on: { 'messages.drained': 'closed' },
      after: { drainLimit: 'closed' },
    },
    closed: { type: 'final', entry: 'closeAdapters' },
    failed: { type: 'final', entry: 'closeAdapters' },
  },
});
