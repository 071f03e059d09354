/**
 * A routing application at its node: its module, its control channel to the stack, and the
 * clients it converses with (CT-1, CT-2, CT-12). Opening the channel is what identifies it.
 */
import { assign, sendParent, setup } from 'xstate';
import { unprovided } from '../unprovided.ts';
import type { ApplicationName, Refusal } from '../vocabulary.ts';

export interface Application {
  readonly application: ApplicationName;
  readonly drainMs: number;
}
export type ApplicationEvent =
  | { type: 'module.loaded' } // facts of the module
  | { type: 'module.failed'; refusal: Refusal }
  | { type: 'channel.opened' } // the stack's answers
  | { type: 'channel.refused'; refusal: Refusal }
  | { type: 'clients.gone' } // nobody is served any more
  | { type: 'drain' }; // command of the node

export const routingApplicationMachine = setup({
  types: {} as {
    context: Application & { readonly refusal?: Refusal };
    input: Application;
    events: ApplicationEvent;
  },
  actions: {
    load: unprovided('load'),
    openChannel: unprovided('openChannel'),
    closeChannel: unprovided('closeChannel'),
    sayGoodbye: unprovided('sayGoodbye'),
    noteRefusal: assign({ refusal: (_, refusal: Refusal) => refusal }),
  },
  delays: { drainLimit: ({ context }) => context.drainMs },
}).createMachine({
  id: 'routingApplication',
  context: ({ input }) => input,
  initial: 'loading',
  states: {
    loading: {
      entry: 'load',
      on: {
        'module.loaded': 'opening',
        'module.failed': {
          target: 'failed',
          actions: { type: 'noteRefusal', params: ({ event }) => event.refusal },
        },
        drain: 'closed',
      },
    },
    opening: {
      entry: 'openChannel',
      on: {
        'channel.opened': 'routing',
        'channel.refused': {
          target: 'failed',
          actions: { type: 'noteRefusal', params: ({ event }) => event.refusal },
        },
        drain: 'closed',
      },
    },
    routing: {
      entry: sendParent(({ context: { application } }) => ({
        type: 'application.opened',
        application,
      })),
      on: { drain: 'draining' },
    },
    draining: {
      entry: 'sayGoodbye',
      on: { 'clients.gone': 'closed' },
      after: { drainLimit: 'closed' },
    },
    closed: {
      type: 'final',
      entry: [
        'closeChannel',
        sendParent(({ context: { application } }) => ({ type: 'application.closed', application })),
      ],
    },
    failed: {
      type: 'final',
      entry: [
        'closeChannel',
        sendParent(({ context: { application, refusal } }) => ({
          type: 'application.failed',
          application,
          refusal,
        })),
      ],
    },
  },
});
