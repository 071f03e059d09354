/** How events and asks reach actors, here and at other nodes, and what becomes of the others. */
import type { EventObject } from 'xstate';
import type { NodeMessage } from '../../actors/protocol.ts';
import type { NodeId, Refusal } from '../../actors/vocabulary.ts';
import { requireListener } from '../options.ts';
import type { Destination } from '../wire/event-reading.ts';
import { requireEvent } from '../wire/event.ts';
import { askNumberOf, parseAddress } from './actor-address.ts';
import type { ActorDirectory } from './actor-directory.ts';
import { Question, type ActorHost, type Delivery } from './actor-host.ts';
import { ActorReference, type ActorEnd, type AskOptions } from './actor-reference.ts';
import { Answers } from './answers.ts';
import { AskCycles } from './ask-cycles.ts';
import { Asks, full, lost, type Dispatch } from './asks.ts';
import type { DeadLetterReason, DeadLetters } from './dead-letters.ts';
import { EventLane } from './event-lane.ts';
import type { Link } from './link.ts';
import type { Links } from './links.ts';
import { Reply, type ReplyOperations } from './reply.ts';
import { currentTurn, tellRoom, Turns } from './turns.ts';

export interface EventPostOptions {
  readonly node: NodeId;
  readonly links: Links;
  readonly deadLetters: DeadLetters;
  readonly directory: () => ActorDirectory;
  readonly onCrash: (host: ActorHost, error: unknown) => void;
}

export class EventPost implements ReplyOperations {
  readonly turns: Turns;
  readonly asks: Asks;
  readonly answers = new Answers();
  readonly #options: EventPostOptions;
  readonly #lanes = new Map<NodeId, EventLane>();
  /** Those with events that are not read yet. */
  readonly #unread: EventLane[] = [];
  readonly #cycles: AskCycles;

