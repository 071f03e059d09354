/** What a process and the coordinator of its host say to each other about an address's ports. */
import type { ErrorCode } from '../errors.ts';
import type { Refusal } from '../../actors/vocabulary.ts';
import type { HostSettings } from './host-pool.ts';

export type HostAsk =
  | {
      readonly type: 'join';
      readonly seat: number;
      /** The life that it was granted before; 0: it is new. */
      readonly life: number;
      readonly pid: number;
      readonly settings: HostSettings;
      /** What it has leased in that life. */
      readonly units: readonly number[];
      /** Single ports that it has in units of others. */
      readonly borrowed: readonly number[];
    }
  | { readonly type: 'acquire'; readonly id: number; readonly count: number; readonly unit: number }
  | { readonly type: 'release'; readonly id: number; readonly units: readonly number[] }
  /** That very port, counted from the first, whoever leases its unit; and that it is given back. */
  | { readonly type: 'borrow' | 'return'; readonly id: number; readonly port: number }
  /** What the lessee of a unit says to `lend`, by its number. */
  | {
      readonly type: 'lent';
      readonly id: number;
      readonly port: number;
      readonly outcome: LendOutcome;
    };

/** `away`: it has given the unit back meanwhile; `taken`: one of its nodes has the port. */
export type LendOutcome = (typeof lendOutcomes)[number];
const lendOutcomes = ['lent', 'away', 'taken'] as const;

/** What became of a wish. */
export interface HostGrant {
  readonly units: readonly number[];
  /** Ports of those units that other processes have. */
  readonly lent: readonly number[];
  /** The port that was asked for came alone. */
  readonly isLent?: boolean;
  readonly refusal?: Refusal;
}

export type HostTell =
  | {
      readonly type: 'joined';
      readonly life: number;
      readonly lost: readonly number[];
      /** Ports of its units that other processes have, and no more. */
      readonly lent: readonly number[];
    }
  | { readonly type: 'refused'; readonly reason: string }
  | ({ readonly type: 'answer'; readonly id: number } & HostGrant)
  /** Another process wants that port of a unit that this one leases. */
  | { readonly type: 'lend'; readonly id: number; readonly port: number }
  /** Nobody else has it any more. */
  | { readonly type: 'returned'; readonly port: number }
  /** Units are wanted that the process may have to spare. */
  | { readonly type: 'recall' }
  | { readonly type: 'shares'; readonly shares: HostShares };

/** Who has how many units, as the coordinator sees it. */
export interface HostShares {
  /** The coordinator's process. */
  readonly coordinator: number;
  readonly free: number;
  /** Of processes that have ended. */
  readonly resting: number;
  readonly processes: readonly { readonly pid: number; readonly leased: number }[];
}

/** What became of a wish for more ports. */
export type HostAnswer =
  | {
      readonly ok: true;
      /** Units that came; 0: the host has none to spare. */
      readonly units: number;
      /** The port that was asked for came alone. */
      readonly isLent?: boolean;
      /** What other processes hold, as a sentence's end. */
      readonly others: string;
    }
  | { readonly ok: false; readonly code: ErrorCode; readonly reason: string };

/** Asks for units, or for one port, counted from the first, of the pool with that id. */
export type WantPorts = (pool: string, port?: number) => Promise<HostAnswer>;

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const areUnits = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every(isCount);

/** `undefined` for what is none: its sender is no process of this kind. */
export function askOf(given: unknown): HostAsk | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  const ask = given as Partial<Record<string, unknown>>;
  if (ask['type'] === 'join') {
    const numbers = [ask['seat'], ask['life'], ask['pid']].every(isCount);
    const isWhole = numbers && areUnits(ask['units']) && typeof ask['settings'] === 'object';
    return isWhole && areUnits(ask['borrowed']) ? (given as HostAsk) : undefined;
  }
  if (!isCount(ask['id'])) return undefined;
  if (isOne(ask)) return given as HostAsk;
  const isAcquire = ask['type'] === 'acquire' && isCount(ask['count']);
  return isAcquire && typeof ask['unit'] === 'number' ? (given as HostAsk) : undefined;
}

function isOne({ type, units, port, outcome }: Partial<Record<string, unknown>>): boolean {
  if (type === 'release') return areUnits(units);
  if (!isCount(port)) return false;
  if (type === 'lent') return lendOutcomes.some((known) => known === outcome);
  return type === 'borrow' || type === 'return';
}
