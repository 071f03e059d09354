/** How a state was reached: steps by name, as plain values that a file can keep. */
import type { AnyEventObject } from 'xstate';

export interface TraceStep {
  /**
   * `delivery`: a message reaches its actor; `repetition`: it does, and stays in flight; `loss`: it
   * never will. `timer`, `answer` and `unasked` come to the actor by itself.
   */
  readonly kind:
    | 'delivery'
    | 'repetition'
    | 'loss'
    | 'timer'
    | 'answer'
    | 'unasked'
    | 'crash'
    | 'restart';
  /** Whose step it is; of a message the receiver. */
  readonly actor: string;
  readonly from?: string;
  /** Set where it comes to a child that is run: its path. */
  readonly child?: string;
  /** What answers. */
  readonly effect?: string;
  /** None where an effect is silent for good. */
  readonly event?: AnyEventObject;
  /** Of an answer of several events, those to come. */
  readonly rest?: readonly AnyEventObject[];
}

/** Plain values, as far as the events are: `JSON.stringify` and `JSON.parse` keep it. */
export interface Trace {
  readonly steps: readonly TraceStep[];
  /**
   * Of a run without end, the step from which it goes round; the number of steps where it stays in
   * its last state.
   */
  readonly cycleFrom?: number;
}
