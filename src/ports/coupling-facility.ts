/**
 * The coupling facility: what every stack can reach and none owns. Small, and asynchronous, so
 * that etcd fits it: a lease is a transaction on a key, its epoch the store's revision.
 */
import type { Epoch, NodeId } from '../../actors/vocabulary.ts';

/** The right to act for a key, until it is released or its holder is dead. */
export interface Lease {
  readonly key: string;
  readonly holder: NodeId;
  /** Higher than that of every lease of the key before: it fences whoever held one. */
  readonly epoch: Epoch;
}

export interface Leases {
  /** Settles with the lease, or `undefined` while another that lives holds it. */
  acquire(key: string): Promise<Lease | undefined>;
  /** Gives it back. A lease that is not current any more is left alone. */
  release(lease: Pick<Lease, 'key' | 'epoch'>): Promise<void>;
  /** Whether nobody has taken it since: asked before each act under it. */
  isCurrent(lease: Pick<Lease, 'key' | 'epoch'>): boolean;
  /** Calls back when the lease of a key was released or taken. Returns how to stop. */
  watch(key: string, listener: () => void): () => void;
}
