/** What is in flight to one actor, by the rules of the network: a list of envelopes by number. */
import type { Envelopes } from './envelopes.ts';
import type { Network } from './model.ts';

export type Inbox = readonly number[];

/** What the network may do with an envelope; `rest` is what is then still in flight. */
export interface Handling {
  readonly kind: 'delivery' | 'repetition' | 'loss';
  readonly envelope: number;
  readonly rest: Inbox;
}

export class InboxRules {
  readonly #network: Network;
  readonly #envelopes: Envelopes;
  readonly #inFlightMax: number;
  /** A delivery at which nothing changes uses its message up, all the same. */
  readonly takesIgnored: boolean;
  /** A message may be lost without a step: it need not come. */
  readonly isUnsure: boolean;

  constructor(network: Network, envelopes: Envelopes) {
    this.#network = network;
    this.#envelopes = envelopes;
    this.#inFlightMax = network.inFlightMax ?? 64; // chosen: far more than a finite model needs
    const ignoredDefault = this.isOrdered ? 'taken' : 'kept';
    this.takesIgnored = (network.ignored ?? ignoredDefault) === 'taken' && !this.#isSet;
    this.isUnsure = this.#isSet && this.#isLossy;
  }

  get isOrdered(): boolean {
    return (this.#network.order ?? 'per-pair') === 'per-pair';
  }
  /** Without order, what may be repeated at any time is as if it never left. */
  get #isSet(): boolean {
    return !this.isOrdered && this.#network.duplication === 'possible';
  }
  get #isLossy(): boolean {
    return (this.#network.loss ?? 'none') !== 'none';
  }

  /** Undefined where that is more than may be in flight. */
  add(inbox: Inbox, envelope: number): Inbox | undefined {
    if (this.#isSet && inbox.includes(envelope)) return inbox;
    if (inbox.length >= this.#inFlightMax) return undefined;
    const { senders } = this.#envelopes;
    const isAfter = this.isOrdered
      ? (other: number) => senders[other]! > senders[envelope]!
      : (other: number) => other > envelope;
    const at = inbox.findIndex(isAfter);
    return inbox.toSpliced(at < 0 ? inbox.length : at, 0, envelope);
  }

  handlings(inbox: Inbox): Handling[] {
    const { senders } = this.#envelopes;
    const isNext = (envelope: number, index: number) =>
      index === 0 ||
      (this.isOrdered
        ? senders[inbox[index - 1]!] !== senders[envelope]
        : inbox[index - 1] !== envelope);
    return inbox.flatMap((envelope, index): Handling[] => {
      if (!isNext(envelope, index)) return [];
      if (this.#isSet) return [{ kind: 'delivery', envelope, rest: inbox }];
      const rest = inbox.toSpliced(index, 1);
      const handlings: Handling[] = [{ kind: 'delivery', envelope, rest }];
      if (this.#network.duplication === 'possible') {
        handlings.push({ kind: 'repetition', envelope, rest: inbox });
      }
      if (this.#isLossy) handlings.push({ kind: 'loss', envelope, rest });
      return handlings;
    });
  }
}
