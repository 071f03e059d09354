/**
 * A port's change of target (DP-8): by itself, or once its client has said so. Each candidate has
 * an epoch of its own, so that no word of an earlier target counts any more; the port follows to
 * each, until one answers or none is left.
 */
import { assign, sendParent, setup } from 'xstate';
import { epochAfter, type Epoch, type NodeId } from '../vocabulary.ts';

export type FailoverMode = 'automatic' | 'client';
export interface FailoverInput {
  readonly mode: FailoverMode;
  /** In the order in which they are tried. */
  readonly candidates: readonly NodeId[];
  /** Whether somebody has decided already. */
  readonly isDecided: boolean;
  readonly epoch: Epoch;
  readonly answerMs: number;
}
export interface Failover extends FailoverInput {
  readonly target: NodeId | undefined;
}
export type FailoverEvent =
  | { type: 'target.reached'; epoch: Epoch } // facts, of the port
  | { type: 'target.unreached'; epoch: Epoch }
  | { type: 'failover'; to?: NodeId | undefined }; // the client's decision
export type FailoverOutput =
  | { outcome: 'reached'; target: NodeId }
  | { outcome: 'exhausted'; epoch: Epoch };

export const failoverMachine = setup({
  types: {} as {
    context: Failover;
    input: FailoverInput;
    events: FailoverEvent;
    output: FailoverOutput;
  },
  actions: {
    choose: assign(({ context: { candidates, epoch } }) => ({
      target: candidates[0],
      candidates: candidates.slice(1),
      epoch: epochAfter(epoch),
    })),
    prefer: assign({
      candidates: ({ context: { candidates } }, { to }: { to?: NodeId | undefined }) =>
        to === undefined ? candidates : [to, ...candidates.filter((other) => other !== to)],
    }),
    follow: sendParent(({ context: { target, epoch } }) => ({
      type: 'target.chosen',
      target,
      epoch,
    })),
  },
  guards: {
    isDecided: ({ context: { isDecided, mode } }) => isDecided || mode === 'automatic',
    isExhausted: ({ context }) => context.candidates.length === 0,
    // What was seen of a candidate before this one is no word of this one.
    isCurrent: ({ context, event }) => 'epoch' in event && event.epoch === context.epoch,
  },
  delays: { answerLimit: ({ context }) => context.answerMs },
}).createMachine({
  id: 'failover',
  context: ({ input }) => ({ ...input, target: undefined }),
  output: ({ event }) => event.output as FailoverOutput,
  initial: 'deciding',
  states: {
    deciding: {
      always: { guard: 'isDecided', target: 'choosing' },
      on: {
        failover: {
          target: 'choosing',
          actions: { type: 'prefer', params: ({ event }) => event },
        },
      },
    },
    choosing: {
      always: [{ guard: 'isExhausted', target: 'exhausted' }, { target: 'establishing' }],
    },
    establishing: {
      entry: ['choose', 'follow'],
      on: {
        'target.reached': { guard: 'isCurrent', target: 'reached' },
        'target.unreached': { guard: 'isCurrent', target: 'choosing' },
      },
      after: { answerLimit: 'choosing' },
    },
    reached: {
      type: 'final',
      output: ({ context: { target } }) => ({ outcome: 'reached', target }),
    },
    exhausted: {
      type: 'final',
      output: ({ context: { epoch } }) => ({ outcome: 'exhausted', epoch }),
    },
  },
});
