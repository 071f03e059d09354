/**
 * A target application at its node: while it listens, the routing stacks know of it (CT-4,
 * CT-13) and it considers what is offered (CT-5). It may pause, and listen again.
 */
import { assign, sendParent, setup } from 'xstate';
import { unprovided } from '../unprovided.ts';
import type { Refusal } from '../vocabulary.ts';
import type { Application, ApplicationEvent } from './routing-application.ts';

export type TargetApplicationEvent =
  | ApplicationEvent
  | { type: 'listen' } // commands of the application itself
  | { type: 'pause' };

export const targetApplicationMachine = setup({
  types: {} as {
    context: Application & { readonly refusal?: Refusal };
    input: Application;
    events: TargetApplicationEvent;
  },
  actions: {
    load: unprovided('load'),
    openChannel: unprovided('openChannel'),
    closeChannel: unprovided('closeChannel'),
    beginListening: unprovided('beginListening'),
    ceaseListening: unprovided('ceaseListening'),
    sayGoodbye: unprovided('sayGoodbye'),
    noteRefusal: assign({ refusal: (_, refusal: Refusal) => refusal }),
  },
  delays: { drainLimit: ({ context }) => context.drainMs },
}).createMachine({
  id: 'targetApplication',
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
        'channel.opened': 'open',
        'channel.refused': {
          target: 'failed',
          actions: { type: 'noteRefusal', params: ({ event }) => event.refusal },
        },
        drain: 'closed',
      },
    },
    open: {
      entry: sendParent(({ context: { application } }) => ({
        type: 'application.opened',
        application,
      })),
      initial: 'listening',
      on: { drain: 'draining' },
      states: {
        // The listing lives exactly as long as this state.
        listening: { entry: 'beginListening', exit: 'ceaseListening', on: { pause: 'paused' } },
        paused: { on: { listen: 'listening' } },
      },
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
