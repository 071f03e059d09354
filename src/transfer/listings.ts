/**
 * Who listens where (CT-4, CT-13). `ControlPlane` is the small interface of listings; this form
 * of it tells the other nodes over the links, and starts anew with each link.
 */
import type { NodeMessage } from '../../actors/protocol.ts';
import type { NodeId, Target } from '../../actors/vocabulary.ts';
import type { Links } from '../runtime/links.ts';

export interface ControlPlane {
  /** An application of this node begins to listen. */
  announce(target: Target): void;
  /** It ceases to. */
  withdraw(target: Target): void;
  /** All that listen, here and at every node within reach, in the order of their node's name. */
  targets(): readonly Target[];
  /** Calls back after each change. */
  subscribe(listener: () => void): void;
}

const isSame = (a: Target, b: Target) =>
  a.node === b.node && a.application === b.application && a.vipa === b.vipa;

export class Listings implements ControlPlane {
  readonly #links: Links;
  readonly #listeners: (() => void)[] = [];
  #own: readonly Target[] = [];
  readonly #others = new Map<NodeId, readonly Target[]>();

  constructor(links: Links) {
    this.#links = links;
    links.subscribe({
      onOpen: (peer) => {
        for (const target of this.#own) links.send(peer, { type: 'listing.begun', target });
      },
      onMessage: (from, message) => this.#hear(from, message),
      onClose: (peer) => {
        if (this.#others.delete(peer)) this.#notify();
      },
    });
  }

  announce(target: Target): void {
    if (this.#own.some((other) => isSame(other, target))) return;
    this.#own = [...this.#own, target];
    this.#links.broadcast({ type: 'listing.begun', target });
    this.#notify();
  }

  withdraw(target: Target): void {
    const left = this.#own.filter((other) => !isSame(other, target));
    if (left.length === this.#own.length) return;
    this.#own = left;
    this.#links.broadcast({ type: 'listing.ceased', target });
    this.#notify();
  }

  targets(): readonly Target[] {
    const all = [...this.#own, ...[...this.#others.values()].flat()];
    return all.toSorted((a, b) => (a.node < b.node ? -1 : a.node > b.node ? 1 : 0));
  }

  subscribe(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #hear(from: NodeId, message: NodeMessage): boolean {
    if (message.type !== 'listing.begun' && message.type !== 'listing.ceased') return false;
    const others = this.#others.get(from) ?? [];
    const left = others.filter((other) => !isSame(other, message.target));
    // A node speaks for itself only.
    const isItsOwn = message.target.node === from && message.type === 'listing.begun';
    this.#others.set(from, isItsOwn ? [...left, message.target] : left);
    this.#notify();
    return true;
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}
