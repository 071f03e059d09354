// tidy: file-size: It is one statechart, read top to bottom; its events are its documentation.
/**
 * The giver's side of one transfer: from the wish to move a client until the client is gone, or
 * whole again (CT-7). Two-phase commit in shape, but ownership passes in custody, not by message.
 */
import { assign, setup, stateIn } from 'xstate';
import { unprovided } from '../unprovided.ts';
import type { Attempt, NodeId, Refusal } from '../vocabulary.ts';

export interface OutgoingTransferInput {
  readonly attemptsMax: number;
  readonly limits: { readonly deadlineMs: number; answerMs: number; confirmMs: number };
}
export interface OutgoingTransfer extends OutgoingTransferInput {
  readonly target: NodeId | undefined;
  readonly attempts: readonly Attempt[];
  readonly attemptsLeft: number;
  readonly refusal: Refusal;
}
export type OutgoingTransferEvent =
  | { type: 'target.chosen'; target: NodeId } // the application's answers; its state goes beside
  | { type: 'target.none'; refusal: Refusal }
  | { type: 'offer.accepted'; attempt: number } // the target stack's answers
  | { type: 'offer.rejected'; attempt: number; refusal: Refusal }
  | { type: 'transfer.confirmed'; attempt: number }
  | { type: 'target.lost'; target: NodeId } // certain: its thread has ended
  | { type: 'client.frozen' } // facts of the client's socket
  | { type: 'client.unmovable'; refusal: Refusal }
  | { type: 'custody.kept' } // who won the descriptor
  | { type: 'custody.passed' }
  | { type: 'cancel'; refusal: Refusal }; // command of the owning stack
export type OutgoingTransferResult =
  | { outcome: 'transferred'; target: NodeId }
  | { outcome: 'refused'; code: string; reason: string; attempts: readonly Attempt[] };

const silent = { code: 'IPX_TARGET_SILENT', reason: 'The target did not answer in time.' };
const lost = { code: 'IPX_TARGET_LOST', reason: 'The target was lost.' };
const late = { code: 'IPX_DEADLINE', reason: 'No target took the client before the deadline.' };

const refusalOf = ({ event }: { event: { refusal: Refusal } }) => event.refusal;
const noting = { type: 'noteAttempt', params: refusalOf } as const;
/** The target is told, the client is read again, and the attempt is remembered with its reason. */
const abandoning = <Params>(refusal: Params) =>
  ['cancelOffer', 'thaw', { type: 'noteAttempt', params: refusal }] as const;
const refusing = {
  target: '#refused',
  actions: { type: 'noteRefusal', params: refusalOf },
} as const;
/** What is committed cannot be called off; but it is the last attempt. */
const concluding = {
  actions: ['exhaustAttempts', { type: 'noteRefusal', params: refusalOf }],
} as const;
const rescinding = { target: '#refused', actions: abandoning(refusalOf) } as const;

