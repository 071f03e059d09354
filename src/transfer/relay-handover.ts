/**
 * The relay carrier's giving side where the client is relayed to this node already: the relay is
 * stopped and both directions are emptied, by count; then it gives a ticket, and points to whoever
 * shows it.
 */
import type { CommitCargo, RelayMessage, RelayTicket } from '../../actors/protocol.ts';
import type { NodeId, Refusal } from '../../actors/vocabulary.ts';
import { beginReading, collectUntil, holdWrites, immovability, whenDrained } from '../io/tcp.ts';
import type { Collected } from '../io/tcp.ts';
import { limits } from '../limits.ts';
import type { Links } from '../runtime/links.ts';
import type { Client } from './client.ts';
import type { Departure } from './departure.ts';
import { frozenChannel } from './telemetry.ts';

const slow: Refusal = {
  code: 'IPX_CLIENT_UNDRAINED',
  reason: `What is on its way to or from the client did not arrive in ${limits.drainWritesMs} ms.`,
};
const unfit: Refusal = {
  code: 'IPX_UNREAD_LIMIT',
  reason: `The client has left, or has more than ${limits.relayedBytesMax} bytes unread.`,
};

export interface RelayHandoverOptions {
  readonly client: Client;
  readonly links: Links;
  /** The third, that is to fetch it. */
  readonly target: NodeId;
  /** This node's number for the attempt: by it, a late word of an earlier one is told apart. */
  readonly number: number;
  /** Nothing that is said of it counts any more. */
  readonly onOver: () => void;
}

export class RelayHandover implements Departure {
  readonly carrier = 'relay';
  readonly #options: RelayHandoverOptions;
  readonly #relay: RelayTicket;
  /** What thawing undoes, the last first. */
  readonly #undo: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #answer: (refusal: Refusal | undefined) => void = () => {};
  #collected: Collected | undefined;
  #ticket: RelayTicket | undefined;
  #onWithdrawn: ((kept: boolean) => void) | undefined;

  constructor(options: RelayHandoverOptions, relay: RelayTicket) {
    this.#options = options;
    this.#relay = relay;
  }

  /** What the relaying node says of this handover. */
  hear(message: RelayMessage): void {
    if (message.type === 'relay.paused') this.#collect(message.sent);
    else if (message.type === 'relay.emptied') this.#freeze(message.ticket);
    else if (message.type === 'relay.withdrawn') this.#onWithdrawn?.(message.kept);
  }

  freeze(answer: (refusal: Refusal | undefined) => void): void {
    const { client } = this.#options;
    this.#answer = answer;
    client.suspendReads();
    this.#timer = setTimeout(() => this.#refuse(slow), limits.drainWritesMs);
    this.#tell({ type: 'relay.pause' });
  }

  thaw(): void {
    const { client, onOver } = this.#options;
    clearTimeout(this.#timer);
    this.#tell({ type: 'relay.withdraw' });
    onOver();
    for (const undo of this.#undo.splice(0).toReversed()) undo();
    beginReading(client.socket);
    client.resumeReads();
  }

  commit(): CommitCargo | Refusal {
    if (!this.#ticket || !this.#collected) {
      return { code: 'IPX_CLIENT_GONE', reason: 'The client has left.' };
    }
    const timeoutMs = this.#options.client.socket.timeout ?? 0;
    const { unread } = this.#collected;
    return { carrier: 'relay', relay: this.#ticket, unread, timeoutMs };
  }

  reclaim(_isTargetDead: boolean, answer: (kept: boolean) => void): void {
    const { socket } = this.#options.client;
    const settle = (kept: boolean) => {
      this.#onWithdrawn = undefined;
      socket.off('close', gone);
      answer(kept);
    };
    // It closes when the client has left or the relay is lost, and not when another serves it.
    const gone = () => settle(true);
    if (socket.destroyed) {
      answer(true);
      return;
    }
    this.#onWithdrawn = settle;
    socket.once('close', gone);
    if (!this.#tell({ type: 'relay.withdraw' })) settle(true);
  }

  /** The relaying node has ended, and the client with it: a socket not read does not see it. */
  relayLost(): void {
    this.#onWithdrawn?.(true);
  }

  settle(): void {
    this.#options.onOver();
  }

  /** The relay has sent so many bytes in all: those that are still on their way come first. */
  #collect(sent: number): void {
    const { socket } = this.#options.client;
    const giveBack = collectUntil(socket, sent, (collected) => {
      if (!collected) {
        this.#refuse(unfit);
        return;
      }
      this.#collected = collected;
      this.#undo.push(whenDrained(socket, () => this.#cork()));
    });
    this.#undo.push(giveBack);
  }

  #cork(): void {
    const { socket } = this.#options.client;
    const refusal = immovability(socket);
    if (refusal) {
      this.#refuse(refusal);
      return;
    }
    this.#undo.push(holdWrites(socket));
    const { target: to } = this.#options;
    this.#tell({ type: 'relay.written', written: socket.bytesWritten, to });
  }

  #freeze(ticket: RelayTicket): void {
    clearTimeout(this.#timer);
    this.#ticket = ticket;
    if (frozenChannel.hasSubscribers) frozenChannel.publish(this.#options.client.connection);
    this.#answer(undefined);
  }

  #refuse(refusal: Refusal): void {
    this.thaw();
    this.#answer(refusal);
  }

  #tell(
    word:
      | { type: 'relay.pause' | 'relay.withdraw' }
      | { type: 'relay.written'; readonly written: number; readonly to: NodeId },
  ): boolean {
    const { owner, number } = this.#relay;
    const { links, number: handover } = this.#options;
    return links.send(owner, { number, handover, ...word });
  }
}
