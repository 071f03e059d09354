/** What a messenger tells of: every change, with its reason. */
import type { NodeId, Refusal } from '../../actors/vocabulary.ts';
import type { Row } from './row.ts';

export type MemberStatus = 'joining' | 'alive' | 'suspect' | 'dead' | 'left';
export type PathStatus = 'reachable' | 'suspect' | 'unreachable' | 'probation';

/** One node, as this observer sees it (CM-6). */
export interface Member {
  readonly node: NodeId;
  readonly incarnation: number;
  readonly status: MemberStatus;
  readonly reason: string;
  /** Milliseconds of the clock of the messenger. */
  readonly since: number;
}

/** One adapter of another node, as this observer sees it (CM-6). */
export interface ObservedAdapter {
  readonly node: NodeId;
  readonly address: string;
  readonly port: number;
  readonly status: PathStatus;
  readonly reason: string;
  readonly since: number;
  readonly roundTripMs: number;
}

export type MessagingEvent =
  | ({ readonly type: 'member.changed' } & Member)
  | ({ readonly type: 'path.changed' } & ObservedAdapter)
  /** A row is new, or another; `undefined`: its tombstone has expired. */
  | {
      readonly type: 'row.changed';
      readonly node: NodeId;
      readonly row: Row | undefined;
      readonly hash: string;
    }
  | {
      readonly type: 'adapter.opened';
      readonly address: string;
      readonly port: number;
      /** False: the platform cannot give its datagrams the class of service of its row (CM-2). */
      readonly isMarked: boolean;
    }
  | { readonly type: 'adapter.failed'; readonly address: string; readonly refusal: Refusal }
  | {
      readonly type: 'seed.silent';
      readonly seed: string;
      readonly attempts: number;
      readonly againInMs: number;
    }
  | { readonly type: 'seed.answered'; readonly seed: string }
  /** This node's own event loop stood still: for a while it accuses nobody. */
  | { readonly type: 'self.lagged'; readonly lateMs: number }
  /** Others declared this node gone, or its earlier life was known: it has written a later row. */
  | { readonly type: 'self.refuted'; readonly incarnation: number; readonly version: number }
  /** Another node that lives has this one's name, and was there first: this one has closed. */
  | { readonly type: 'self.displaced'; readonly refusal: Refusal }
  | { readonly type: 'key.rotated' };
