/**
 * Connections whose own socket stays here while another node serves them over a loopback socket of
 * this relay: the carrier for where descriptors cannot go (CT-16). A relay is re-pointed when its
 * connection moves on, so relays never chain. Fetching is the one indivisible point: a ticket is
 * taken once, here, or withdrawn here.
 */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { randomBytes } from 'node:crypto';
import type { NodeMessage, RelayMessage, RelayTicket } from '../../actors/protocol.ts';
import type { NodeId } from '../../actors/vocabulary.ts';
import { limits } from '../limits.ts';
import type { Links } from '../runtime/links.ts';
import { Relay } from './relay.ts';

const loopback = '127.0.0.1';
const tokenBytes = 16;

type Word<Type> = Extract<RelayMessage, { type: Type }>;

/** A ticket that is out, and what happens when it is shown. */
interface Issued {
  readonly ticket: RelayTicket;
  readonly fetch: () => Relay | undefined;
}

export class Relays {
  readonly #node: NodeId;
  readonly #links: Links;
  /** By number, as are the tickets: there is one at a time for each. */
  readonly #relays = new Map<number, Relay>();
  readonly #issued = new Map<number, Issued>();
  #server: Server | undefined;
  #lastNumber = 0;
  #onEmpty: (() => void) | undefined;

  constructor(node: NodeId, links: Links) {
    this.#node = node;
    this.#links = links;
    links.subscribe({ onMessage: (from, message) => this.#hear(from, message) });
  }

  get size(): number {
    return this.#relays.size;
  }

  /** Calls back once, when nothing is relayed any more. */
  whenEmpty(callback: () => void): void {
    if (this.size === 0) callback();
    else this.#onEmpty = callback;
  }

  /**
   * A ticket for a client whose socket is here. `take` gives that socket away at the moment at
   * which the ticket is shown; not before.
   */
  async issue(take: () => Socket | undefined): Promise<RelayTicket> {
    const port = await this.#listen();
    this.#lastNumber += 1;
    const number = this.#lastNumber;
    return this.#issue(number, port, () => {
      const client = take();
      return client && this.#hold(number, client);
    });
  }

  /** True: the ticket was not shown, and cannot be any more. */
  withdraw({ number, token }: RelayTicket): boolean {
    return this.#issued.get(number)?.ticket.token === token && this.#issued.delete(number);
  }

  close(): void {
    this.#server?.close();
    for (const relay of this.#relays.values()) relay.destroy();
  }

  #hold(number: number, client: Socket): Relay {
    const relay = new Relay(client, () => {
      this.#relays.delete(number);
      this.#issued.delete(number);
      if (this.size === 0) this.#onEmpty?.();
    });
    this.#relays.set(number, relay);
    return relay;
  }

  #issue(number: number, port: number, fetch: () => Relay | undefined): RelayTicket {
    const secret = randomBytes(tokenBytes);
    secret.writeUInt32BE(number % 2 ** 32); // By it, whoever shows the ticket finds its relay.
    const ticket = { owner: this.#node, number, port, token: secret.toString('hex') };
    this.#issued.set(number, { ticket, fetch });
    return ticket;
  }

  /** The node that serves a relayed client wants it fetched by another. */
  #hear(from: NodeId, message: NodeMessage): boolean {
    switch (message.type) {
      case 'relay.pause':
        this.#pause(from, message);
        return true;
      case 'relay.written':
        void this.#expect(from, message);
        return true;
      case 'relay.withdraw':
        this.#resume(from, message);
        return true;
      default:
        return false;
    }
  }

  #pause(from: NodeId, { number, handover }: Word<'relay.pause'>): void {
    const relay = this.#relays.get(number);
    if (!relay) return; // Its sockets have closed: the node that asks sees that by itself.
    const sent = relay.pause(handover);
    this.#links.send(from, { type: 'relay.paused', handover, sent });
  }

  async #expect(from: NodeId, { number, handover, written }: Word<'relay.written'>) {
    const port = await this.#listen();
    const relay = this.#relays.get(number);
    relay?.expect(handover, written, () => {
      const ticket = this.#issue(number, port, () => relay);
      this.#links.send(from, { type: 'relay.emptied', handover, ticket });
    });
  }

  #resume(from: NodeId, { number, handover }: Word<'relay.withdraw'>): void {
    const relay = this.#relays.get(number);
    // Where the relay is gone, the client has left: nobody else serves it.
    const kept = relay === undefined || relay.resume(handover);
    if (kept) this.#issued.delete(number);
    this.#links.send(from, { type: 'relay.withdrawn', handover, kept });
  }

  async #listen(): Promise<number> {
    const options = { allowHalfOpen: true, noDelay: true };
    const server = (this.#server ??= createServer(options, (socket) => this.#greet(socket)));
    if (!server.listening) {
      await new Promise<void>((resolve, reject) => {
        server.once('listening', resolve).once('error', reject);
        if (server.address() === null) server.listen(0, loopback);
      });
    }
    return (server.address() as AddressInfo).port;
  }

  /** A socket that shows no valid ticket in time is closed; nothing else is told to it. */
  #greet(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    const timer = setTimeout(() => socket.destroy(), limits.confirmMs);
    const read = () => {
      const token: unknown = socket.read(tokenBytes);
      if (!(token instanceof Buffer)) return;
      clearTimeout(timer);
      socket.off('readable', read);
      this.#fetch(token, socket);
    };
    socket.on('readable', read).once('close', () => clearTimeout(timer));
  }

  #fetch(token: Buffer, socket: Socket): void {
    const number = token.readUInt32BE();
    const issued = this.#issued.get(number);
    const relay = issued?.ticket.token === token.toString('hex') ? issued.fetch() : undefined;
    if (relay) {
      this.#issued.delete(number);
      relay.point(socket);
    } else {
      socket.destroy();
    }
  }
}
