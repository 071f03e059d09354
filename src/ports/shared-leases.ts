/**
 * Leases in memory that threads share: a word a key, swapped whole.
 *
 *   epoch << 8 | holder + 1      0 in the low byte: nobody holds it
 *
 * Epochs wrap at 2^23; a key would have to change hands that often while one node sleeps.
 */
import type { Epoch, NodeId } from '../../actors/vocabulary.ts';
import type { Links } from '../runtime/links.ts';
import type { Lease, Leases } from './coupling-facility.ts';
import type { LeaseKeys } from './lease-keys.ts';

export const leaseMemory = (keyCount: number): SharedArrayBuffer =>
  new SharedArrayBuffer(Math.max(1, keyCount) * Int32Array.BYTES_PER_ELEMENT);

export interface SharedLeasesOptions {
  readonly memory: SharedArrayBuffer;
  readonly node: NodeId;
  readonly nodes: readonly NodeId[];
  /** Those that live when it begins: what the others held is free. */
  readonly living: readonly NodeId[];
  readonly keys: LeaseKeys;
  readonly links: Links;
}

export class SharedLeases implements Leases {
  readonly #words: Int32Array;
  readonly #options: SharedLeasesOptions;
  readonly #dead: Set<NodeId>;
  readonly #listeners = new Map<string, Set<() => void>>();

  constructor(options: SharedLeasesOptions) {
    this.#options = options;
    this.#words = new Int32Array(options.memory);
    this.#dead = new Set(options.nodes.filter((node) => !options.living.includes(node)));
    this.#forsake();
    options.links.subscribe({
      onOpen: (peer) => this.#dead.delete(peer),
      onLost: (peer) => {
        this.#dead.add(peer);
        for (const key of this.#listeners.keys()) this.#notify(key);
      },
      onMessage: (_from, message) => {
        if (message.type !== 'lease.changed') return false;
        this.#notify(message.key);
        return true;
      },
    });
  }

  acquire(key: string): Promise<Lease | undefined> {
    const { node, nodes, keys } = this.#options;
    const at = keys.indexOf(key);
    const word = Atomics.load(this.#words, at);
    const holder = nodes[(word & 0xff) - 1];
    const isFree = holder === undefined || holder === node || this.#dead.has(holder);
    const epoch = ((word >>> 8) + 1) & 0x7f_ffff;
    const taken = this.#wordOf(epoch as Epoch);
    if (!isFree || Atomics.compareExchange(this.#words, at, word, taken) !== word) {
      return Promise.resolve(undefined);
    }
    this.#tell(key);
    return Promise.resolve({ key, holder: node, epoch: epoch as Epoch });
  }

  release({ key, epoch }: Pick<Lease, 'key' | 'epoch'>): Promise<void> {
    const held = this.#wordOf(epoch);
    const at = this.#options.keys.indexOf(key);
    if (Atomics.compareExchange(this.#words, at, held, epoch << 8) === held) this.#tell(key);
    return Promise.resolve();
  }

  isCurrent({ key, epoch }: Pick<Lease, 'key' | 'epoch'>): boolean {
    return Atomics.load(this.#words, this.#options.keys.indexOf(key)) === this.#wordOf(epoch);
  }

  watch(key: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /**
   * What an earlier life of this node held, it holds no more: once it counts as living again nobody
   * else could take it. Whoever was denied asks again by itself.
   */
  #forsake(): void {
    for (let at = 0; at < this.#options.keys.size; at++) {
      const word = Atomics.load(this.#words, at);
      const held = this.#wordOf((word >>> 8) as Epoch);
      if (word === held) Atomics.compareExchange(this.#words, at, word, word & ~0xff);
    }
  }

  #tell(key: string): void {
    this.#options.links.broadcast({ type: 'lease.changed', key });
    this.#notify(key);
  }

  #notify(key: string): void {
    for (const listener of this.#listeners.get(key) ?? []) listener();
  }

  #wordOf(epoch: Epoch): number {
    const { node, nodes } = this.#options;
    return (epoch << 8) | (nodes.indexOf(node) + 1);
  }
}

/** The index of the node that holds a key, read from outside any node; -1: nobody does. */
export const holderIn = (memory: SharedArrayBuffer, index: number): number =>
  (Atomics.load(new Int32Array(memory), index) & 0xff) - 1;
