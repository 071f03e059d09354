/** What a data port knows of itself, its paths and targets (DP-8), is told, and ends by. */
import type { Epoch, NodeId, Refusal } from '../vocabulary.ts';
import type { FailoverMode } from './failover.ts';
import type { PathLimits } from './reset.ts';

export interface DataPortLimits extends PathLimits {
  /** How long its target may take to answer when it is opened, and each candidate. */
  readonly openMs: number;
  /** Without any path for so long, it is given up. */
  readonly abandonMs: number;
  /** How long what was accepted may take to be applied when it is closed. */
  readonly drainMs: number;
}
export interface DataPortInput {
  /** The node at the other end. */
  readonly target: NodeId;
  readonly epoch: Epoch;
  readonly links: number;
  readonly backups: readonly NodeId[];
  readonly failover: FailoverMode;
  readonly limits: DataPortLimits;
}
export interface DataPort extends DataPortInput {
  /** The target that it was opened to: where `failback` leads. */
  readonly primary: NodeId;
  /** Targets that it has left: not to be used again until somebody says so. */
  readonly left: readonly NodeId[];
  /** Where it is told to go. */
  readonly to: NodeId | undefined;
  readonly isDecided: boolean;
  /** Whether it has been open: before that nobody has it. */
  readonly isOpened: boolean;
  /** Whether its clients have yet to be told that this target has answered. */
  readonly hasMoved: boolean;
  readonly up: readonly number[];
  /** Paths that could not be established when they were tried last. */
  readonly dead: readonly number[];
  readonly refusal: Refusal;
}
export type DataPortEvent =
  | { type: 'path.up'; path: number } // facts of the logical connections
  | { type: 'path.down'; path: number }
  | { type: 'path.dead'; path: number }
  | { type: 'path.refused'; path: number; refusal: Refusal }
  | { type: 'path.suspected'; path: number }
  | { type: 'path.trusted'; path: number }
  | { type: 'target.chosen'; target: NodeId; epoch: Epoch } // of the failover
  | { type: 'session.drained' } // facts of the session
  | { type: 'peer.closed' }
  | { type: 'session.fenced' }
  | { type: 'target.doubted' } // of the membership: it holds the target for dead
  | { type: 'failover'; to?: NodeId | undefined } // commands of the client
  | { type: 'failback' }
  | { type: 'reset'; path: number }
  | { type: 'close' };
export type DataPortOutput = { outcome: 'closed' } | (Refusal & { outcome: 'failed' });

/** Where a client wants the port to go; nowhere in particular: to the next backup. */
export interface FailoverOrder {
  readonly to: NodeId | undefined;
}

export const silent: Refusal = {
  code: 'IPX_PORT_UNREACHABLE',
  reason: 'No address of it answers.',
};
export const abandoned: Refusal = {
  code: 'IPX_PORT_LOST',
  reason: 'No path to the other end was left for too long.',
};
export const fenced: Refusal = {
  code: 'IPX_PORT_FENCED',
  reason: 'The other end has gone on under a later epoch.',
};
/** A path's actor; each epoch has its own. */
export const idOf = (epoch: Epoch, path: number) => `path.${epoch}.${path}`;
export const indexes = (count: number) => Array.from({ length: count }, (_, path) => path);
export const without = (paths: readonly number[], path: number) =>
  paths.filter((other) => other !== path);
export const withPath = (paths: readonly number[], path: number) =>
  [...without(paths, path), path].toSorted((one, other) => one - other);
/** Where it may go, in this order. */
export const candidatesOf = ({ to, backups, left, target }: DataPort): readonly NodeId[] => {
  const others = backups.filter((node) => node !== target && node !== to && !left.includes(node));
  return to === undefined ? others : [to, ...others];
};
