/** An end of a data port as a cell: an event is one step of its code, and its acts are sent on. */
import { assign, enqueueActions, setup } from 'xstate';
import type { AnyActorRef } from 'xstate';
import { unprovided } from '../../../actors/unprovided.ts';
import type { ModelEnvironment } from '../model-actor.ts';
import type { PortAct, PortStep } from './data-port-end.ts';
import type { EndState, Histories } from './data-port-histories.ts';

export interface PortCell extends EndState {
  readonly isDown: boolean;
  /** The port could be sent on, once. */
  readonly isOpened: boolean;
  readonly suspicionsLeft: number;
}
export interface PortCellInput {
  /** The machine of its port. */
  readonly port: string;
  /** What it works with; of its state it is no part. */
  readonly histories: Histories;
  readonly suspicions: number;
  /** Messages to be accepted. */
  readonly count: number;
}
export type PortCellEvent =
  | { type: 'step'; step: PortStep }
  | { type: 'opened' } // the port can be sent on
  | { type: 'crashed' }
  | { type: 'suspect'; path: number }; // of the world: an answer is late

/** Whom an act concerns: the machine of the port, or the line of its connection. */
function addressed(act: PortAct, port: string) {
  switch (act.type) {
    case 'told':
      return { to: port, event: { type: 'carried', path: act.path, event: act.event } };
    case 'began':
      return { to: port, event: { type: 'accepted' } };
    case 'drained':
      return { to: port, event: { type: 'session.drained' } };
    case 'saidGoodbye':
      return { to: port, event: { type: 'peer.closed' } };
    case 'fenced':
      return { to: port, event: { type: 'session.fenced' } };
    default:
      return { to: act.wire.split('#')[0]!, event: act };
  }
}

export const portCellMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- as xstate gives types
  types: {} as {
    context: PortCell & { readonly input: PortCellInput };
    input: PortCellInput;
    events: PortCellEvent;
  },
  guards: {
    maySuspect: ({ context }) => context.suspicionsLeft > 0,
    isFirst: ({ context }) => !context.isOpened && context.input.count > 0,
  },
  actions: {
    /** The application sends its next message, or begins to take what came. */
    produce: unprovided('produce'),
    consume: unprovided('consume'),
    perform: enqueueActions(({ context, system, self, enqueue }, step: PortStep) => {
      const { input, state, accepted } = context;
      const { after, acts } = input.histories.step(state, step);
      enqueue.assign({ ...after });
      if (step.do === 'post' && after.accepted.length > accepted.length) {
        if (after.accepted.length < input.count) enqueue('produce' as never);
      }
      for (const act of acts) {
        if (act.type === 'began') enqueue('consume' as never);
        const { to, event } = addressed(act, input.port);
        enqueue.sendTo(system.get(to) as AnyActorRef, { ...event, from: self.id });
      }
    }),
    countSuspicion: assign({ suspicionsLeft: ({ context }) => context.suspicionsLeft - 1 }),
    noteOpened: assign({ isOpened: true }),
    fall: assign({ isDown: true, state: '' }),
  },
}).createMachine({
  id: 'portCell',
  context: ({ input }) => {
    const begun = { isDown: false, isOpened: false, suspicionsLeft: input.suspicions };
    return { ...input.histories.begin(), ...begun, input };
  },
  initial: 'living',
  states: {
    living: {
      on: {
        step: { actions: { type: 'perform', params: ({ event }) => event.step } },
        opened: { guard: 'isFirst', actions: ['noteOpened', 'produce'] },
        suspect: {
          guard: 'maySuspect',
          actions: [
            'countSuspicion',
            { type: 'perform', params: ({ event: { path } }) => ({ do: 'suspect', path }) },
          ],
        },
        crashed: { target: 'down', actions: 'fall' },
      },
    },
    down: {},
  },
});

export const portCellEnvironment = (links: number): ModelEnvironment<typeof portCellMachine> => ({
  effects: {
    produce: () => [{ type: 'step', step: { do: 'post' } }],
    consume: () => [{ type: 'step', step: { do: 'serve' } }],
  },
  unasked: Array.from({ length: links }, (_, path) => ({ type: 'suspect', path })),
});
