/**
 * The coupling facility: what every stack can reach and none owns. Small, and asynchronous, so
 * that etcd fits it: a lease is a transaction on a key, its epoch the store's revision. `Leases`
 * are of given keys, as a VIPA; `UnitLeases` are of any of many alike, the ports of a pool.
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

/** A unit of a pool of ports: a block, or one port. */
export interface UnitLease {
  readonly unit: number;
  /** Of the holder's life: what a life that is over held is current no more. */
  readonly epoch: number;
  /** Ports of it, counted from the first, that others had before and still have. */
  readonly lent?: readonly number[];
}

/** One holder's view of the units of a pool. When it has ended, they rest and are then free. */
export interface UnitLeases {
  /**
   * Up to that many, or that very one; none where none is to be had. Rejects with IPX_PORTS_LOST
   * while nobody can say.
   */
  acquire(wanted: { readonly count: number } | { readonly unit: number }): Promise<UnitLease[]>;
  /** None of their ports is in use or at rest. Those that are not current are left alone. */
  release(leases: readonly UnitLease[]): Promise<void>;
  isCurrent(lease: UnitLease): boolean;
  /** Calls back when units are wanted that this holder may have to spare. Returns how to stop. */
  watch(listener: () => void): () => void;
}
