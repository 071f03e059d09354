// tidy: file-size: It is one statechart, read top to bottom; its events are its documentation.
/**
 * A mirror of a file at its source's end (DP-10): it reaches a replica, asks how far that is, and
 * brings it level by the least that is enough: what the backlog still has, then what the dirty map
 * has marked, and all only where there is no common history. The words are DRBD's and Redis's
 * (PSYNC); bytes are not its business.
 */
import { assign, setup } from 'xstate';
import { unprovided } from '../unprovided.ts';
import type { Refusal } from '../vocabulary.ts';

/**
 * What a replica has in common with the source. `recent`: it is a prefix of this run's writes, and
 * the backlog has the rest. `shared`: the map has marked what it misses. `none`: it is empty.
 */
export type History = 'recent' | 'shared' | 'none' | 'foreign';

export interface MirrorLimits {
  /** How long a replica may take to say how far it is. */
  readonly greetMs: number;
  /** How long what was sent may take to be applied when the mirror is closed. */
  readonly drainMs: number;
  /** The pause before it is tried again doubles, from the least to the most. */
  readonly retryMs: { readonly least: number; readonly most: number };
}
export interface MirrorInput {
  /** Whether all is to be copied, whatever the history is. */
  readonly isFull: boolean;
  /** Whether a target that does not answer at the start is waited for. */
  readonly isPatient: boolean;
  readonly limits: MirrorLimits;
}
export interface Mirror extends MirrorInput {
  /** Connections in a row that came to nothing; counted up to 6. */
  readonly failures: number;
  readonly refusal: Refusal;
}
export type MirrorEvent =
  | { type: 'channel.opened' } // facts of the channel to the target
  | { type: 'channel.lost'; refusal: Refusal }
  | { type: 'target.changed' } // a backup, or the first target again
  | { type: 'replica.greeted'; history: History } // facts of the replica
  | { type: 'replica.level' }
  | { type: 'replica.drained' }
  | { type: 'ranges.marked' } // of the source: it has changed in a way that the backlog lacks
  | { type: 'source.failed'; refusal: Refusal }
  | { type: 'close' };
export type MirrorOutput = { outcome: 'closed' } | (Refusal & { outcome: 'failed' });

const failuresMax = 6; // 2^6 × the least pause is more than the most, as it is by default.
const none: Refusal = { code: 'IPX_MIRROR_CLOSED', reason: 'The mirror is closed.' };
const silent: Refusal = {
  code: 'IPX_PORT_UNREACHABLE',
  reason: 'The target took the channel, and does not say how far its replica is.',
};
const foreign: Refusal = {
  code: 'IPX_MIRROR_FOREIGN',
  reason:
    'The target has a file that is no replica of this one: name another one, or ask for a full ' +
    'copy over it.',
};
const ofHistory = (history: History) => ({ type: 'isOfHistory', params: history }) as const;
const noting = (refusal: Refusal) => ({ type: 'noteRefusal', params: refusal }) as const;
const lost = {
  type: 'noteRefusal',
  params: ({ event }: { event: { refusal: Refusal } }) => event.refusal,
} as const;

export const mirrorMachine = setup({
  types: {} as {
    context: Mirror;
    input: MirrorInput;
    events: MirrorEvent;
    output: MirrorOutput;
    tags: 'level' | 'connected';
  },
  actions: {
    connect: unprovided('connect'),
    greet: unprovided('greet'),
    resend: unprovided('resend'),
    resynchronise: unprovided('resynchronise'),
    copyAll: unprovided('copyAll'),
    drain: unprovided('drain'),
    hangUp: unprovided('hangUp'),
    noteRefusal: assign({ refusal: (_, refusal: Refusal) => refusal }),
    noteFailure: assign({
      failures: ({ context }) => Math.min(context.failures + 1, failuresMax),
    }),
    noteReached: assign({ isPatient: true, failures: 0 }),
    noteCopied: assign({ isFull: false }),
  },
  guards: {
    isFull: ({ context }) => context.isFull,
    isImpatient: ({ context }) => !context.isPatient,
    isOfHistory: ({ event }, history: History) =>
      event.type === 'replica.greeted' && event.history === history,
  },
  delays: {
    greetLimit: ({ context }) => context.limits.greetMs,
    drainLimit: ({ context }) => context.limits.drainMs,
    retryPause: ({ context: { limits, failures } }) =>
      Math.min(limits.retryMs.least * 2 ** failures, limits.retryMs.most),
  },
}).createMachine({
  id: 'mirror',
  context: ({ input }) => ({ ...input, failures: 0, refusal: none }),
  output: ({ event }) => event.output as MirrorOutput,
  initial: 'connecting',
  on: { close: '.closed', 'source.failed': { target: '.failed', actions: lost } },
  states: {
    connecting: {
      entry: 'connect',
      on: {
        'channel.opened': 'connected',
        'channel.lost': [
          { guard: 'isImpatient', target: 'failed', actions: lost },
          { target: 'interrupted', actions: [lost, 'noteFailure'] },
        ],
      },
    },
    connected: {
      tags: 'connected',
      initial: 'greeting',
      on: {
        'channel.lost': { target: 'interrupted', actions: lost },
        'target.changed': '.greeting', // What was on its way to the other target does not count.
      },
      states: {
        greeting: {
          entry: 'greet',
          on: {
            'replica.greeted': [
              { guard: 'isFull', target: 'copying' },
              { guard: ofHistory('recent'), target: 'resuming' },
              { guard: ofHistory('shared'), target: 'resynchronising' },
              { guard: ofHistory('none'), target: 'copying' },
              { target: '#mirror.failed', actions: noting(foreign) },
            ],
            'channel.lost': [
              { guard: 'isImpatient', target: '#mirror.failed', actions: lost },
              { target: '#mirror.interrupted', actions: [lost, 'noteFailure'] },
            ],
          },
          after: {
            greetLimit: { target: '#mirror.interrupted', actions: [noting(silent), 'noteFailure'] },
          },
        },
        resuming: {
          entry: ['noteReached', 'resend'],
          on: { 'replica.level': 'mirroring', 'ranges.marked': 'resynchronising' },
        },
        copying: {
          entry: ['noteReached', 'noteCopied', 'copyAll'],
          on: { 'replica.level': 'mirroring' },
        },
        resynchronising: {
          entry: ['noteReached', 'resynchronise'],
          on: { 'replica.level': 'mirroring' },
        },
        mirroring: {
          tags: 'level',
          on: { 'ranges.marked': 'resynchronising', close: '#mirror.closing' },
        },
      },
    },
    interrupted: { entry: 'hangUp', after: { retryPause: 'connecting' } },
    closing: {
      entry: 'drain',
      on: { 'replica.drained': 'closed', 'channel.lost': 'closed', 'target.changed': 'closed' },
      after: { drainLimit: 'closed' },
    },
    closed: { type: 'final', entry: 'hangUp', output: { outcome: 'closed' } },
    failed: {
      type: 'final',
      entry: 'hangUp',
      output: ({ context: { refusal } }) => ({ outcome: 'failed', ...refusal }),
    },
  },
});