  constructor(options: EventPostOptions) {
    const { node, links, directory, onCrash } = options;
    this.#options = options;
    const post = (to: NodeId, message: NodeMessage) => void links.send(to, message);
    this.turns = new Turns({ onCrash, readNext: (isOver) => this.#readNext(isOver) });
    this.asks = new Asks({
      dispatch: (to, number, event) => this.#dispatch(to, number, event),
      post,
      turn: currentTurn,
      onSuspect: (ask) => this.#cycles.begin(ask),
    });
    const hostAt = (address: string) => directory().hostAt(address);
    const { asks, answers } = this;
    this.#cycles = new AskCycles({ node, asks, answers, hostAt, post });
    links.subscribe({
      onOpen: (peer, link) => this.#lanes.set(peer, this.#lane(peer, link)),
      onMessage: (from, message) => this.#hear(from, message),
      onEvents: (from, packed) => this.#hold(from, packed),
      onClose: (peer) => this.#lose(peer),
    });
  }

  referenceTo(address: string): ActorReference {
    const parsed = parseAddress(address);
    const ask = askNumberOf(parsed);
    if (ask !== undefined) return new Reply({ node: parsed.node, ask }, this);
    return new ActorReference(parsed, this);
  }

  sendEvent(to: ActorReference, event: EventObject): boolean {
    const { address, node } = to;
    if (node !== this.#options.node) {
      const lane = this.#lanes.get(node);
      if (lane?.sendTell(address, event) === true) return true;
      this.deadLetter(address, event, lane ? 'mailboxFull' : 'nodeLost');
      return false;
    }
    requireEvent(event); // As the codec does for the others.
    const host = this.#options.directory().hostAt(address);
    if (!host || host.isDraining) {
      this.#undelivered(address, event);
      return false;
    }
    this.turns.later();
    const refused = this.turns.put(host, event);
    if (refused) this.overflow(host, refused);
    return refused !== event;
  }

  ask(to: ActorReference, event: EventObject, options: AskOptions): Promise<EventObject> {
    return this.asks.ask(to, event, options);
  }

  answer({ node, number, address }: Reply, event: EventObject, isFirst: boolean): boolean {
    const lane = this.#lanes.get(node);
    if (isFirst && lane) {
      lane.sendAnswer(number, event);
      return true;
    }
    requireEvent(event);
    if (isFirst && node === this.#options.node && this.asks.settle(number, event)) return true;
    this.deadLetter(
      address,
      event,
      isFirst && node !== this.#options.node ? 'nodeLost' : 'unknown',
    );
    return false;
  }

  settled(reply: Reply): void {
    this.answers.settled(reply);
  }

  watch(to: ActorReference, listener: (end: ActorEnd) => void): () => void {
    requireListener('watch()', listener);
    return this.#options.directory().watch(to, listener);
  }

  ready({ node, address }: ActorReference): Promise<void> {
    if (node !== this.#options.node) {
      return this.#lanes.get(node)?.ready() ?? Promise.resolve();
    }
    const host = this.#options.directory().hostAt(address);
    if (!host || host.hasRoom) return Promise.resolve();
    return new Promise((resolve) => host.onRoom.push(resolve));
  }

  /** Tells whoever asked that there will be no answer. */
  refuse({ node, number }: Reply, refusal: Refusal): void {
    this.#options.links.send(node, { type: 'ask.refused', ask: number, refusal });
  }

  deadLetter(to: string, event: EventObject, reason: DeadLetterReason): void {
    this.#options.deadLetters.add({ to, event, reason, count: 1 });
  }

  /** What found no place in a mailbox, and of which no other node shall be told. */
  overflow({ reference: { address } }: ActorHost, refused: Delivery): void {
    if (refused instanceof Question) this.#reject(refused, full(address, 'its mailbox'));
    else this.deadLetter(address, refused, 'mailboxFull');
  }

  /** Nothing of it is left: what waited for it goes to the dead letters, its askers are told. */
  clear(host: ActorHost): void {
    const { address } = host.reference;
    const replies = this.answers.takeAll(host, { begun: false });
    for (const reply of replies) this.refuse(reply, lost(address, 'it has ended'));
    for (let rest = host.mailbox.take(); rest; rest = host.mailbox.take()) {
      if (!(rest instanceof Question)) this.deadLetter(address, rest, 'stopped');
    }
    tellRoom(host);
  }

  #dispatch(to: ActorReference, number: number, event: EventObject): Dispatch {
    const { address, node } = to;
    if (node !== this.#options.node) {
      const lane = this.#lanes.get(node);
      if (!lane) return lost(address, 'its node is not reachable');
      return lane.sendAsk(address, number, event)
        ? undefined
        : full(address, 'the way to its node');
    }
    requireEvent(event);
    const host = this.#options.directory().hostAt(address);
    if (!host || host.isDraining) return lost(address, 'it has ended');
    this.turns.later();
    const put = (question: Question) => this.turns.put(host, question);
    return this.#ask(host, { node, ask: number }, { ...event }, put);
  }

  #ask(
    host: ActorHost,
    id: { node: NodeId; ask: number },
    event: EventObject,
    put: (question: Question) => Delivery | undefined,
  ): Dispatch {
    const reply = new Reply(id, this);
    const question = new Question(event, reply);
    const refused = put(question);
    if (refused === question) return full(host.reference.address, 'its mailbox');
    if (refused) this.overflow(host, refused);
    if (reply.isSettled) return undefined; // It was asked and has answered, all in one.
    if (reply.isBegun && !host.behaviour) return lost(host.reference.address, 'it has crashed');
    this.answers.owe(host, reply);
    return undefined;
  }

  #lane(peer: NodeId, link: Link): EventLane {
    return new EventLane(link, {
      addressOf: (value) => addressOf(value),
      referenceTo: (address) => this.referenceTo(address),
      tell: (to, event) => this.#tell(to, event),
      ask: (from, to, number, event) => {
        const host = this.#hostOf(to);
        const refusal = host
          ? this.#ask(host, { node: from, ask: number }, event, (question) =>
              this.turns.arrive(host, question),
            )
          : lost(to.address, 'it has ended');
        if (refusal) this.#options.links.send(from, { type: 'ask.refused', ask: number, refusal });
      },
      answer: (number, event) => {
        if (this.asks.settle(number, event)) return;
        this.deadLetter(`${this.#options.node}/~ask#${number}`, event, 'unknown');
      },
    });
  }

  /** False: refused, and the sender's node shall know. */
  #tell(to: Destination<ActorHost>, event: EventObject): boolean {
    const host = this.#hostOf(to);
    if (!host) {
      this.#undelivered(to.address, event);
      return true;
    }
    const refused = this.turns.arrive(host, event);
    if (refused === undefined) return true;
    if (host.mailbox.overflow === 'reject') return false;
    this.overflow(host, refused);
    return true;
  }

  #hostOf(to: Destination<ActorHost>): ActorHost | undefined {
    const known = to.host;
    if (known && !known.isOver && !known.isDraining) return known;
    const host = this.#options.directory().hostAt(to.address);
    to.host = host?.isDraining === true ? undefined : host;
    return to.host;
  }

  /** Reads on, of the peer whose turn it is. */
  #readNext(isOver: () => boolean): boolean {
    const lane = this.#unread.shift();
    if (!lane) return false;
    if (lane.readNext(isOver)) this.#unread.push(lane); // The others come first next time.
    return true;
  }

  #hold(from: NodeId, packed: string): void {
    const lane = this.#lanes.get(from);
    if (lane?.hold(packed) === true) this.#unread.push(lane);
    this.turns.wake();
  }

  #undelivered(address: string, event: EventObject): void {
    const wasHere = this.#options.directory().wasHere(address);
    this.deadLetter(address, event, wasHere ? 'stopped' : 'unknown');
  }

  #reject({ reply }: Question, refusal: Refusal): void {
    reply.settle();
    this.refuse(reply, refusal);
  }

  #lose(peer: NodeId): void {
    const lane = this.#lanes.get(peer);
    while (lane?.readNext(() => false) === true); // All that it sent comes before its end.
    lane?.close();
    this.#lanes.delete(peer);
    this.asks.loseNode(peer);
    this.answers.withdrawAll(peer);
  }

  #hear(from: NodeId, message: NodeMessage): boolean {
    switch (message.type) {
      case 'events.taken':
        this.#lanes.get(from)?.taken(message);
        return true;
      case 'events.refused': {
        const { to, count } = message;
        this.#options.deadLetters.add({ to, reason: 'mailboxFull', count });
        return true;
      }
      case 'ask.refused':
        this.asks.refuse(message.ask, message.refusal);
        return true;
      case 'ask.withdrawn':
        this.answers.withdraw({ node: from, ask: message.ask });
        return true;
      case 'ask.probe':
        this.#cycles.follow(message);
        return true;
      default:
        return false;
    }
  }
}

/** A reference that travels: whoever gets the way back owes the answer from now on. */
function addressOf(value: object): string | undefined {
  if (!(value instanceof ActorReference)) return undefined;
  if (value instanceof Reply) value.settle();
  return value.address;
}
