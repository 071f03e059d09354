/**
 * The routing table of one stack: where each connection that it first accepted is now (CT-10).
 * Owners report moves and ends over links of their own, so a report may overtake an earlier one:
 * the epoch decides, and an ended connection is remembered until its stragglers must be in.
 */
import type { CarrierName, ConnectionDescription, Epoch, NodeId } from '../../actors/vocabulary.ts';

/** One transferred connection. */
export interface Route {
  readonly connection: ConnectionDescription;
  readonly owner: NodeId;
  readonly carrier: CarrierName;
  /** Milliseconds since 1970 at which it last moved. */
  readonly movedAtMs: number;
}

/** Ends remembered: more than can be overtaken while every node's window of transfers is full. */
const endsMax = 65_536;

export class RoutingTable {
  readonly #routes = new Map<number, Route>();
  readonly #ends = new Map<number, Epoch>();
  readonly #counts = new Map<NodeId, number>();

  /** A connection has moved to `route.owner`. An older epoch than the known one changes nothing. */
  move(route: Route): void {
    const { number, epoch } = route.connection;
    const known = this.#routes.get(number)?.connection.epoch ?? this.#ends.get(number);
    if (known !== undefined && known > epoch) return;
    if (this.#ends.has(number)) return;
    this.#count(this.#routes.get(number)?.owner, -1);
    this.#count(route.owner, 1);
    this.#routes.set(number, route);
  }

  /** A connection has ended at the owner of `epoch`. */
  end(number: number, epoch: Epoch): void {
    const route = this.#routes.get(number);
    if (route && route.connection.epoch > epoch) return; // Not the owner's word any more.
    if (this.#routes.delete(number)) this.#count(route?.owner, -1);
    this.#ends.set(number, epoch);
    if (this.#ends.size <= endsMax) return;
    const [oldest] = this.#ends.keys();
    if (oldest !== undefined) this.#ends.delete(oldest);
  }

  /** What a lost node owned has ended with it. Returns how many. */
  endAllOf(owner: NodeId): number {
    let count = 0;
    for (const [number, route] of this.#routes) {
      if (route.owner !== owner) continue;
      this.end(number, route.connection.epoch);
      count += 1;
    }
    return count;
  }

  get(number: number): Route | undefined {
    return this.#routes.get(number);
  }

  /** How many a node owns. */
  countOf(owner: NodeId): number {
    return this.#counts.get(owner) ?? 0;
  }

  get size(): number {
    return this.#routes.size;
  }

  rows(): readonly Route[] {
    return [...this.#routes.values()];
  }

  #count(owner: NodeId | undefined, change: 1 | -1): void {
    if (owner !== undefined) this.#counts.set(owner, this.countOf(owner) + change);
  }
}
