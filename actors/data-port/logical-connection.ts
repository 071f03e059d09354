/**
 * One logical connection of a data port (DP-1): a path to the target, over one TCP connection after
 * another. It is trusted while it answers, suspected when it does not, and reset when it stays
 * silent or its connection is lost; meanwhile the port lives on by the others.
 */
import { assign, forwardTo, sendParent, setup } from 'xstate';
import { unprovided } from '../unprovided.ts';
import type { Refusal } from '../vocabulary.ts';
import { resetMachine, type CarrierEvent, type PathLimits } from './reset.ts';

export interface LogicalConnectionInput {
  readonly path: number;
  readonly limits: PathLimits;
}
export interface LogicalConnection extends LogicalConnectionInput {
  /** The number of the last dial; what the connection of another one says does not count. */
  readonly dial: number;
  readonly hasFailed: boolean;
}
export type LogicalConnectionEvent =
  | CarrierEvent
  | { type: 'path.silent' } // facts of its heartbeats
  | { type: 'path.heard' }
  | { type: 'reset.failed' } // of its reset: a dial was in vain
  | { type: 'hasten' } // commands of the port
  | { type: 'reset' };

export const logicalConnectionMachine = setup({
  types: {} as {
    context: LogicalConnection;
    input: LogicalConnectionInput;
    events: LogicalConnectionEvent;
    tags: 'usable';
  },
  actors: { reset: resetMachine },
  actions: {
    dial: unprovided('dial'),
    tellReset: forwardTo('reset'),
    noteDial: assign({ dial: (_, dial: number) => dial, hasFailed: false }),
    noteFailure: assign({ hasFailed: true }),
    reportUp: sendParent(({ context: { path } }) => ({ type: 'path.up', path })),
    reportDown: sendParent(({ context: { path } }) => ({ type: 'path.down', path })),
    reportDead: sendParent(({ context: { path } }) => ({ type: 'path.dead', path })),
    reportSuspected: sendParent(({ context: { path } }) => ({ type: 'path.suspected', path })),
    reportTrusted: sendParent(({ context: { path } }) => ({ type: 'path.trusted', path })),
    reportRefused: sendParent(({ context: { path } }, refusal: Refusal) => ({
      type: 'path.refused',
      path,
      refusal,
    })),
  },
  guards: {
    isCurrent: ({ context, event }) => 'dial' in event && event.dial === context.dial,
  },
  delays: {
    dialLimit: ({ context }) => context.limits.dialMs,
    deadLimit: ({ context }) => context.limits.deadMs,
  },
}).createMachine({
  id: 'logicalConnection',
  context: ({ input }) => ({ ...input, dial: 1, hasFailed: false }),
  initial: 'connecting',
  states: {
    connecting: {
      entry: 'dial',
      on: {
        'carrier.opened': { guard: 'isCurrent', target: 'established' },
        'carrier.failed': {
          guard: 'isCurrent',
          target: 'resetting',
          actions: [
            'noteFailure',
            { type: 'reportRefused', params: ({ event }) => event.refusal },
            'reportDead',
          ],
        },
      },
      after: { dialLimit: { target: 'resetting', actions: ['noteFailure', 'reportDead'] } },
    },
    established: {
      tags: 'usable',
      entry: 'reportUp',
      exit: 'reportDown',
      initial: 'trusted',
      on: {
        'carrier.lost': { guard: 'isCurrent', target: 'resetting' },
        reset: 'resetting',
      },
      states: {
        trusted: { on: { 'path.silent': 'suspect' } },
        // New data avoids it at once; it is dead only when it stays silent.
        suspect: {
          entry: 'reportSuspected',
          on: { 'path.heard': { target: 'trusted', actions: 'reportTrusted' } },
          after: { deadLimit: '#logicalConnection.resetting' },
        },
      },
    },
    resetting: {
      invoke: {
        id: 'reset',
        src: 'reset',
        input: ({ context: { path, dial, limits, hasFailed } }) => {
          return { path, dial, limits, hasFailed };
        },
        onDone: {
          target: 'established',
          actions: { type: 'noteDial', params: ({ event }) => event.output.dial },
        },
      },
      on: {
        'carrier.opened': { actions: 'tellReset' },
        'carrier.failed': {
          actions: ['tellReset', { type: 'reportRefused', params: ({ event }) => event.refusal }],
        },
        'carrier.closed': { actions: 'tellReset' },
        hasten: { actions: 'tellReset' },
        'reset.failed': { actions: 'reportDead' },
      },
    },
  },
});
