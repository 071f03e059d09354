/** What is known of a cluster from its shared memory: no node is asked, and none is waited for. */
import type { CarrierName, NodeId, Tuple, VipaName } from '../../actors/vocabulary.ts';
import { LeaseKeys } from '../ports/lease-keys.ts';
import { holderIn } from '../ports/shared-leases.ts';
import { TupleTable } from '../ports/tuple-table.ts';
import { carrierNames } from '../transfer/route-reports.ts';
import type { Configuration } from './configuration.ts';
import type { SharedMemory } from './shared-memory.ts';

/** One transferred connection, from the copy that survives any node (CT-10). */
export interface ClusterRoute extends Tuple {
  readonly vipa: string;
  /** The node that accepted it, and the number that it gave. */
  readonly origin: string;
  readonly number: number;
  readonly owner: string;
  readonly epoch: number;
  readonly hops: number;
  readonly carrier: CarrierName;
  /** Milliseconds since its last move. */
  readonly ageMs: number;
}

/** A VIPA's endpoint and the node that owns it; `undefined` while none does. */
export interface ClusterVipa {
  readonly vipa: string;
  readonly address: string;
  readonly port: number;
  readonly owner: string | undefined;
}

export class ClusterView {
  readonly #configuration: Configuration;
  readonly #memory: SharedMemory;

  constructor(configuration: Configuration, memory: SharedMemory) {
    this.#configuration = configuration;
    this.#memory = memory;
  }

  routes(): readonly ClusterRoute[] {
    const { nodes, vipas, ranges } = this.#configuration;
    const names = [...vipas, ...ranges].map(({ name }) => name);
    const now = Date.now();
    return [...new TupleTable(this.#memory.routes, 0).rows()].map(({ tuple, row }) => ({
      ...tuple,
      vipa: names[row.vipa] ?? '',
      origin: nodes[row.origin]?.id ?? '',
      number: row.number,
      owner: nodes[row.owner]?.id ?? '',
      epoch: row.epoch,
      hops: row.hops,
      carrier: carrierNames[row.carrier] ?? 'none',
      ageMs: Math.max(0, now - row.movedAtMs),
    }));
  }

  /** By the coupling facility's word; `ports` are those of endpoints on a port of any number. */
  vipas(
    living: readonly string[],
    ports: (vipa: VipaName) => number | undefined,
  ): readonly ClusterVipa[] {
    const { nodes, vipas, ranges } = this.#configuration;
    const keys = new LeaseKeys(vipas, ranges);
    // The lease of a node that has ended stands until another takes it.
    const holderOf = (name: VipaName) =>
      nodes[holderIn(this.#memory.leases, keys.indexOf(name))]?.id;
    return vipas.map(({ name, address, port }) => ({
      vipa: name,
      address,
      port: ports(name) ?? port,
      owner: living.find((node) => node === holderOf(name)),
    }));
  }

  /** How many clients of others a node relays. */
  relayedBy(node: NodeId): number {
    const index = this.indexOf(node);
    return new TupleTable(this.#memory.routes, index).countRelayedBy(index);
  }

  indexOf(node: NodeId): number {
    return this.#configuration.nodes.findIndex(({ id }) => id === node);
  }
}
