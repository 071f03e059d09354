/** The clients that one stack holds, by the number that it and its applications name them by. */
import type { Socket } from 'node:net';
import type { CarrierName, ClientId, ConnectionDescription } from '../../actors/vocabulary.ts';
import { Client } from './client.ts';

export class Clients {
  readonly #clients = new Map<ClientId, Client>();
  readonly #onClose: (client: Client) => void;
  #lastId = 0;

  /** `onClose` is called for each client that closes while it is held here. */
  constructor(onClose: (client: Client) => void) {
    this.#onClose = onClose;
  }

  hold(socket: Socket, connection: ConnectionDescription, carrier: CarrierName): Client {
    this.#lastId += 1;
    const client = new Client(this.#lastId as ClientId, socket, connection, carrier);
    this.#clients.set(client.id, client);
    socket.on('error', ignoreError);
    socket.once('close', () => {
      if (this.#clients.delete(client.id)) this.#onClose(client);
    });
    return client;
  }

  get(id: ClientId): Client | undefined {
    return this.#clients.get(id);
  }

  /** The client is another's now: its socket closes here, and that says nothing of the client. */
  depart(client: Client): void {
    this.#clients.delete(client.id);
    client.depart();
  }

  closeAll(): void {
    for (const client of this.#clients.values()) client.destroy();
  }

  get size(): number {
    return this.#clients.size;
  }
}

/** `close` always follows, and is what reports the loss. */
const ignoreError = () => {};
