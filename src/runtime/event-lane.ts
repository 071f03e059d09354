/**
 * The events of this node to one peer, and of that peer to this node. Each side says from time to
 * time what it took: without that, a sender would fill the memory of a peer that stands still.
 */
import type { EventObject } from 'xstate';
import type { NodeMessage } from '../../actors/protocol.ts';
import type { NodeId } from '../../actors/vocabulary.ts';
import { limits } from '../limits.ts';
import { EventDecoder, type Destination, type EventSink } from '../wire/event-reading.ts';
import { EventEncoder } from '../wire/event.ts';
import type { ActorHost } from './actor-host.ts';
import type { Link, Packing } from './link.ts';

/** What the node does with what a peer sends; the lane keeps with each address its host. */
export interface LaneNode {
  readonly addressOf: (value: object) => string | undefined;
  readonly referenceTo: (address: string) => unknown;
  /** Returns false for an event that its mailbox refused, and whose sender shall know. */
  tell(to: Destination<ActorHost>, event: EventObject): boolean;
  ask(from: NodeId, to: Destination<ActorHost>, number: number, event: EventObject): void;
  answer(number: number, event: EventObject): void;
}

/** A debt that is smaller is not worth a post. */
const quarterOfEvents = limits.linkEventsMax / 4;
const quarterOfCharacters = limits.linkCharactersMax / 4;

export class EventLane implements Packing, EventSink<ActorHost> {
  readonly #link: Link;
  readonly #node: LaneNode;
  readonly #encoder: EventEncoder;
  readonly #decoder: EventDecoder<ActorHost>;
  /** Sent, and not known to be taken. */
  #events = 0;
  #characters = 0;
  /** Taken, and not told. */
  #eventsTaken = 0;
  #charactersTaken = 0;
  /** Packed events of the peer that are not read yet: bounded by what it may send. */
  readonly #held: string[] = [];
  readonly #refused = new Map<string, number>();
  #onRoom: (() => void)[] = [];

  constructor(link: Link, node: LaneNode) {
    this.#link = link;
    this.#node = node;
    this.#encoder = new EventEncoder(node.addressOf);
    this.#decoder = new EventDecoder<ActorHost>(this, node.referenceTo);
  }

  /** False: the lane is full. Throws what the codec throws. */
  sendTell(address: string, event: EventObject): boolean {
    if (this.#isFull) return false;
    this.#encoder.tell(address, event);
    this.#added();
    return true;
  }

  /** The same, with the number of the ask. */
  sendAsk(address: string, number: number, event: EventObject): boolean {
    if (this.#isFull) return false;
    this.#encoder.ask(address, number, event);
    this.#added();
    return true;
  }

  /** Answers find room always: there are not more of them than asks. */
  sendAnswer(number: number, event: EventObject): void {
    this.#encoder.answer(number, event);
    this.#added();
  }

  /** Settles when the lane takes a quarter of its size at least. */
  ready(): Promise<void> {
    if (this.#hasRoom) return Promise.resolve();
    return new Promise((resolve) => this.#onRoom.push(resolve));
  }

  /** What the peer says that it took. */
  taken({ count, characters }: Extract<NodeMessage, { type: 'events.taken' }>): void {
    this.#events -= count;
    this.#characters -= characters;
    if (this.#hasRoom) this.close();
  }

  /** Nobody waits for room any more. */
  close(): void {
    const waiting = this.#onRoom;
    this.#onRoom = [];
    for (const resolve of waiting) resolve();
  }

  /** Keeps packed events of the peer until it is their turn. True: they are the first. */
  hold(packed: string): boolean {
    const isFirst = this.#held.length === 0 && this.#decoder.isAtEnd;
    this.#held.push(packed);
    return isFirst;
  }

  /** Hands on events, those that came first, until `isOver`. False: none is left. */
  readNext(isOver: () => boolean): boolean {
    if (this.#decoder.isAtEnd) {
      const packed = this.#held.shift();
      if (packed === undefined) return false;
      this.#decoder.begin(packed);
      this.#charactersTaken += packed.length;
    }
    this.#eventsTaken += this.#decoder.read(isOver);
    this.#report();
    return !this.#decoder.isAtEnd || this.#held.length > 0;
  }

  /** For the link. */
  take(): string {
    const packed = this.#encoder.take();
    this.#characters += packed.length;
    return packed;
  }

  /** For the decoder. */
  tell(to: Destination<ActorHost>, event: EventObject): void {
    if (this.#node.tell(to, event)) return;
    this.#refused.set(to.address, (this.#refused.get(to.address) ?? 0) + 1);
  }

  /** For the decoder. */
  ask(to: Destination<ActorHost>, number: number, event: EventObject): void {
    this.#node.ask(this.#link.peer, to, number, event);
  }

  /** For the decoder. */
  answer(number: number, event: EventObject): void {
    this.#node.answer(number, event);
  }

  get #isFull(): boolean {
    const characters = this.#characters + this.#encoder.size;
    return this.#events >= limits.linkEventsMax || characters >= limits.linkCharactersMax;
  }

  get #hasRoom(): boolean {
    return (
      this.#events + quarterOfEvents <= limits.linkEventsMax &&
      this.#characters + this.#encoder.size + quarterOfCharacters <= limits.linkCharactersMax
    );
  }

  #added(): void {
    this.#events += 1;
    const { count, size } = this.#encoder;
    if (count === 1) this.#link.pack(this);
    if (count >= limits.parcelEvents || size >= limits.parcelCharacters) this.#link.flush();
  }

  /** Tells the peer what was refused, and now and then what was taken. */
  #report(): void {
    for (const [to, count] of this.#refused) this.#link.post({ type: 'events.refused', to, count });
    if (this.#refused.size > 0) this.#refused.clear();
    const [count, characters] = [this.#eventsTaken, this.#charactersTaken];
    if (count < quarterOfEvents && characters < quarterOfCharacters) return;
    this.#eventsTaken = 0;
    this.#charactersTaken = 0;
    this.#link.post({ type: 'events.taken', count, characters });
  }
}
