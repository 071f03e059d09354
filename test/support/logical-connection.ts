/** The machine of the style brief: small, with an epoch, an actor, three timers and an end. */
import { assign, fromCallback, setup } from 'xstate';

interface LogicalConnection {
  readonly epoch: number;
  readonly routes: readonly string[];
}
type LogicalConnectionEvent =
  | { type: 'carrier.opened' | 'carrier.lost' | 'peer.heard'; epoch: number }
  | { type: 'reset' };

export const logicalConnectionMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as {
    context: LogicalConnection;
    input: LogicalConnection;
    events: LogicalConnectionEvent;
    tags: 'usable';
  },
  actors: { carrier: fromCallback(() => {}) },
  guards: {
    isCurrent: ({ context, event }) => 'epoch' in event && event.epoch === context.epoch,
    isStackEmpty: ({ context }) => context.routes.length === 0,
  },
  delays: { establishTimeout: 2_000, silenceLimit: 5_000, resetPause: 250 }, // ms
  actions: {
    abandonRoute: assign({
      epoch: ({ context }) => context.epoch + 1,
      routes: ({ context }) => context.routes.slice(1),
    }),
  },
}).createMachine({
  id: 'logicalConnection',
  context: ({ input }) => input,
  initial: 'carried',
  states: {
    carried: {
      invoke: { src: 'carrier', input: ({ context }) => context },
      initial: 'connecting',
      on: { 'carrier.lost': { guard: 'isCurrent', target: 'resetting' }, reset: 'resetting' },
      states: {
        connecting: {
          on: { 'carrier.opened': { guard: 'isCurrent', target: 'established' } },
          after: { establishTimeout: '#logicalConnection.resetting' },
        },
        established: {
          tags: 'usable',
          on: { 'peer.heard': { guard: 'isCurrent', target: 'established', reenter: true } },
          after: { silenceLimit: '#logicalConnection.resetting' },
        },
      },
    },
    resetting: {
      entry: 'abandonRoute',
      always: { guard: 'isStackEmpty', target: 'failed' },
      after: { resetPause: 'carried' },
    },
    failed: { type: 'final' },
  },
});
