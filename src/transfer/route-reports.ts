/**
 * What a stack says of the connections that it gives, takes and loses: to the stack that first
 * accepted each, whose routing table it is, and to the copy that survives any stack (CT-10).
 */
import type { NodeMessage } from '../../actors/protocol.ts';
import type {
  CarrierName,
  ConnectionDescription,
  Epoch,
  NodeId,
  VipaName,
} from '../../actors/vocabulary.ts';
import { limits } from '../limits.ts';
import type { TupleTable } from '../ports/tuple-table.ts';
import type { Links } from '../runtime/links.ts';
import type { Client } from './client.ts';
import { RoutingTable } from './routing-table.ts';

export interface RouteReportsOptions {
  readonly node: NodeId;
  readonly nodes: readonly NodeId[];
  readonly vipas: readonly VipaName[];
  readonly links: Links;
  readonly copies: TupleTable;
}

/** Carriers by their number in the copy's rows. APPEND ONLY. */
export const carrierNames = ['none', 'descriptor', 'relay'] as const;

export class RouteReports {
  /** Connections that this stack accepted and that have moved. */
  readonly table = new RoutingTable();
  readonly #options: RouteReportsOptions;
  /** By VIPA: what the copy said of other stacks' connections, and when. */
  readonly #others = new Map<VipaName, { atMs: number; counts: ReadonlyMap<number, number> }>();
  /** Moves that found no place in the copy; they work, and would not survive their stack. */
  uncopied = 0;

  constructor(options: RouteReportsOptions) {
    this.#options = options;
    options.links.subscribe({
      onMessage: (from, message) => this.#hear(from, message),
      onLost: (peer) => {
        this.table.endAllOf(peer);
        const { nodes, copies, links } = options;
        // What a node of this process left is cleared away from outside.
        if (!links.isHere(peer) && nodes.includes(peer)) copies.removeOwnedBy(nodes.indexOf(peer));
      },
    });
  }

  /**
   * Takes back what the copy still knows of connections that an earlier stack of this node
   * accepted. Returns the highest number that it gave.
   */
  restore(): number {
    const { node, nodes, vipas, copies } = this.#options;
    let last = 0;
    for (const { tuple, row } of copies.rows()) {
      const owner = nodes[row.owner];
      const vipa = vipas[row.vipa];
      if (nodes[row.origin] !== node || owner === undefined || vipa === undefined) continue;
      const { number, hops, movedAtMs } = row;
      last = Math.max(last, number);
      const connection = { origin: node, number, vipa, tuple, hops, hopsSilent: 0 };
      this.table.move({
        connection: { ...connection, epoch: row.epoch as Epoch },
        owner,
        carrier: carrierNames[row.carrier] ?? 'none',
        movedAtMs,
      });
    }
    return last;
  }

  /**
   * How many connections a node serves, as an owner of that VIPA knows: those that this stack
   * accepted, at once; those that earlier owners of the VIPA did, from the copy, by and by (CT-18).
   */
  countOf(owner: NodeId, vipa: VipaName): number {
    const { nodes } = this.#options;
    return this.table.countOf(owner) + (this.#othersOf(vipa).get(nodes.indexOf(owner)) ?? 0);
  }

  #othersOf(vipa: VipaName): ReadonlyMap<number, number> {
    const known = this.#others.get(vipa);
    const atMs = performance.now();
    if (known && atMs - known.atMs < limits.recountMs) return known.counts;
    const { node, nodes, vipas, copies } = this.#options;
    const counts = copies.ownersOf(vipas.indexOf(vipa), nodes.indexOf(node));
    this.#others.set(vipa, { atMs, counts });
    return counts;
  }

  /** A connection was given to `owner`. If it was accepted here, the table knows at once. */
  given(connection: ConnectionDescription, owner: NodeId, carrier: CarrierName): void {
    this.#copyElsewhere(connection, owner, carrier);
    if (connection.origin !== this.#options.node) return;
    this.table.move({ connection, owner, carrier, movedAtMs: Date.now() });
  }

  /** A connection was taken here from `giver`. */
  taken({ connection, carrier, relay }: Client, giver: NodeId): void {
    const { node, nodes, links } = this.#options;
    const { origin } = connection;
    const movedAtMs = Date.now();
    this.#copy(connection, node, carrier, relay && nodes.indexOf(relay.owner));
    if (origin === node) this.table.move({ connection, owner: node, carrier, movedAtMs });
    else if (origin !== giver) {
      links.send(origin, { type: 'route.moved', connection, owner: node, carrier });
    }
  }

  /** A connection has ended here. One that never moved is in no table. */
  end({ origin, number, epoch, hops, tuple }: ConnectionDescription): void {
    if (hops === 0) return;
    const { node, nodes, links, copies } = this.#options;
    copies.remove(tuple, { origin: nodes.indexOf(origin), number, epoch });
    if (origin === node) this.table.end(number, epoch);
    else links.send(origin, { type: 'route.closed', number, epoch });
  }

  #copy(
    { origin, number, epoch, hops, tuple, vipa }: ConnectionDescription,
    owner: NodeId,
    carrier: CarrierName,
    relayedBy?: number,
  ): void {
    const { nodes, vipas, copies } = this.#options;
    const row = {
      origin: nodes.indexOf(origin),
      owner: nodes.indexOf(owner),
      vipa: vipas.indexOf(vipa),
      carrier: carrierNames.indexOf(carrier),
      relayedBy,
      number,
      epoch,
      hops,
      movedAtMs: Date.now(),
    };
    // What the configuration of this process does not name has no number in its memory.
    const isNamed = row.origin >= 0 && row.owner >= 0 && row.vipa >= 0;
    if (!isNamed || !copies.put(tuple, row)) this.uncopied += 1;
  }

  /**
   * A copy is the owner's to keep; of a connection that is owned in another process, its origin's,
   * if that is here.
   */
  #copyElsewhere(connection: ConnectionDescription, owner: NodeId, carrier: CarrierName): void {
    const { node, nodes, links, copies } = this.#options;
    const { origin, number, epoch, tuple } = connection;
    if (links.isHere(owner)) return;
    if (!links.isHere(origin))
      copies.remove(tuple, { origin: nodes.indexOf(origin), number, epoch });
    const isNewer = (copies.get(tuple)?.epoch ?? 0) < epoch;
    if (origin === node && isNewer) this.#copy(connection, owner, carrier, nodes.indexOf(node));
  }

  #hear(from: NodeId, message: NodeMessage): boolean {
    if (message.type === 'route.closed') {
      this.#forgetElsewhere(from, message);
      this.table.end(message.number, message.epoch);
      return true;
    }
    if (message.type !== 'route.moved') return false;
    const { connection, carrier } = message;
    this.#copyElsewhere(connection, from, carrier);
    this.table.move({ connection, owner: from, carrier, movedAtMs: Date.now() });
    return true;
  }

  /** It has ended at a node that cannot clear the copy away, which is kept here. */
  #forgetElsewhere(owner: NodeId, { number, epoch }: { number: number; epoch: Epoch }): void {
    const { node, nodes, links, copies } = this.#options;
    const route = links.isHere(owner) ? undefined : this.table.get(number);
    if (route)
      copies.remove(route.connection.tuple, { origin: nodes.indexOf(node), number, epoch });
  }
}
