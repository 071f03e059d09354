/** One actor of this node: what waits for it, what takes its events, and what it owes. */
import type { EventObject } from 'xstate';
import type { ActorReference, Asked } from './actor-reference.ts';
import type { Mailbox } from './mailbox.ts';
import type { Reply } from './reply.ts';

/** What takes an actor's events, one after another. */
export interface Behaviour {
  /** It gives a promise, or nothing; the next event is given to it only after that. */
  readonly isSerial: boolean;
  /** What it gives, or promises, may be the answer to what was asked. */
  receive(event: EventObject): unknown;
  stop(): void;
}

/** An event with the way back to who asked it. */
export class Question {
  readonly event: EventObject;
  readonly reply: Reply;

  /** The event becomes its own: it gets its `replyTo`. */
  constructor(event: Asked, reply: Reply) {
    event.replyTo = reply;
    this.event = event;
    this.reply = reply;
  }
}

/** What lies in a mailbox. */
export type Delivery = EventObject | Question;

/** An actor at work on one event: what it asks meanwhile, its answer waits for. */
export class Turn {
  readonly address: string;
  readonly #number: number;
  readonly #reply: Reply | undefined;

  constructor(address: string, number: number, reply?: Reply) {
    this.address = address;
    this.#number = number;
    this.#reply = reply;
  }

  /** Unique in the cluster: where the answer goes that the actor owes, or else a number. */
  get key(): string {
    return this.#reply?.address ?? `${this.address}@${this.#number}`;
  }
}

export interface ActorHostOptions {
  readonly reference: ActorReference;
  readonly kind: string | undefined;
  readonly mailbox: Mailbox<Delivery>;
}

export class ActorHost {
  readonly reference: ActorReference;
  readonly kind: string | undefined;
  readonly mailbox: Mailbox<Delivery>;
  /** None while it waits to be restarted. */
  behaviour: Behaviour | undefined;
  /** While it awaits its own promise: no other event is given to it. */
  turn: Turn | undefined;
  /** It is among those that have their turn next. */
  isScheduled = false;
  isDraining = false;
  isOver = false;
  restarts = 0;
  /** Whoever waits until the mailbox has room, or the actor has ended. */
  onRoom: (() => void)[] = [];

  /** Whoever waits until nothing of what it was sent is left to do. */
  onIdle: (() => void) | undefined;

  constructor({ reference, kind, mailbox }: ActorHostOptions) {
    this.reference = reference;
    this.kind = kind;
    this.mailbox = mailbox;
  }

  /** Whether it takes an event now. */
  get isRunnable(): boolean {
    return this.behaviour !== undefined && this.turn === undefined && !this.isOver;
  }

  /** A quarter of the mailbox is free. */
  get hasRoom(): boolean {
    return this.mailbox.depth * 4 <= this.mailbox.capacity * 3;
  }

  get isIdle(): boolean {
    return this.turn === undefined && this.mailbox.depth === 0;
  }
}
