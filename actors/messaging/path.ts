/**
 * The way to one adapter of a peer as this node sees it (CM-3, CM-6). One unanswered datagram makes
 * it suspect, so that the next alternate is used at once; what comes back has to prove itself, or a
 * flapping path would take messages down with it again and again (SRT's wary period).
 */
import { assign, setup } from 'xstate';
import { unprovided } from '../unprovided.ts';

export interface PathInput {
  /** How long a suspect path may take to answer. */
  readonly silenceMs: number;
  /** Answers in a row that a path on probation owes. */
  readonly probation: number;
}
export interface Path extends PathInput {
  readonly owed: number;
}
export type PathEvent =
  | { type: 'answer.heard' }
  | { type: 'answer.missed' } // none came within what its round trips let expect
  | { type: 'send.failed' }; // the kernel knows no way: certain, and soon

export const pathMachine = setup({
  types: {} as { context: Path; input: PathInput; events: PathEvent; tags: 'usable' },
  actions: {
    reportReachable: unprovided('reportReachable'),
    reportSuspect: unprovided('reportSuspect'),
    reportUnreachable: unprovided('reportUnreachable'),
    reportProbation: unprovided('reportProbation'),
    beginProbation: assign({ owed: ({ context }) => context.probation - 1 }),
    countAnswer: assign({ owed: ({ context }) => context.owed - 1 }),
  },
  guards: { isProven: ({ context }) => context.owed <= 1 },
  delays: { silenceLimit: ({ context }) => context.silenceMs },
}).createMachine({
  id: 'path',
  context: ({ input }) => ({ ...input, owed: 0 }),
  initial: 'reachable',
  on: { 'send.failed': '.unreachable' },
  states: {
    reachable: {
      tags: 'usable',
      entry: 'reportReachable',
      on: { 'answer.missed': 'suspect' },
    },
    suspect: {
      entry: 'reportSuspect',
      on: { 'answer.heard': 'reachable' },
      after: { silenceLimit: 'unreachable' },
    },
    unreachable: {
      entry: 'reportUnreachable',
      on: {
        'answer.heard': { target: 'probation', actions: 'beginProbation' },
        'send.failed': {},
      },
    },
    probation: {
      entry: 'reportProbation',
      on: {
        'answer.heard': [{ guard: 'isProven', target: 'reachable' }, { actions: 'countAnswer' }],
        'answer.missed': 'unreachable',
      },
    },
  },
});
