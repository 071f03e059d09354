/**
 * The actors of a node and those it hears of: each is told to every node when it begins and when
 * it has ended, so that finding one asks nobody, and watching one is a matter of listening.
 */
import type { NodeMessage } from '../../actors/protocol.ts';
import type { ActorEndReason, NodeId } from '../../actors/vocabulary.ts';
import { InterplexError } from '../errors.ts';
import { limits } from '../limits.ts';
import { formatAddress, parseAddress, requireName } from './actor-address.ts';
import type { ActorHost } from './actor-host.ts';
import type { ActorEnd, ActorReference } from './actor-reference.ts';
import type { Links } from './links.ts';
import { tellEach } from '../listeners.ts';
import { Receptionist } from './receptionist.ts';

export interface ActorDirectoryOptions {
  readonly node: NodeId;
  readonly links: Links;
  readonly referenceTo: (address: string) => ActorReference;
}

export class ActorDirectory {
  readonly receptionist: Receptionist;
  readonly #options: ActorDirectoryOptions;
  readonly #own = new Map<string, ActorHost>();
  readonly #names = new Set<string>();
  readonly #watchers = new Map<string, Set<(end: ActorEnd) => void>>();
  /** From the clock, finer than it: a restarted node gives no incarnation a second time. */
  #lastIncarnation = Date.now() * 1_000;

  constructor(options: ActorDirectoryOptions) {
    const { node, links } = options;
    this.#options = options;
    this.receptionist = new Receptionist(node);
    links.subscribe({
      onOpen: (peer) => {
        for (const host of this.#own.values()) links.send(peer, beginningOf(host));
      },
      onMessage: (from, message) => this.#hear(from, message),
      onClose: (peer) => this.#loseNode(peer),
    });
  }

  get hosts(): Iterable<ActorHost> {
    return this.#own.values();
  }

  hostAt(address: string): ActorHost | undefined {
    return this.#own.get(address);
  }

  /** Throws IPX_ADDRESS_INVALID, IPX_NAME_TAKEN, IPX_ACTOR_LIMIT. */
  newReference(name: string): ActorReference {
    requireName(name);
    if (this.#names.has(name)) {
      const sentence = `An actor of this node is called "${name}" already: end it first.`;
      throw new InterplexError('IPX_NAME_TAKEN', sentence);
    }
    if (this.#own.size >= limits.actorsMax) {
      const sentence = `This node has ${limits.actorsMax} actors that others can reach: end some.`;
      throw new InterplexError('IPX_ACTOR_LIMIT', sentence);
    }
    const { node, referenceTo } = this.#options;
    this.#lastIncarnation += 1;
    return referenceTo(formatAddress({ node, name, incarnation: String(this.#lastIncarnation) }));
  }

  begin(host: ActorHost): void {
    this.#own.set(host.reference.address, host);
    this.#names.add(host.reference.name);
    this.receptionist.add(host.reference, host.kind);
    this.#options.links.broadcast(beginningOf(host));
  }

  cease(host: ActorHost, reason: ActorEndReason): void {
    const { address, name } = host.reference;
    if (!this.#own.delete(address)) return;
    this.#names.delete(name);
    this.#options.links.broadcast({ type: 'actor.ceased', address, reason });
    this.#end({ address, reason });
  }

  /** Whether an actor of this node had the address once. */
  wasHere(address: string): boolean {
    const { node, incarnation } = parseAddress(address);
    return node === this.#options.node && Number(incarnation) <= this.#lastIncarnation;
  }

  /** Calls back once. An address that nobody told of is asked for at its node. */
  watch(to: ActorReference, listener: (end: ActorEnd) => void): () => void {
    const { address, node } = to;
    const watchers = this.#watchers.get(address) ?? new Set();
    const watcher = (end: ActorEnd) => listener(end); // Its own, whoever else gave the same.
    this.#watchers.set(address, watchers.add(watcher));
    const isKnown = this.receptionist.has(address);
    if (!isKnown && !this.#options.links.send(node, { type: 'actor.sought', address })) {
      queueMicrotask(() => this.#end({ address, reason: 'nodeLost' }));
    }
    return () => {
      // Said twice, or after the end, it must not end what another began meanwhile.
      if (!watchers.delete(watcher) || watchers.size > 0) return;
      if (this.#watchers.get(address) === watchers) this.#watchers.delete(address);
    };
  }

  #end(end: ActorEnd): void {
    this.receptionist.remove(end.address);
    const watchers = this.#watchers.get(end.address);
    this.#watchers.delete(end.address);
    if (watchers) tellEach(watchers, end);
  }

  #loseNode(node: NodeId): void {
    const watched = [...this.#watchers.keys()].filter((key) => parseAddress(key).node === node);
    const lost = new Set([...this.receptionist.addressesAt(node), ...watched]);
    for (const address of lost) this.#end({ address, reason: 'nodeLost' });
  }

  #hear(from: NodeId, message: NodeMessage): boolean {
    switch (message.type) {
      case 'actor.begun':
        this.receptionist.add(this.#options.referenceTo(message.address), message.kind);
        return true;
      case 'actor.ceased':
        this.#end({ address: message.address, reason: message.reason });
        return true;
      case 'actor.sought': {
        const { address } = message;
        if (this.#own.has(address)) return true;
        const reason = this.wasHere(address) ? 'stopped' : 'unknown';
        this.#options.links.send(from, { type: 'actor.ceased', address, reason });
        return true;
      }
      default:
        return false;
    }
  }
}

const beginningOf = ({ reference: { address }, kind }: ActorHost): NodeMessage => ({
  type: 'actor.begun',
  address,
  ...(kind !== undefined && { kind }),
});
