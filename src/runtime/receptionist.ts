/** The actors that a node knows of, its own and others', by name and by kind (AF-4). */
import type { NodeId } from '../../actors/vocabulary.ts';
import { InterplexError } from '../errors.ts';
import { requireListener } from '../options.ts';
import type { ActorReference } from './actor-reference.ts';
import { tellEach } from '../listeners.ts';

/** One name, or all actors of a kind. */
export type ActorWish = { readonly name: string } | { readonly kind: string };
export type ActorsListener = (found: readonly ActorReference[]) => void;

interface Listing {
  readonly reference: ActorReference;
  readonly kind: string | undefined;
}

export class Receptionist {
  readonly #node: NodeId;
  readonly #listings = new Map<string, Listing>();
  /** By name and by kind, the addresses. */
  readonly #addresses = new Map<string, Set<string>>();
  readonly #listeners = new Map<string, Set<ActorsListener>>();

  constructor(node: NodeId) {
    this.#node = node;
  }

  has(address: string): boolean {
    return this.#listings.has(address);
  }

  add(reference: ActorReference, kind: string | undefined): void {
    const listing = { reference, kind };
    this.#listings.set(reference.address, listing);
    for (const key of keysOf(listing)) {
      const addresses = this.#addresses.get(key) ?? new Set();
      this.#addresses.set(key, addresses.add(reference.address));
    }
    this.#tell(listing);
  }

  /** False: it was not listed. */
  remove(address: string): boolean {
    const listing = this.#listings.get(address);
    if (!listing) return false;
    this.#listings.delete(address);
    for (const key of keysOf(listing)) {
      const addresses = this.#addresses.get(key);
      addresses?.delete(address);
      if (addresses?.size === 0) this.#addresses.delete(key);
    }
    this.#tell(listing);
    return true;
  }

  /** Those of this node first. Throws IPX_OPTION_INVALID. */
  find(wish: ActorWish): readonly ActorReference[] {
    requireWish(wish);
    const found = [...(this.#addresses.get(keyOf(wish)) ?? [])].flatMap((address) => {
      const listing = this.#listings.get(address);
      return listing ? [listing.reference] : [];
    });
    const isOwn = ({ node }: ActorReference) => Number(node !== this.#node);
    return found.toSorted((one, other) => isOwn(one) - isOwn(other));
  }

  addressesAt(node: NodeId): readonly string[] {
    const all = [...this.#listings.values()];
    return all.flatMap(({ reference }) => (reference.node === node ? [reference.address] : []));
  }

  /** Calls back now, and after each change. Returns how to stop. Throws as `find` does. */
  subscribe(wish: ActorWish, listener: ActorsListener): () => void {
    requireWish(wish);
    requireListener('subscribe()', listener);
    const key = keyOf(wish);
    const listeners = this.#listeners.get(key) ?? new Set();
    const subscriber: ActorsListener = (found) => listener(found);
    this.#listeners.set(key, listeners.add(subscriber));
    listener(this.find(wish));
    return () => {
      // Said twice, it must not end what another began meanwhile.
      if (listeners.delete(subscriber) && listeners.size === 0) this.#listeners.delete(key);
    };
  }

  #tell({ reference: { name }, kind }: Listing): void {
    const wishes = kind === undefined ? [{ name }] : [{ name }, { kind }];
    for (const wish of wishes) {
      const listeners = this.#listeners.get(keyOf(wish));
      if (listeners) tellEach([...listeners], this.find(wish));
    }
  }
}

function requireWish(wish: Partial<Record<'name' | 'kind', unknown>> | undefined): void {
  if (typeof wish?.name === 'string' || typeof wish?.kind === 'string') return;
  const sentence = 'Actors are found by name or by kind: give { name } or { kind }, a string.';
  throw new InterplexError('IPX_OPTION_INVALID', sentence);
}

const keyOf = (wish: ActorWish) => ('name' in wish ? `name ${wish.name}` : `kind ${wish.kind}`);

const keysOf = ({ reference: { name }, kind }: Listing) =>
  kind === undefined ? [keyOf({ name })] : [keyOf({ name }), keyOf({ kind })];
