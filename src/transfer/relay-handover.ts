/**
 * The relay carrier's giving side where the client is relayed to this node already: the relay is
 * asked for a ticket, and points to whoever shows it. Both directions are emptied before, by count.
 */
import type { CommitCargo, NodeMessage, RelayTicket } from '../../actors/protocol.ts';
import type { Refusal } from '../../actors/vocabulary.ts';
import { limits } from '../limits.ts';
import type { Links } from '../runtime/links.ts';
import { beginReading, collectUntil, whenDrained, type Collected } from '../io/tcp.ts';
import type { Client } from './client.ts';
import type { Departure } from './departure.ts';
import { frozenChannel } from './telemetry.ts';

const slow: Refusal = {
  code: 'IPX_CLIENT_UNDRAINED',
  reason: `What is on its way to or from the client did not arrive in ${limits.drainWritesMs} ms.`,
};

const unfit: Refusal = {
  code: 'IPX_UNREAD_LIMIT',
  reason: `The client has left, or has more than ${limits.unreadBytesMax} bytes unread.`,
};

export class RelayHandover implements Departure {
  readonly carrier = 'relay';
  readonly #client: Client;
  readonly #links: Links;
  #ticket: RelayTicket | undefined;
  #collected: Collected | undefined;
  #isFrozen = false;
  #onPaused: ((ticket: RelayTicket, sent: number) => void) | undefined;
  #onWithdrawn: ((kept: boolean) => void) | undefined;
  #stop: (() => void) | undefined;

  constructor(client: Client, links: Links) {
    this.#client = client;
    this.#links = links;
  }

  /** What the relaying node says of this client's relay. */
  hear(message: NodeMessage): void {
    if (message.type === 'relay.paused') this.#onPaused?.(message.ticket, message.sent);
    if (message.type === 'relay.withdrawn') this.#onWithdrawn?.(message.kept);
  }

  freeze(answer: (refusal: Refusal | undefined) => void): void {
    const { socket, relay } = this.#client;
    if (!relay) return;
    this.#client.suspendReads();
    const timer = setTimeout(() => {
      this.thaw();
      answer(slow);
    }, limits.drainWritesMs);
    const stops = [() => clearTimeout(timer)];
    this.#stop = () => stops.splice(0).forEach((stop) => stop());
    this.#onPaused = (ticket, sent) => {
      this.#ticket = ticket;
      const stopCollecting = collectUntil(socket, sent, (collected) => {
        if (!collected) {
          this.thaw();
          answer(unfit);
          return;
        }
        this.#collected = collected;
        stops.push(
          whenDrained(socket, () => {
            clearTimeout(timer);
            this.#freezeDrained(ticket);
            answer(undefined);
          }),
        );
      });
      stops.push(() => {
        if (!this.#collected) stopCollecting();
      });
    };
    this.#links.send(relay.owner, { type: 'relay.pause', number: relay.number });
  }

  thaw(): void {
    this.#stop?.();
    this.#onPaused = undefined;
    this.#withdraw();
    const { socket } = this.#client;
    if (this.#isFrozen) socket.uncork();
    this.#isFrozen = false;
    this.#collected?.giveBack();
    this.#collected = undefined;
    beginReading(socket);
    this.#client.resumeReads();
  }

  commit(): CommitCargo | Refusal {
    if (!this.#ticket || !this.#collected) {
      return { code: 'IPX_CLIENT_GONE', reason: 'The client has left.' };
    }
    const timeoutMs = this.#client.socket.timeout ?? 0;
    const { unread } = this.#collected;
    return { carrier: 'relay', relay: this.#ticket, unread, timeoutMs };
  }

  reclaim(_isTargetDead: boolean, answer: (kept: boolean) => void): void {
    const { socket } = this.#client;
    const settle = (kept: boolean) => {
      this.#onWithdrawn = undefined;
      socket.off('close', gone);
      answer(kept);
    };
    // Where the relay is gone, so is the client: what is left of it is here.
    const gone = () => settle(true);
    if (!this.#ticket || socket.destroyed) {
      answer(true);
      return;
    }
    this.#onWithdrawn = settle;
    socket.on('close', gone);
    this.#withdraw();
  }

  settle(): void {
    this.#stop?.();
  }

  #freezeDrained({ number, owner, token }: RelayTicket): void {
    const { socket, connection } = this.#client;
    socket.cork();
    this.#isFrozen = true;
    const written = socket.bytesWritten;
    this.#links.send(owner, { type: 'relay.written', number, token, written });
    if (frozenChannel.hasSubscribers) frozenChannel.publish(connection);
  }

  #withdraw(): void {
    if (!this.#ticket) return;
    const { owner, number, token } = this.#ticket;
    this.#ticket = undefined;
    this.#links.send(owner, { type: 'relay.withdraw', number, token });
  }
}
