/**
 * Transfers that wait behind a stack's window, in the order in which they were asked for. Their
 * deadline counts from then (CT-7): who would wait longer is told so at once.
 */
import type { ApplicationMessage } from '../../actors/protocol.ts';
import type { Client } from './client.ts';
import type { StackEnd } from './control-channel.ts';

export type Begin = Extract<ApplicationMessage, { type: 'transfer.begin' }>;
/** What an application says of a transfer that it has asked for. */
export type ClientWord = Extract<
  ApplicationMessage,
  { type: 'target.chosen' } | { type: 'target.none' }
>;

/** A transfer that was asked for and has not begun. */
export interface Waiting {
  readonly client: Client;
  readonly begin: Begin;
  readonly channel: StackEnd;
  /** What its application has said meanwhile. */
  readonly said: ClientWord[];
}

export class WaitingTransfers {
  readonly #waiting = new Map<Client, Waiting & { timer: NodeJS.Timeout; sinceMs: number }>();

  /** `onLate` is told when the deadline has passed; the transfer waits no more then. */
  add(client: Client, begin: Begin, channel: StackEnd, onLate: (waiting: Waiting) => void): void {
    const late = () => {
      const waiting = this.remove(client);
      if (waiting) onLate(waiting);
    };
    const timer = setTimeout(late, begin.deadlineMs);
    const sinceMs = performance.now();
    this.#waiting.set(client, { client, begin, channel, said: [], timer, sinceMs });
  }

  get(client: Client): Waiting | undefined {
    return this.#waiting.get(client);
  }

  remove(client: Client): Waiting | undefined {
    const waiting = this.#waiting.get(client);
    clearTimeout(waiting?.timer);
    this.#waiting.delete(client);
    return waiting;
  }

  /** Takes the one that has waited longest, with what is left of its deadline. */
  shift(): Waiting | undefined {
    const [first] = this.#waiting.values();
    if (!first) return undefined;
    this.remove(first.client);
    const waitedMs = Math.floor(performance.now() - first.sinceMs);
    const deadlineMs = Math.max(1, first.begin.deadlineMs - waitedMs);
    return { ...first, begin: { ...first.begin, deadlineMs } };
  }

  /** Those that were asked for over a channel. */
  of(channel: StackEnd): Waiting[] {
    return [...this.#waiting.values()].filter((waiting) => waiting.channel === channel);
  }

  get size(): number {
    return this.#waiting.size;
  }
}
