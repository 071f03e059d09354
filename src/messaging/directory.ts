/**
 * The table as this node holds it: its own row, which it alone writes (CM-5), and what was merged
 * from others. What is said of itself by others, as that it is gone, it refutes by a later row.
 */
import type { NodeId } from '../../actors/vocabulary.ts';
import { limits } from '../limits.ts';
import {
  emptyTable,
  hashText,
  merged,
  rowOf,
  without,
  type AddressTable,
} from './address-table.ts';
import type { MessagingEvent } from './events.ts';
import type { AgedRow } from './frames.ts';
import { compareRows, incarnationMax, versionMax, type AdapterRow, type Row } from './row.ts';

export interface DirectoryWorld {
  readonly now: () => number;
  readonly tell: (event: MessagingEvent) => void;
  /** The row is another than before, and is to be passed on. */
  readonly onRow: (row: Row, former: Row | undefined) => void;
  readonly onExpired: (node: NodeId) => void;
  /** A row of this node that is not as it writes its own: of another life, dead or alive. */
  readonly onNamesake: (row: Row) => void;
}

export class Directory {
  readonly #world: DirectoryWorld;
  readonly self: NodeId;
  #table: AddressTable = emptyTable;
  #own: Row;
  /** By node, when its row became a tombstone, by this node's clock. */
  readonly #declaredAt = new Map<NodeId, number>();

  constructor(self: NodeId, incarnation: number, world: DirectoryWorld) {
    this.self = self;
    this.#world = world;
    this.#own = { node: self, incarnation, version: 0, status: 'present', adapters: [] };
  }

  get table(): AddressTable {
    return this.#table;
  }

  get own(): Row {
    return this.#own;
  }

  /** This node's adapters are others now: its row has a new version. */
  writeOwn(adapters: readonly AdapterRow[], status: 'present' | 'left' = 'present'): void {
    this.#write(this.#own, adapters, status);
  }

  /** A row of another node's table. False where it is no news. */
  put({ row, ageMs }: AgedRow): boolean {
    if (row.node === this.self) {
      if (!isAt(row, this.#own)) this.#world.onNamesake(row);
      return this.#refute(row);
    }
    const former = rowOf(this.#table, row.node);
    if (!former && this.#table.size >= limits.clusterNodesMax) return false;
    if (former && compareRows(row, former) === 0) this.#noteAge(row, ageMs);
    if (ageMs >= limits.tombstoneMs) return false;
    return this.#merge(row, former, ageMs);
  }

  /** How long a row has been a tombstone; 0 of one that is none. */
  aged(row: Row): AgedRow {
    const at = this.#declaredAt.get(row.node);
    return { row, ageMs: at === undefined ? 0 : this.#world.now() - at };
  }

  /** Tombstones go everywhere at about the same time, by the age that travels with them. */
  expire(): void {
    const before = this.#world.now() - limits.tombstoneMs;
    for (const [node, at] of this.#declaredAt) {
      if (at > before) continue;
      this.#declaredAt.delete(node);
      this.#table = without(this.#table, node);
      this.#tell(node, undefined);
      this.#world.onExpired(node);
    }
  }

  /** Of two ages the larger one holds: so ages merge like rows. */
  #noteAge({ node, status }: Row, ageMs: number): void {
    if (status === 'present') return;
    const at = this.#world.now() - ageMs;
    this.#declaredAt.set(node, Math.min(at, this.#declaredAt.get(node) ?? Infinity));
  }

  #merge(row: Row, former: Row | undefined, ageMs: number): boolean {
    const table = merged(this.#table, row);
    if (table === this.#table) return false;
    this.#table = table;
    this.#declaredAt.delete(row.node);
    this.#noteAge(row, ageMs);
    this.#tell(row.node, row);
    this.#world.onRow(row, former);
    return true;
  }

  /** CM-5: whatever others say of this node, its own word is the last one. */
  #refute(row: Row): boolean {
    if (compareRows(row, this.#own) <= 0) return false;
    const { adapters, status } = this.#own;
    this.#write(row, adapters, status === 'left' ? 'left' : 'present');
    const { incarnation, version } = this.#own;
    this.#world.tell({ type: 'self.refuted', incarnation, version });
    return true;
  }

  /** The row after `last`, of whoever that was. */
  #write(last: Row, adapters: readonly AdapterRow[], status: 'present' | 'left'): void {
    const isOfMyLife = last.incarnation === this.#own.incarnation && last.version < versionMax;
    const incarnation = isOfMyLife
      ? last.incarnation
      : Math.min(incarnationMax, Math.max(last.incarnation, this.#own.incarnation) + 1);
    const version = isOfMyLife ? last.version + 1 : 0;
    const former = rowOf(this.#table, this.self);
    this.#own = { node: this.self, incarnation, version, status, adapters };
    this.#merge(this.#own, former, 0);
  }

  #tell(node: NodeId, row: Row | undefined): void {
    const hash = hashText(this.#table.hash);
    this.#world.tell({ type: 'row.changed', node, row, hash });
  }
}

/** Whether all addresses of the one are the other's, too. */
const isAt = (one: Row, other: Row): boolean =>
  one.adapters.every(({ address, port }) =>
    other.adapters.some((adapter) => adapter.address === address && adapter.port === port),
  );
