/** Messages in flight as small integers: alike ones, between the same two, have one number. */
import type { AnyEventObject } from 'xstate';
import { fingerprintOf } from './fingerprint.ts';
import type { Envelope } from './system-state.ts';

export class Envelopes {
  /** By number, the index of the actor that it goes to, and of the one it comes from. */
  readonly receivers: number[] = [];
  readonly senders: number[] = [];
  /** By number, which of its receiver's it is. */
  readonly places: number[] = [];
  readonly #names: readonly string[];
  readonly #indexOf: ReadonlyMap<string, number>;
  readonly #events: AnyEventObject[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #counts: number[];

  constructor(names: readonly string[]) {
    this.#names = names;
    this.#indexOf = new Map(names.map((name, index) => [name, index]));
    this.#counts = names.map(() => 0);
  }

  get count(): number {
    return this.#events.length;
  }

  numberOf({ from, to, event }: Envelope): number {
    const sender = this.#indexOf.get(from)!;
    const receiver = this.#indexOf.get(to)!;
    const key = `${sender} ${receiver} ${fingerprintOf(event)}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#events.length;
    this.#numbers.set(key, number);
    this.#events.push(event);
    this.receivers.push(receiver);
    this.senders.push(sender);
    this.places.push(this.#counts[receiver]!++);
    return number;
  }

  at(number: number): Envelope {
    const from = this.#names[this.senders[number]!]!;
    const to = this.#names[this.receivers[number]!]!;
    return { from, to, event: this.#events[number]! };
  }
}