export const outgoingTransferMachine = setup({
  types: {} as {
    context: OutgoingTransfer;
    input: OutgoingTransferInput;
    events: OutgoingTransferEvent;
    output: OutgoingTransferResult;
  },
  actions: {
    askForTarget: unprovided('askForTarget'),
    sendOffer: unprovided('sendOffer'),
    cancelOffer: unprovided('cancelOffer'),
    freeze: unprovided('freeze'),
    thaw: unprovided('thaw'),
    commit: unprovided('commit'),
    reclaim: unprovided('reclaim'),
    release: unprovided('release'),
    noteTarget: assign({
      target: (_, target: NodeId) => target,
      attemptsLeft: ({ context }) => context.attemptsLeft - 1,
    }),
    noteRefusal: assign({ refusal: (_, refusal: Refusal) => refusal }),
    noteAttempt: assign(({ context: { attempts, target } }, refusal: Refusal) => ({
      attempts: target === undefined ? attempts : [...attempts, { target, ...refusal }],
      refusal,
    })),
    exhaustAttempts: assign({ attemptsLeft: 0 }),
  },
  guards: {
    // CT-7: an answer to an earlier offer changes nothing, however late it comes.
    isCurrent: ({ context, event }) =>
      'attempt' in event && event.attempt === context.attempts.length,
    isTarget: ({ context, event }) => 'target' in event && event.target === context.target,
    isExhausted: ({ context }) => context.attemptsLeft <= 0,
    isOffered: stateIn({ underway: 'offered' }),
    isCommitted: stateIn({ underway: 'committed' }),
    isReclaiming: stateIn({ underway: { committed: 'reclaiming' } }),
  },
  delays: {
    deadline: ({ context }) => context.limits.deadlineMs,
    answerLimit: ({ context }) => context.limits.answerMs,
    confirmLimit: ({ context }) => context.limits.confirmMs,
  },
}).createMachine({
  id: 'outgoingTransfer',
  context: ({ input }) => ({
    ...input,
    target: undefined,
    attempts: [],
    attemptsLeft: input.attemptsMax,
    refusal: late,
  }),
  output: ({ event }) => event.output as OutgoingTransferResult,
  initial: 'underway',
  states: {
    underway: {
      initial: 'choosing',
      // One deadline over all attempts. Once committed, only custody can say who owns the client.
      after: {
        deadline: [
          { guard: 'isReclaiming', actions: 'exhaustAttempts' }, // Asked already: once is enough.
          {
            guard: 'isCommitted',
            target: '#reclaiming',
            actions: ['exhaustAttempts', 'cancelOffer', { type: 'noteAttempt', params: late }],
          },
          { guard: 'isOffered', target: '#refused', actions: abandoning(late) },
          { target: '#refused', actions: { type: 'noteRefusal', params: late } },
        ],
      },
      states: {
        choosing: {
          entry: 'askForTarget',
          on: {
            'target.chosen': {
              target: 'offered',
              actions: [{ type: 'noteTarget', params: ({ event }) => event.target }, 'sendOffer'],
            },
            'target.none': refusing,
            'client.unmovable': refusing,
            cancel: refusing,
          },
        },
        offered: {
          initial: 'unanswered',
          on: {
            'offer.rejected': {
              guard: 'isCurrent',
              target: '#retrying',
              actions: [noting, 'thaw'],
            },
            'target.lost': { guard: 'isTarget', target: '#retrying', actions: abandoning(lost) },
            'client.unmovable': rescinding,
            cancel: rescinding,
          },
          states: {
            unanswered: {
              on: { 'offer.accepted': { guard: 'isCurrent', target: 'freezing' } },
              after: { answerLimit: { target: '#retrying', actions: abandoning(silent) } },
            },
            freezing: { entry: 'freeze', on: { 'client.frozen': '#committed' } },
          },
        },
        committed: {
          id: 'committed',
          initial: 'unconfirmed',
          on: {
            'transfer.confirmed': { guard: 'isCurrent', target: '#transferred' },
            'custody.passed': '#transferred',
            'client.unmovable': concluding,
            cancel: concluding,
          },
          states: {
            unconfirmed: {
              entry: 'commit', // From here on the target may own the client at any moment.
              on: {
                'offer.rejected': { guard: 'isCurrent', target: 'reclaiming', actions: noting },
                'target.lost': {
                  guard: 'isTarget',
                  target: 'reclaiming',
                  actions: { type: 'noteAttempt', params: lost },
                },
              },
              after: {
                confirmLimit: {
                  target: 'reclaiming',
                  actions: ['cancelOffer', { type: 'noteAttempt', params: silent }],
                },
              },
            },
            reclaiming: {
              id: 'reclaiming',
              entry: 'reclaim', // The one indivisible point: a swap that one side wins.
              on: { 'custody.kept': { target: '#retrying', actions: 'thaw' } },
            },
          },
        },
        retrying: {
          id: 'retrying',
          always: [{ guard: 'isExhausted', target: '#refused' }, { target: 'choosing' }],
        },
      },
    },
    transferred: {
      id: 'transferred',
      type: 'final',
      entry: 'release',
      output: ({ context }) => ({ outcome: 'transferred', target: context.target }),
    },
    refused: {
      id: 'refused',
      type: 'final',
      output: ({ context: { refusal, attempts } }) => ({
        outcome: 'refused',
        ...refusal,
        attempts,
      }),
    },
  },
});
