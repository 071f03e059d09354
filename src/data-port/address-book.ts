/** Where nodes take data ports: what is known of each, however it was learnt (DP-2). */
import { limits } from '../limits.ts';

export interface NodeAddress {
  readonly address: string;
  readonly port: number;
}

export interface AddressBook {
  addressesOf(node: string): readonly NodeAddress[];
  /** What the node itself has said takes the place of what was known. */
  learn(node: string, addresses: readonly NodeAddress[]): void;
  /** Calls back once, when anything is known of the node. Returns how to stop waiting. */
  whenKnown(node: string, callback: () => void): () => void;
}

export class LearntAddresses implements AddressBook {
  readonly #known = new Map<string, readonly NodeAddress[]>();
  readonly #waiting = new Set<{ node: string; callback: () => void }>();

  addressesOf(node: string): readonly NodeAddress[] {
    return this.#known.get(node) ?? [];
  }

  learn(node: string, addresses: readonly NodeAddress[]): void {
    if (addresses.length === 0) return;
    this.#known.delete(node);
    this.#known.set(node, addresses.slice(0, limits.nodeAddressesMax));
    const [oldest] = this.#known.keys();
    if (this.#known.size > limits.nodesKnownMax && oldest !== undefined) this.#known.delete(oldest);
    for (const waiting of this.#waiting) {
      if (waiting.node !== node) continue;
      this.#waiting.delete(waiting);
      waiting.callback();
    }
  }

  whenKnown(node: string, callback: () => void): () => void {
    const waiting = { node, callback };
    this.#waiting.add(waiting);
    if (this.addressesOf(node).length > 0) {
      this.#waiting.delete(waiting);
      callback();
    }
    return () => this.#waiting.delete(waiting);
  }
}
