/**
 * How one client leaves a stack: the carrier of one attempt, seen from the giver (CT-16). The
 * machine says when; a departure knows what must be stopped, sent, taken back or let go.
 */
import type { CommitCargo } from '../../actors/protocol.ts';
import type { CarrierName, Refusal } from '../../actors/vocabulary.ts';

export interface Departure {
  readonly carrier: CarrierName;
  /** Stops reads and writes of the client. Answers once: why it cannot, or nothing. */
  freeze(answer: (refusal: Refusal | undefined) => void): void;
  /** The inverse, at any time before the target owns the client. Harmless if nothing is frozen. */
  thaw(): void;
  /** Puts the client into the target's reach, or says why it cannot. */
  commit(): CommitCargo | Refusal;
  /** Takes it back. Answers whether that came before the target. */
  reclaim(isTargetDead: boolean, answer: (kept: boolean) => void): void;
  /** The target has it: what is left here of this attempt goes. */
  settle(): void;
}

export const isRefusal = (value: object): value is Refusal => 'code' in value && 'reason' in value;
