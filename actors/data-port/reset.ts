/**
 * The reset of one path (DP-7): its connection is closed, what was under way on it goes over the
 * others, and it is dialled again, after pauses that grow, until it answers.
 */
import { assign, sendParent, setup } from 'xstate';
import { unprovided } from '../unprovided.ts';
import type { Refusal } from '../vocabulary.ts';

export interface PathLimits {
  /** How long a dial, and the closing of a connection, may take. */
  readonly dialMs: number;
  readonly closeMs: number;
  /** A suspected path that stays silent for so long is reset. */
  readonly deadMs: number;
  /** The pause before a further dial doubles from the least to the most. */
  readonly backoffMs: { readonly least: number; readonly most: number };
}
export interface ResetInput {
  readonly path: number;
  /** The dial before the first one of this reset. */
  readonly dial: number;
  readonly limits: PathLimits;
  /** Whether a dial has failed already, so that it begins with a pause. */
  readonly hasFailed: boolean;
}
export interface Reset extends ResetInput {
  /** Dials in vain since the path last answered. */
  readonly failures: number;
}
export type CarrierEvent =
  | { type: 'carrier.opened'; dial: number } // facts of the connection of that dial
  | { type: 'carrier.failed'; dial: number; refusal: Refusal }
  | { type: 'carrier.lost'; dial: number; refusal: Refusal }
  | { type: 'carrier.closed'; dial: number };
/** `hasten` is a command: another path of the port has just answered. */
export type ResetEvent = CarrierEvent | { type: 'hasten' };

/** More make the pause no longer. */
const failuresMax = 8;
/**
 * Eight numbers in turn tell the last dial from those before: the connection of each is closed
 * before the next one is dialled, and what it has said by then comes first.
 */
const dialAfter = (dial: number): number => (dial % 8) + 1;

/** The pause before the next dial, in milliseconds: none before the first. */
export const backoffOf = ({ failures, limits: { backoffMs } }: Reset) =>
  failures === 0 ? 0 : Math.min(backoffMs.most, backoffMs.least * 2 ** (failures - 1));

export const resetMachine = setup({
  types: {} as {
    context: Reset;
    input: ResetInput;
    events: ResetEvent;
    output: { dial: number };
  },
  actions: {
    reroute: unprovided('reroute'),
    hangUp: unprovided('hangUp'),
    dial: unprovided('dial'),
    countDial: assign({ dial: ({ context }) => dialAfter(context.dial) }),
    countFailure: assign({
      failures: ({ context }) => Math.min(context.failures + 1, failuresMax),
    }),
    reportDead: sendParent(({ context: { path } }) => ({ type: 'reset.failed', path })),
  },
  guards: {
    // A word of an earlier dial changes nothing, however late it comes.
    isCurrent: ({ context, event }) => 'dial' in event && event.dial === context.dial,
  },
  delays: {
    closeLimit: ({ context }) => context.limits.closeMs,
    dialLimit: ({ context }) => context.limits.dialMs,
    backoff: ({ context }) => backoffOf(context),
  },
}).createMachine({
  id: 'reset',
  context: ({ input }) => ({ ...input, failures: input.hasFailed ? 1 : 0 }),
  output: ({ context: { dial } }) => ({ dial }),
  initial: 'closing',
  states: {
    closing: {
      entry: ['reroute', 'hangUp'], // In this order: nothing may be forgotten with the connection.
      on: { 'carrier.closed': { guard: 'isCurrent', target: 'pausing' } },
      after: { closeLimit: 'pausing' },
    },
    pausing: {
      on: { hasten: 'dialling' },
      after: { backoff: 'dialling' },
    },
    dialling: {
      entry: ['countDial', 'dial'],
      on: {
        'carrier.opened': { guard: 'isCurrent', target: 'reestablished' },
        'carrier.failed': {
          guard: 'isCurrent',
          target: 'pausing',
          actions: ['countFailure', 'reportDead'],
        },
      },
      after: {
        dialLimit: { target: 'pausing', actions: ['hangUp', 'countFailure', 'reportDead'] },
      },
    },
    reestablished: { type: 'final' },
  },
});
