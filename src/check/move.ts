/** What an actor may do next, or what may befall it: one step of the system. */
import type { TraceStep } from './trace.ts';

/** What a move takes from what may go wrong altogether. */
export type Cost = 'none' | 'crash' | 'loss';

export interface Move {
  readonly next: number;
  readonly sends: readonly number[];
  readonly step: TraceStep;
  readonly cost: Cost;
  /** A crash, a loss or a repetition: nobody may wait for one. */
  readonly isFault: boolean;
  /** The number by which a fair run tells it from others; negative where it need never come. */
  readonly fairAs: number;
}
