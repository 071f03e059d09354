/** A node's links to its peers: who is reachable, who is lost for certain, and what they say. */
import type { NodeMessage } from '../../actors/protocol.ts';
import type { NodeId } from '../../actors/vocabulary.ts';
import { Link, type ParcelPort } from './link.ts';

/** What a part of the node wants to know of its peers. */
export interface PeerListener {
  readonly onOpen?: (peer: NodeId, link: Link) => void;
  /** True when the message was this listener's to handle. */
  readonly onMessage?: (from: NodeId, message: NodeMessage) => boolean;
  /** Events for actors, packed by the event codec. */
  readonly onEvents?: (from: NodeId, packed: string) => void;
  /** The link is closed; the peer may still be ending. */
  readonly onClose?: (peer: NodeId) => void;
  /** The peer's thread has ended and its sockets are closed: certain. */
  readonly onLost?: (peer: NodeId) => void;
}

export class Links {
  readonly #links = new Map<NodeId, Link>();
  readonly #listeners: PeerListener[] = [];
  /** One listener reads them. */
  #onEvents: (from: NodeId, packed: string) => void = () => undefined;
  readonly #closing = new Map<NodeId, () => void>();
  /** By peer, the last of its steps that is not over: the next comes after it. */
  readonly #steps = new Map<NodeId, Promise<void>>();
  readonly #self: NodeId;
  /**
   * Whether a node runs in this process: only there are memory, descriptors and certainty shared.
   */
  readonly isHere: (node: NodeId) => boolean;

  constructor(self: NodeId, isHere: (node: NodeId) => boolean = () => true) {
    this.#self = self;
    this.isHere = isHere;
  }

  subscribe(listener: PeerListener): void {
    this.#listeners.push(listener);
    this.#onEvents = listener.onEvents ?? this.#onEvents;
  }

  /** A peer that was lost and is back is linked when the last of its former self is handled. */
  open(peer: NodeId, port: ParcelPort): void {
    void this.#inOrder(peer, () => this.#open(peer, port));
  }

  #open(peer: NodeId, port: ParcelPort): void {
    const link = new Link(peer, port, {
      onMessage: (from, message) => this.#deliver(from, message),
      onEvents: (from, packed) => this.#onEvents(from, packed),
      onClose: () => {
        if (this.#links.get(peer) !== link) return;
        this.#links.delete(peer);
        for (const { onClose } of this.#listeners) onClose?.(peer);
        this.#closing.get(peer)?.();
        this.#closing.delete(peer);
      },
    });
    this.#links.set(peer, link);
    for (const { onOpen } of this.#listeners) onOpen?.(peer, link);
  }

  /** False: there is no link, and the message is not sent. To itself a node may send, too. */
  send(to: NodeId, message: NodeMessage): boolean {
    if (to === this.#self) {
      queueMicrotask(() => this.#deliver(to, message));
      return true;
    }
    const link = this.#links.get(to);
    link?.gather(message);
    return link !== undefined;
  }

  broadcast(message: NodeMessage): void {
    for (const link of this.#links.values()) link.gather(message);
  }

  /**
   * The cluster's word that a peer's thread has ended. Settles when all that the peer ever sent
   * has been handled here: only then may others clear away what it left.
   */
  lose(peer: NodeId): Promise<void> {
    return this.#inOrder(peer, () => this.#lose(peer));
  }

  async #lose(peer: NodeId): Promise<void> {
    if (this.#links.has(peer)) {
      await new Promise<void>((resolve) => this.#closing.set(peer, resolve));
    }
    for (const { onLost } of this.#listeners) onLost?.(peer);
  }

  closeAll(): void {
    for (const link of this.#links.values()) link.close();
  }

  /** At once, if nothing of that peer is under way. */
  async #inOrder(peer: NodeId, step: () => void | Promise<void>): Promise<void> {
    const earlier = this.#steps.get(peer);
    const over = earlier ? earlier.then(step) : Promise.resolve(step());
    this.#steps.set(peer, over);
    await over;
    if (this.#steps.get(peer) === over) this.#steps.delete(peer);
  }

  #deliver(from: NodeId, message: NodeMessage): void {
    this.#listeners.some((listener) => listener.onMessage?.(from, message));
  }
}
