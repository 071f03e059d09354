/** The relay carrier's giving side where the client's own socket is here: it stays, and relays. */
import type { CommitCargo, RelayTicket } from '../../actors/protocol.ts';
import type { NodeId, Refusal } from '../../actors/vocabulary.ts';
import { sentenceOf } from '../errors.ts';
import { moveHandle } from '../io/tcp.ts';
import type { Client } from './client.ts';
import type { Departure } from './departure.ts';
import { Freeze } from './freeze.ts';
import type { Relays } from './relays.ts';

export class RelayDeparture implements Departure {
  readonly carrier = 'relay';
  readonly #client: Client;
  readonly #relays: Relays;
  readonly #target: NodeId;
  readonly #freeze: Freeze;
  #ticket: RelayTicket | undefined;
  #isThawed = false;

  constructor(client: Client, relays: Relays, target: NodeId) {
    this.#client = client;
    this.#relays = relays;
    this.#target = target;
    this.#freeze = new Freeze(client);
  }

  freeze(answer: (refusal: Refusal | undefined) => void): void {
    void this.#freezeWithTicket(answer);
  }

  thaw(): void {
    this.#isThawed = true;
    if (this.#ticket) this.#relays.withdraw(this.#ticket);
    this.#freeze.end();
  }

  commit(): CommitCargo | Refusal {
    const { frozen } = this.#freeze;
    if (!this.#ticket || !frozen) {
      return { code: 'IPX_CLIENT_GONE', reason: 'The client has left.' };
    }
    const timeoutMs = this.#client.socket.timeout ?? 0;
    return { carrier: 'relay', relay: this.#ticket, unread: frozen.unread, timeoutMs };
  }

  reclaim(_isTargetDead: boolean, answer: (kept: boolean) => void): void {
    answer(this.#ticket === undefined || this.#relays.withdraw(this.#ticket));
  }

  settle(): void {
    // The relay has the socket; nothing of the attempt is left.
  }

  async #freezeWithTicket(answer: (refusal: Refusal | undefined) => void): Promise<void> {
    try {
      this.#ticket = await this.#relays.issue(this.#target, () => this.#take());
    } catch (error) {
      answer({ code: 'IPX_CARRIER_NONE', reason: sentenceOf(error) });
      return;
    }
    if (this.#isThawed) this.#relays.withdraw(this.#ticket);
    else this.#freeze.begin(answer);
  }

  /** The ticket was shown: the relay gets the socket, and the application's is closed. */
  #take() {
    return this.#freeze.frozen && moveHandle(this.#client.socket);
  }
}
