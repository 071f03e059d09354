/** The clients that one stack holds, by the number that it and its applications name them by. */
import type { Socket } from 'node:net';
import type { RelayTicket } from '../../actors/protocol.ts';
import type { ClientId, ConnectionDescription, NodeId, VipaName } from '../../actors/vocabulary.ts';
import { limits } from '../limits.ts';
import { Client, type ClientHolder } from './client.ts';

export class Clients implements ClientHolder {
  readonly #clients = new Map<ClientId, Client>();
  readonly #onClose: (client: Client) => void;
  /** Those that were accepted here and never moved, by VIPA. */
  readonly #unmoved = new Map<VipaName, number>();
  readonly #onIdle = new Map<VipaName, () => void>();
  #lastId = 0;

  /** `onClose` is called for each client that closes while it is held here. */
  constructor(onClose: (client: Client) => void) {
    this.#onClose = onClose;
  }

  hold(socket: Socket, connection: ConnectionDescription, relay?: RelayTicket): Client {
    this.#lastId += 1;
    const client = new Client(this.#lastId as ClientId, socket, connection, relay);
    client.holder = this;
    this.#clients.set(client.id, client);
    if (connection.hops === 0) this.#count(connection.vipa, 1);
    const held: HeldSocket = socket;
    held[holding] = client;
    socket.on('error', ignoreError).on('close', tellClosed);
    return client;
  }

  /** For the socket of a client: it has closed. */
  closed(client: Client): void {
    if (this.#forget(client)) this.#onClose(client);
    client.onClose?.(client);
  }

  get(id: ClientId): Client | undefined {
    return this.#clients.get(id);
  }

  /** The client is another's now: its socket closes here, and that says nothing of the client. */
  depart(client: Client): void {
    this.#forget(client);
    client.depart();
  }

  /** Calls back once, when none that was accepted here on a VIPA is left to converse with. */
  whenIdle(vipa: VipaName, callback: () => void): void {
    if ((this.#unmoved.get(vipa) ?? 0) === 0) callback();
    else this.#onIdle.set(vipa, callback);
  }

  /** The node that holds their own sockets is lost, in another process. Its last bytes come. */
  closeRelayedBy(owner: NodeId): void {
    const relayed = [...this.#clients.values()].filter(({ relay }) => relay?.owner === owner);
    if (relayed.length === 0) return;
    setTimeout(() => {
      for (const { socket } of relayed) socket.destroy();
    }, limits.confirmMs);
  }

  closeAll(): void {
    for (const client of this.#clients.values()) client.destroy();
  }

  get size(): number {
    return this.#clients.size;
  }

  #forget(client: Client): boolean {
    if (!this.#clients.delete(client.id)) return false;
    const { hops, vipa } = client.connection;
    if (hops === 0) this.#count(vipa, -1);
    return true;
  }

  #count(vipa: VipaName, change: 1 | -1): void {
    const count = (this.#unmoved.get(vipa) ?? 0) + change;
    this.#unmoved.set(vipa, count);
    if (count > 0) return;
    const callback = this.#onIdle.get(vipa);
    this.#onIdle.delete(vipa);
    callback?.();
  }
}

/** Whose a socket is: a property, for a listener of its own would cost each client 200 bytes. */
const holding = Symbol('holding');
type HeldSocket = Socket & { [holding]?: Client };

function tellClosed(this: HeldSocket): void {
  const client = this[holding];
  client?.holder?.closed(client);
}

/** `close` always follows, and is what reports the loss. */
const ignoreError = () => {};
