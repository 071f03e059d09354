/** Single ports between a process's seat and what it leases there (SP-6). */
import type { Refusal } from '../../actors/vocabulary.ts';
import type { UnitLease, UnitLeases } from './coupling-facility.ts';
import type { LendOutcome } from './host-words.ts';

/** Who leases units here, lends ports of them to other processes, and borrows theirs (SP-6). */
export interface PortLender {
  /** What it has of others: it stays its own whoever coordinates. */
  readonly borrowed: readonly number[];
  lend(port: number): LendOutcome;
  returned(port: number): void;
  /** These are lent, and no others. */
  reconcile(lent: readonly number[]): void;
}

/** What became of the wish for one port. */
export interface Borrowed {
  /** Its unit, which nobody leased. */
  readonly leases: readonly UnitLease[];
  readonly isLent: boolean;
  readonly refusal: Refusal | undefined;
}

/** Leases of units, and of single ports of those that others lease. */
export interface LendingLeases extends UnitLeases {
  held(): readonly UnitLease[];
  /** Rejects with IPX_PORTS_LOST while nobody can say. */
  borrow(port: number): Promise<Borrowed>;
  giveBack(port: number): Promise<void>;
}
