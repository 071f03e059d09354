/**
 * The supervision of one child, an actor or a node (AF-5): what its crash leads to, after which
 * pause it is started again, and when that is given up. Intensity is OTP's: more than so many
 * restarts within a window; unlike there, a child that ends as it was meant to stays down.
 */
import { assign, setup } from 'xstate';
import { unprovided } from './unprovided.ts';
import type { Refusal } from './vocabulary.ts';

export interface SupervisionInput {
  /** What a crash leads to. */
  readonly strategy: 'restart' | 'stop' | 'escalate';
  /** The pause before a restart doubles from the least to the most. */
  readonly backoffMs: { readonly least: number; readonly most: number };
  /** One crash more than this many restarts within the window, and it is given up. */
  readonly intensity: { readonly restarts: number; readonly withinMs: number };
  /** What giving up means: the child stays down, or whoever owns the supervision fails. */
  readonly whenExhausted: 'stop' | 'escalate';
}
export interface Supervision extends SupervisionInput {
  /** How long before the last crash each crash of the window was; the last one is 0. */
  readonly ages: readonly number[];
}
export type SupervisionEvent =
  | { type: 'child.started' } // facts, told by whoever provides the effects
  | { type: 'child.ended' } // stopped, killed, or done: as it was meant to
  /** `sinceMs`: since the crash before this one. */
  | { type: 'child.crashed'; refusal: Refusal; sinceMs: number }
  | { type: 'stop' }; // command of the owner

type Crash = Extract<SupervisionEvent, { type: 'child.crashed' }>;

const exhausted = ({ ages, intensity }: Supervision) => ages.length > intensity.restarts;
const backoff = ({ ages, backoffMs: { least, most } }: Supervision) =>
  Math.min(most, least * 2 ** Math.max(0, ages.length - 1));

export const supervisionMachine = setup({
  types: {} as {
    context: Supervision & { readonly refusal?: Refusal };
    input: SupervisionInput;
    events: SupervisionEvent;
  },
  actions: {
    startChild: unprovided('startChild'),
    reportRestarting: unprovided<{ afterMs: number }>('reportRestarting'),
    reportFailed: unprovided('reportFailed'),
    escalate: unprovided('escalate'),
    noteCrash: assign({
      ages: ({ context: { ages, intensity } }, { sinceMs }: Crash) =>
        [...ages.map((age) => age + sinceMs).filter((age) => age < intensity.withinMs), 0]
          // More are not needed to know that they are too many, whoever starts it ever again.
          .slice(-(intensity.restarts + 1)),
      refusal: (_, { refusal }: Crash) => refusal,
    }),
  },
  guards: {
    shallEscalate: ({ context }) =>
      context.strategy === 'escalate' ||
      (context.strategy === 'restart' &&
        context.whenExhausted === 'escalate' &&
        exhausted(context)),
    shallStop: ({ context }) => context.strategy === 'stop' || exhausted(context),
  },
  delays: { backoff: ({ context }) => backoff(context) },
}).createMachine({
  id: 'supervision',
  context: ({ input }) => ({ ...input, ages: [] }),
  initial: 'running',
  on: { stop: '.stopped' },
  states: {
    running: {
      on: {
        'child.ended': 'down',
        'child.crashed': {
          target: 'crashed',
          actions: { type: 'noteCrash', params: ({ event }) => event },
        },
      },
    },
    crashed: {
      always: [
        { guard: 'shallEscalate', target: 'escalated' },
        { guard: 'shallStop', target: 'failed' },
        { target: 'backingOff' },
      ],
    },
    backingOff: {
      entry: {
        type: 'reportRestarting',
        params: ({ context }) => ({ afterMs: backoff(context) }),
      },
      after: { backoff: 'starting' },
      // By another's command, before its time.
      on: { 'child.started': 'running', 'child.ended': 'down' },
    },
    starting: {
      entry: 'startChild',
      on: {
        'child.started': 'running',
        'child.ended': 'down',
        'child.crashed': {
          target: 'crashed',
          actions: { type: 'noteCrash', params: ({ event }) => event },
        },
      },
    },
    down: { on: { 'child.started': 'running' } },
    failed: { entry: 'reportFailed', on: { 'child.started': 'running' } },
    escalated: { type: 'final', entry: 'escalate' },
    stopped: { type: 'final' },
  },
});
