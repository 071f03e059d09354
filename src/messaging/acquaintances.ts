/** Whom to gossip with, whom to probe, whom to ask: members at random, none forgotten for long. */
import type { NodeId } from '../../actors/vocabulary.ts';
import { limits } from '../limits.ts';
import { rowsOf, type AddressTable } from './address-table.ts';
import type { Directory } from './directory.ts';
import type { Peer } from './peer.ts';
import type { Peers } from './peers.ts';
import { orderFor } from './responsibilities.ts';
import type { Row } from './row.ts';

export class Acquaintances {
  readonly #directory: Directory;
  readonly #peers: Peers;
  readonly #random: (end: number) => number;
  #table: AddressTable | undefined;
  #rows: readonly Row[] = [];
  #present: readonly Row[] = [];
  #gone: readonly Row[] = [];
  /** Members in random order, of whom those before `#next` have had their turn (SWIM, 4.3). */
  #deck: NodeId[] = [];

  constructor(directory: Directory, peers: Peers, random: (end: number) => number) {
    this.#directory = directory;
    this.#peers = peers;
    this.#random = random;
  }

  /** So many others at random, each once. */
  some(count: number, besides?: NodeId): Peer[] {
    this.#look();
    const chosen = new Set<NodeId>();
    // Twice as many tries as are wanted: in a small cluster some names come up again.
    const rows = this.#reached();
    for (let tries = count * 4; tries > 0 && chosen.size < count; tries -= 1) {
      const row = rows[this.#random(rows.length)];
      if (row && row.node !== besides) chosen.add(row.node);
    }
    return this.#known(chosen);
  }

  /** The next ones in turn, so that each is met within a bounded time. */
  next(count: number): Peer[] {
    this.#look();
    const chosen = new Set<NodeId>();
    const most = Math.min(count, this.#reached().length);
    while (chosen.size < most) {
      if (this.#deck.length === 0) this.#deck = this.#shuffled();
      const node = this.#deck.pop();
      if (node !== undefined) chosen.add(node);
    }
    return this.#known(chosen);
  }

  /**
   * One that is declared gone, if this node is among those who look for it (CM-8): where a
   * partition has ended, nobody else would find out. A thousand would be too many; on each side of
   * a partition some are left.
   */
  oneGone(): Peer | undefined {
    this.#look();
    const row = this.#gone[this.#random(Math.max(1, this.#gone.length))];
    if (!row) return undefined;
    const seekers = orderFor(this.#rows, `look for ${row.node}`).slice(0, limits.seekersMax);
    return seekers.includes(this.#directory.self) ? this.#peers.of(row.node) : undefined;
  }

  /** Also who is declared gone and answers: after a partition all may be, for a while. */
  #reached(): readonly Row[] {
    if (this.#gone.length === 0) return this.#present;
    const answering = this.#gone.filter(({ node }) => {
      const status = this.#peers.known(node)?.status;
      return status === 'alive' || status === 'suspect';
    });
    return [...this.#present, ...answering];
  }

  #known(nodes: ReadonlySet<NodeId>): Peer[] {
    return [...nodes].flatMap((node) => this.#peers.of(node) ?? []);
  }

  #look(): void {
    const { table, self } = this.#directory;
    if (this.#table === table) return;
    this.#table = table;
    this.#rows = rowsOf(table);
    const others = this.#rows.filter(({ node }) => node !== self);
    this.#present = others.filter(({ status }) => status === 'present');
    this.#gone = others.filter(({ status }) => status === 'gone');
    const known = new Set(others.map(({ node }) => node));
    this.#deck = this.#deck.filter((node) => known.has(node));
  }

  #shuffled(): NodeId[] {
    const nodes = this.#reached().map(({ node }) => node);
    for (let last = nodes.length - 1; last > 0; last -= 1) {
      const other = this.#random(last + 1);
      const [one, two] = [nodes[last], nodes[other]];
      if (one === undefined || two === undefined) continue;
      nodes[last] = two;
      nodes[other] = one;
    }
    return nodes;
  }
}
