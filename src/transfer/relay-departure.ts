/** The relay carrier's giving side where the client's own socket is here: it stays, and relays. */
import type { CommitCargo, RelayTicket } from '../../actors/protocol.ts';
import type { Refusal } from '../../actors/vocabulary.ts';
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
  readonly #freeze: Freeze;
  #ticket: RelayTicket | undefined;

  constructor(client: Client, relays: Relays) {
    this.#client = client;
    this.#relays = relays;
    this.#freeze = new Freeze(client);
  }

  freeze(answer: (refusal: Refusal | undefined) => void): void {
    this.#relays
      .issue(() => this.#take())
      .then(
        (ticket) => {
          this.#ticket = ticket;
          this.#freeze.begin(answer);
        },
        (error: unknown) => answer({ code: 'IPX_CARRIER_NONE', reason: sentenceOf(error) }),
      );
  }

  thaw(): void {
    if (this.#ticket) this.#relays.withdraw(this.#ticket);
    this.#freeze.end();
  }

  commit(): CommitCargo | Refusal {
    if (!this.#ticket) return { code: 'IPX_CLIENT_GONE', reason: 'The client has left.' };
    const timeoutMs = this.#client.socket.timeout ?? 0;
    // What is unread stays in the socket, and is the first that the relay sends.
    return { carrier: 'relay', relay: this.#ticket, unread: new Uint8Array(0), timeoutMs };
  }

  reclaim(_isTargetDead: boolean, answer: (kept: boolean) => void): void {
    answer(this.#ticket === undefined || this.#relays.withdraw(this.#ticket));
  }

  settle(): void {
    // The relay has the socket; nothing of the attempt is left.
  }

  /** The ticket was shown: the relay gets the socket, and the application's is closed. */
  #take() {
    const { frozen } = this.#freeze;
    return frozen && moveHandle(this.#client.socket, frozen);
  }
}
