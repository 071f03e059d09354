/** An actor by its address, wherever it runs. */
import type { EventObject } from 'xstate';
import type { ActorEndReason, NodeId } from '../../actors/vocabulary.ts';
import { formatAddress, type ParsedAddress } from './actor-address.ts';

/** How an actor came to its end. */
export interface ActorEnd {
  readonly address: string;
  readonly reason: ActorEndReason;
}

export interface AskOptions {
  /** Default 5 000 ms. */
  readonly timeoutMs?: number;
}

/** What a reference does by its node. `sendEvent` is XState v6's name for it. */
export interface ActorOperations {
  sendEvent(to: ActorReference, event: EventObject): boolean;
  ask(to: ActorReference, event: EventObject, options: AskOptions): Promise<EventObject>;
  watch(to: ActorReference, listener: (end: ActorEnd) => void): () => void;
  ready(to: ActorReference): Promise<void>;
}

/** XState's `sendTo` takes it as a target; `targetOf` gives it the type that TypeScript wants. */
export class ActorReference {
  readonly node: NodeId;
  readonly name: string;
  /** What XState calls. Being a function, it also keeps V8 from cloning a reference unseen. */
  readonly _send: (event: EventObject) => void;
  readonly #incarnation: string | number;
  readonly #operations: ActorOperations;
  #address: string | undefined;

  /** For the actors of a node. */
  constructor(parsed: ParsedAddress, operations: ActorOperations) {
    this.node = parsed.node;
    this.name = parsed.name;
    this.#incarnation = parsed.incarnation;
    this.#operations = operations;
    this._send = sendBy;
  }

  /** Formed when it is first looked at: that of an answer rarely is. */
  get address(): string {
    const { node, name } = this;
    this.#address ??= formatAddress({ node, name, incarnation: this.#incarnation });
    return this.#address;
  }

  /** XState's names for it, in what it shows; its own numbers collide between threads. */
  get id(): string {
    return this.address;
  }

  get sessionId(): string {
    return this.address;
  }

  /**
   * Never waits and never throws for an actor that is gone or full. False: it is known here
   * already that the event will not arrive, and it is among the dead letters. Throws
   * IPX_STATE_INVALID for what is no event and, if the actor is at another node, for what cannot be
   * cloned; then also IPX_STATE_LIMIT for what is too large.
   */
  send(event: EventObject): boolean {
    return this.#operations.sendEvent(this, event);
  }

  /**
   * Sends the event with `replyTo`, a reference, and settles with the first event that is sent
   * there. Rejects with IPX_ASK_TIMEOUT; with IPX_ACTOR_LOST when the actor ends first; with
   * IPX_MAILBOX_FULL; and with IPX_ASK_CYCLE when the answer waits for the one who asks.
   */
  ask(event: EventObject, options: AskOptions = {}): Promise<EventObject> {
    return this.#operations.ask(this, event, options);
  }

  /** Calls back once, when the actor has ended or its node has. Returns how to stop that. */
  watch(listener: (end: ActorEnd) => void): () => void {
    return this.#operations.watch(this, listener);
  }

  /**
   * Settles when the way to the actor takes a quarter of what it can hold, 4 096 over a link:
   * awaited before every so many, nothing is refused on the way. Room in the mailbox of an actor
   * of this node counts, too.
   */
  ready(): Promise<void> {
    return this.#operations.ready(this);
  }

  toJSON(): { readonly address: string } {
    return { address: this.address };
  }
}

/** One function for all references: an own one for each would cost more than the rest. */
function sendBy(this: ActorReference, event: EventObject): void {
  this.send(event);
}

/** An event that was asked: whoever gets it sends the answer to `replyTo`. */
export interface Asked extends EventObject {
  replyTo?: ActorReference;
}
