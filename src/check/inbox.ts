/** What is in flight to one actor, by the rules of the network: a list of envelopes by number. */
import type { Envelopes } from './envelopes.ts';
import type { Network } from './model.ts';
import type { Envelope } from './system-state.ts';

export type Inbox = readonly number[];

/** What the network may do with an envelope; `rest` is what is then still in flight. */
export interface Handling {
  readonly kind: 'delivery' | 'repetition' | 'loss';
  readonly envelope: number;
  readonly rest: Inbox;
}

/** In the order in which an inbox keeps them, and how they leave it. */
type Way = 'sure' | 'ordered' | 'unordered';
const ways: readonly Way[] = ['sure', 'ordered', 'unordered'];

export class InboxRules {
  readonly #network: Network;
  readonly #envelopes: Envelopes;
  readonly #inFlightMax: number;
  readonly #isSure: (envelope: Envelope) => boolean;
  readonly #ways: Way[] = [];

  constructor(
    network: Network,
    envelopes: Envelopes,
    isSure: (envelope: Pick<Envelope, 'from' | 'to'>) => boolean,
  ) {
    this.#network = network;
    this.#envelopes = envelopes;
    this.#isSure = isSure;
    this.#inFlightMax = network.inFlightMax ?? 64; // chosen: far more than a finite model needs
  }

  /** First in, first out, as between two actors of a node and over a connection. */
  isInOrder(envelope: number): boolean {
    return this.#wayOf(envelope) !== 'unordered';
  }

  /** A delivery at which nothing changes uses the message up, all the same. */
  takesIgnored(envelope: number): boolean {
    if (this.isInOrder(envelope)) return true;
    return this.#network.ignored === 'taken' && !this.#stays(envelope);
  }

  /** A message may be lost without a step: it need not come. */
  mayNeverCome(envelope: number): boolean {
    return this.#stays(envelope) && this.#isLossy;
  }

  /** What outlasts a crash of the receiver: a connection does not. */
  lasting(inbox: Inbox): Inbox {
    return inbox.filter((envelope) => !this.isInOrder(envelope));
  }

  /** Undefined where that is more than may be in flight. */
  add(inbox: Inbox, envelope: number): Inbox | undefined {
    if (this.#stays(envelope) && inbox.includes(envelope)) return inbox;
    if (inbox.length >= this.#inFlightMax) return undefined;
    const at = inbox.findIndex((other) => this.#isBefore(envelope, other));
    return inbox.toSpliced(at < 0 ? inbox.length : at, 0, envelope);
  }

  handlings(inbox: Inbox): Handling[] {
    return inbox.flatMap((envelope, index): Handling[] => {
      if (index > 0 && this.#waitsFor(envelope, inbox[index - 1]!)) return [];
      if (this.#stays(envelope)) return [{ kind: 'delivery', envelope, rest: inbox }];
      const rest = inbox.toSpliced(index, 1);
      const handlings: Handling[] = [{ kind: 'delivery', envelope, rest }];
      if (this.#wayOf(envelope) === 'sure') return handlings;
      if (this.#network.duplication === 'possible') {
        handlings.push({ kind: 'repetition', envelope, rest: inbox });
      }
      if (this.#isLossy) handlings.push({ kind: 'loss', envelope, rest });
      return handlings;
    });
  }

  get #isLossy(): boolean {
    return (this.#network.loss ?? 'none') !== 'none';
  }

  /** Without order, what may be repeated at any time is as if it never left. */
  #stays(envelope: number): boolean {
    return this.#wayOf(envelope) === 'unordered' && this.#network.duplication === 'possible';
  }

  #wayOf(envelope: number): Way {
    const isOrdered = (this.#network.order ?? 'per-pair') === 'per-pair';
    this.#ways[envelope] ??= this.#isSure(this.#envelopes.at(envelope))
      ? 'sure'
      : isOrdered
        ? 'ordered'
        : 'unordered';
    return this.#ways[envelope];
  }

  /** One order of all that has no order, so that alike inboxes are one. */
  #isBefore(one: number, other: number): boolean {
    const [way, otherWay] = [this.#wayOf(one), this.#wayOf(other)];
    if (way !== otherWay) return ways.indexOf(way) < ways.indexOf(otherWay);
    if (way === 'unordered') return one < other;
    const { senders } = this.#envelopes;
    return senders[one]! < senders[other]!;
  }

  /** The one before it comes first, or is the same. */
  #waitsFor(envelope: number, before: number): boolean {
    const way = this.#wayOf(envelope);
    if (way === 'unordered') return envelope === before;
    const { senders } = this.#envelopes;
    return way === this.#wayOf(before) && senders[envelope] === senders[before];
  }
}
