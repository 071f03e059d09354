/**
 * The cluster's messaging as its main thread has it: it owns no messenger, introduces the nodes of
 * this process to each other, and knows of the nodes of others by what its own tell.
 */
import type { NodeId } from '../../actors/vocabulary.ts';
import { limits } from '../limits.ts';
import type { Member } from '../messaging/events.ts';
import type { Row } from '../messaging/row.ts';
import { newClusterKey } from './new-messenger.ts';
import type { Introduction } from './node-messaging.ts';

/** A node of the cluster, as this process sees it. */
export interface ClusterMember {
  readonly node: string;
  /** Whether it runs in this process. */
  readonly here: boolean;
  readonly status: Member['status'];
  readonly reason: string;
}

export class ClusterMessaging {
  readonly #madeKey = newClusterKey();
  readonly #rows = new Map<NodeId, Row>();
  /** By observer: what it told last of each node of another process. */
  readonly #seen = new Map<NodeId, Map<NodeId, ClusterMember>>();
  readonly #told = new Map<NodeId, ClusterMember>();
  readonly #onChange: (member: ClusterMember) => void;

  constructor(onChange: (member: ClusterMember) => void) {
    this.#onChange = onChange;
  }

  /** One after another, so that each knows those before it. Rejects with what failed. */
  async introduce(
    nodes: readonly { readonly id: NodeId; meet(introduction: Introduction): Promise<Row> }[],
  ): Promise<void> {
    for (const node of nodes) {
      const rows = [...this.#rows.values()];
      this.#rows.set(node.id, await node.meet({ rows, madeKey: this.#madeKey }));
    }
  }

  /** What one of its nodes sees of a node of another process. */
  hear(observer: NodeId, { node, status, reason }: Member): void {
    const seen = this.#seen.get(observer) ?? new Map<NodeId, ClusterMember>();
    seen.delete(node); // Whoever was heard of last comes last.
    this.#seen.set(observer, seen.set(node, { node, here: false, status, reason }));
    this.#look();
    if (seen.size > limits.clusterNodesMax) this.#forgetOne(seen);
  }

  /** One of its own has ended: another's view counts from now on. */
  ended(observer: NodeId): void {
    this.#rows.delete(observer);
    this.#seen.delete(observer);
    if (this.#seen.size > 0) this.#look();
  }

  /** Those of this process that live, then the others, as the first of these sees them. */
  members(living: readonly string[]): readonly ClusterMember[] {
    const own = living.map((node): ClusterMember => {
      return { node, here: true, status: 'alive', reason: 'its thread runs' };
    });
    return [...own, ...this.#told.values()];
  }

  /** As many as a table has are remembered; of more, who was gone first is not. */
  #forgetOne(seen: Map<NodeId, ClusterMember>): void {
    for (const [node, { status }] of seen) {
      if (status !== 'left' && status !== 'dead') continue;
      seen.delete(node);
      if (![...this.#seen.values()].some((view) => view.has(node))) this.#told.delete(node);
      return;
    }
  }

  #look(): void {
    const [view] = this.#seen.values();
    for (const member of view?.values() ?? []) {
      const node = member.node as NodeId;
      const told = this.#told.get(node);
      if (told?.status === member.status) continue;
      this.#told.set(node, member);
      this.#onChange(member);
    }
  }
}
