/** Transfers beyond the window of those under way, in the order in which they were asked for. */
import type { ApplicationMessage } from '../../actors/protocol.ts';
import type { Client } from './client.ts';
import type { StackEnd } from './control-channel.ts';

/** An application's wish to move a client. */
export type Begin = Extract<ApplicationMessage, { type: 'transfer.begin' }>;
/** What it says of a transfer under way: its choice of target, or that it has none. */
export type ClientWord = Extract<
  ApplicationMessage,
  { type: 'target.chosen' } | { type: 'target.none' }
>;

export interface WaitingTransfer {
  readonly client: Client;
  readonly begin: Begin;
  readonly channel: StackEnd;
  /** What its application has said meanwhile. */
  readonly said: ClientWord[];
}

export class WaitingTransfers {
  readonly #waiting = new Map<Client, WaitingTransfer>();

  get size(): number {
    return this.#waiting.size;
  }

  add(transfer: WaitingTransfer): void {
    this.#waiting.set(transfer.client, transfer);
  }

  note(client: Client, word: ClientWord): void {
    this.#waiting.get(client)?.said.push(word);
  }

  remove(client: Client): WaitingTransfer | undefined {
    const transfer = this.#waiting.get(client);
    this.#waiting.delete(client);
    return transfer;
  }

  /** The one that has waited longest. */
  shift(): WaitingTransfer | undefined {
    for (const transfer of this.#waiting.values()) return this.remove(transfer.client);
    return undefined;
  }
}
