/** What waits for one actor (AF-4): bounded, first in, first out, with a policy for a full one. */
import { InterplexError } from '../errors.ts';
import { limits } from '../limits.ts';
import { requireObject } from '../options.ts';

/**
 * `reject`: the newest is refused, and the node that sent it is told. `dropNewest` and
 * `dropOldest`: that one goes to the dead letters of the mailbox's own node. Whoever asked is told
 * in each case.
 */
export type OverflowPolicy = 'reject' | 'dropNewest' | 'dropOldest';

export interface MailboxOptions {
  /** Default 4 096. */
  readonly capacity?: number;
  /** Default `reject`. */
  readonly overflow?: OverflowPolicy;
}

const policies: readonly string[] = ['reject', 'dropNewest', 'dropOldest'];
/** The ring begins small: most actors never have more waiting. */
const firstSize = 16;

export class Mailbox<Item> {
  readonly capacity: number;
  readonly overflow: OverflowPolicy;
  /** All that did not find a place. */
  dropped = 0;
  depth = 0;
  #items: (Item | undefined)[] = Array.from({ length: firstSize });
  #arrivals: number[] = Array.from({ length: firstSize }, () => 0);
  #first = 0;

  /** Throws IPX_OPTION_INVALID. */
  constructor(options: MailboxOptions = {}) {
    requireObject('mailbox', options);
    const { capacity = limits.mailboxCapacity, overflow = 'reject' } = options;
    if (!Number.isInteger(capacity) || capacity < 1 || capacity > limits.mailboxCapacityMax) {
      const range = `a whole number from 1 to ${limits.mailboxCapacityMax}`;
      throw new InterplexError('IPX_OPTION_INVALID', `mailbox.capacity must be ${range}.`);
    }
    if (!policies.includes(overflow)) {
      const sentence = `mailbox.overflow must be one of ${policies.join(', ')}.`;
      throw new InterplexError('IPX_OPTION_INVALID', sentence);
    }
    this.capacity = capacity;
    this.overflow = overflow;
  }

  /** Returns what found no place: the item itself, or by `dropOldest` the one before all others. */
  put(item: Item, atMs: number): Item | undefined {
    if (this.depth < this.capacity) {
      this.#append(item, atMs);
      return undefined;
    }
    this.dropped += 1;
    if (this.overflow !== 'dropOldest') return item;
    const oldest = this.take();
    this.#append(item, atMs);
    return oldest;
  }

  take(): Item | undefined {
    if (this.depth === 0) return undefined;
    const item = this.#items[this.#first];
    this.#items[this.#first] = undefined;
    this.#first = (this.#first + 1) & (this.#items.length - 1);
    this.depth -= 1;
    return item;
  }

  /** How long the oldest has waited. */
  waitMs(nowMs: number): number {
    return this.depth === 0 ? 0 : Math.max(0, nowMs - (this.#arrivals[this.#first] ?? nowMs));
  }

  #append(item: Item, atMs: number): void {
    if (this.depth === this.#items.length) this.#grow();
    const last = (this.#first + this.depth) & (this.#items.length - 1);
    this.#items[last] = item;
    this.#arrivals[last] = atMs;
    this.depth += 1;
  }

  /** To twice the size, a power of two, with the first item in front. */
  #grow(): void {
    const inOrder = <Value>(ring: readonly Value[]) => [
      ...ring.slice(this.#first),
      ...ring.slice(0, this.#first),
    ];
    const more = Array.from({ length: this.#items.length });
    this.#items = [...inOrder(this.#items), ...more.map(() => undefined)];
    this.#arrivals = [...inOrder(this.#arrivals), ...more.map(() => 0)];
    this.#first = 0;
  }
}
