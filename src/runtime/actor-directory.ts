/**
 * Actors that can be reached from other threads, by address `node/name#incarnation` (AF-4). A
 * name is told to every node, so that finding one is a look-up and asks nobody.
 */
import type { EventObject } from 'xstate';
import type { NodeMessage } from '../../actors/protocol.ts';
import type { NodeId } from '../../actors/vocabulary.ts';
import { InterplexError } from '../errors.ts';
import { decodeState, encodeState } from '../wire/state.ts';
import type { Links } from './links.ts';

/** Whatever takes events: an XState actor, or a foreign one. */
export interface EventReceiver {
  send(event: EventObject): void;
}

/** An actor by its address, wherever it runs. */
export interface ActorReference extends EventReceiver {
  readonly address: string;
  readonly node: string;
}

/** The form of a name: a path of words. */
const nameForm = /^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/;

export class ActorDirectory {
  readonly #node: NodeId;
  readonly #links: Links;
  readonly #own = new Map<string, EventReceiver>();
  readonly #others = new Map<NodeId, Set<string>>();
  /** From the clock, finer than it: a restarted node gives no incarnation a second time. */
  #lastIncarnation = Date.now() * 1_000;
  /** Events that found no actor: it had ended, or never was (until dead letters can be heard). */
  undelivered = 0;

  constructor(node: NodeId, links: Links) {
    this.#node = node;
    this.#links = links;
    links.subscribe({
      onOpen: (peer) => {
        for (const address of this.#own.keys()) links.send(peer, { type: 'actor.begun', address });
      },
      onMessage: (from, message) => this.#hear(from, message),
      onClose: (peer) => this.#others.delete(peer),
    });
  }

  /**
   * Makes an actor reachable by name. Returns its reference, and how to end that. Throws
   * IPX_ADDRESS_INVALID, or IPX_NAME_TAKEN while another of this node has the name.
   */
  register(name: string, actor: EventReceiver): { reference: ActorReference; end: () => void } {
    if (!nameForm.test(name)) {
      const sentence = `"${name}" is no name for an actor: use words of A–Z a–z 0–9 _ . - and "/".`;
      throw new InterplexError('IPX_ADDRESS_INVALID', sentence);
    }
    if (findByName(this.#own.keys(), name) !== undefined) {
      const sentence = `An actor of this node is called "${name}" already: end it first.`;
      throw new InterplexError('IPX_NAME_TAKEN', sentence);
    }
    this.#lastIncarnation += 1;
    const address = `${this.#node}/${name}#${this.#lastIncarnation}`;
    this.#own.set(address, actor);
    this.#links.broadcast({ type: 'actor.begun', address });
    const end = () => {
      if (this.#own.delete(address)) this.#links.broadcast({ type: 'actor.ceased', address });
    };
    return { reference: this.#referenceTo(this.#node, address), end };
  }

  /** The actor of that name, here or at another node (this one's first); `undefined` if none. */
  find(name: string): ActorReference | undefined {
    const own = findByName(this.#own.keys(), name);
    if (own !== undefined) return this.#referenceTo(this.#node, own);
    for (const [node, addresses] of this.#others) {
      const address = findByName(addresses, name);
      if (address !== undefined) return this.#referenceTo(node, address);
    }
    return undefined;
  }

  #referenceTo(node: NodeId, address: string): ActorReference {
    return {
      address,
      node,
      send: (event) => {
        if (node === this.#node) {
          this.#deliver(address, event);
          return;
        }
        const bytes = encodeState(event, 'event for an actor of another node');
        if (this.#links.send(node, { type: 'envelope', to: address, event: bytes })) return;
        this.undelivered += 1;
      },
    };
  }

  #hear(from: NodeId, message: NodeMessage): boolean {
    const known = this.#others.get(from) ?? new Set();
    switch (message.type) {
      case 'actor.begun':
        this.#others.set(from, known.add(message.address));
        return true;
      case 'actor.ceased':
        known.delete(message.address);
        return true;
      case 'envelope': {
        const event = decodeState(message.event);
        if (isEvent(event)) this.#deliver(message.to, event);
        return true;
      }
      default:
        return false;
    }
  }

  #deliver(address: string, event: EventObject): void {
    const actor = this.#own.get(address);
    if (actor) actor.send(event);
    else this.undelivered += 1;
  }
}

const isEvent = (value: unknown): value is EventObject =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

/** The address in `node/name#incarnation` form whose name it is. */
function findByName(addresses: Iterable<string>, name: string): string | undefined {
  for (const address of addresses) {
    const path = address.slice(address.indexOf('/') + 1, address.lastIndexOf('#'));
    if (path === name) return address;
  }
  return undefined;
}
