/**
 * Where nodes take data ports, by the cluster destination address table (DP-2). A row is its node's
 * own (CM-5): there each node publishes where it listens, at each of its adapters. What handshakes
 * taught of others is this observer's knowledge, is written into no row, and is asked after it.
 */
import { LearntAddresses, type AddressBook, type NodeAddress } from './address-book.ts';

/** The table, as far as data ports need it. */
export interface PortTable {
  /** Of the node's row, in its order. */
  placesOf(node: string): readonly NodeAddress[];
  /** Tells whose row has changed. Returns what ends that. */
  subscribe(listener: (node: string) => void): () => void;
}

export class TableAddresses implements AddressBook {
  readonly #table: PortTable;
  readonly #learnt = new LearntAddresses();

  constructor(table: PortTable) {
    this.#table = table;
  }

  addressesOf(node: string): readonly NodeAddress[] {
    const published = this.#table.placesOf(node);
    const isPublished = ({ address, port }: NodeAddress) =>
      published.some((other) => other.address === address && other.port === port);
    const learnt = this.#learnt.addressesOf(node).filter((place) => !isPublished(place));
    return [...published, ...learnt];
  }

  learn(node: string, addresses: readonly NodeAddress[]): void {
    this.#learnt.learn(node, addresses);
  }

  whenKnown(node: string, callback: () => void): () => void {
    let isOver = false;
    const stop = () => {
      isOver = true;
      stopTable();
      stopLearnt();
    };
    const look = () => {
      if (isOver || this.addressesOf(node).length === 0) return;
      stop();
      callback();
    };
    const stopTable = this.#table.subscribe((changed) => changed === node && look());
    // Later, since it may call back at once, when nothing can be stopped yet.
    const stopLearnt = this.#learnt.whenKnown(node, () => queueMicrotask(look));
    look();
    return stop;
  }
}
