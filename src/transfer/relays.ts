/**
 * Connections whose own socket stays here while another node serves them over a loopback socket of
 * this relay: the carrier for where descriptors cannot go (CT-16). A relay is re-pointed when its
 * connection moves on, so relays never chain. Fetching is the one indivisible point: a ticket is
 * taken once, here, or withdrawn here.
 */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { randomBytes } from 'node:crypto';
import type { NodeMessage, RelayTicket } from '../../actors/protocol.ts';
import type { NodeId } from '../../actors/vocabulary.ts';
import { limits } from '../limits.ts';
import type { Links } from '../runtime/links.ts';
import { Relay } from './relay.ts';

const loopback = '127.0.0.1';
const tokenBytes = 16;

/** A ticket that is out, and what happens when it is shown. */
interface Issued {
  readonly ticket: RelayTicket;
  readonly fetch: () => Relay | undefined;
}

export class Relays {
  readonly #node: NodeId;
  readonly #links: Links;
  readonly #relays = new Map<number, Relay>();
  readonly #issued = new Map<string, Issued>();
  #server: Server | undefined;
  #lastNumber = 0;

  constructor(node: NodeId, links: Links) {
    this.#node = node;
    this.#links = links;
    links.subscribe({ onMessage: (from, message) => this.#hear(from, message) });
  }

  get size(): number {
    return this.#relays.size;
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
  withdraw({ token }: Pick<RelayTicket, 'token'>): boolean {
    return this.#issued.delete(token);
  }

  close(): void {
    this.#server?.close();
    for (const relay of this.#relays.values()) relay.destroy();
  }

  #hold(number: number, client: Socket): Relay {
    const relay = new Relay(client, () => this.#relays.delete(number));
    this.#relays.set(number, relay);
    return relay;
  }

  #issue(number: number, port: number, fetch: () => Relay | undefined): RelayTicket {
    const token = randomBytes(tokenBytes).toString('hex');
    const ticket = { owner: this.#node, number, port, token };
    this.#issued.set(token, { ticket, fetch });
    return ticket;
  }

  #hear(from: NodeId, message: NodeMessage): boolean {
    switch (message.type) {
      case 'relay.pause':
        void this.#pause(from, message.number);
        return true;
      case 'relay.written':
        this.#relays.get(message.number)?.expect(message.written);
        return true;
      case 'relay.withdraw': {
        const { number, token } = message;
        const kept = this.withdraw({ token });
        if (kept) this.#relays.get(number)?.resume();
        this.#links.send(from, { type: 'relay.withdrawn', number, token, kept });
        return true;
      }
      default:
        return false;
    }
  }

  /** The node that serves a relayed client wants it fetched by another. */
  async #pause(from: NodeId, number: number): Promise<void> {
    const port = await this.#listen();
    const relay = this.#relays.get(number);
    if (!relay) return; // Its sockets have closed: the node that asks sees that by itself.
    const sent = await relay.pause();
    const ticket = this.#issue(number, port, () => this.#relays.get(number));
    this.#links.send(from, { type: 'relay.paused', ticket, sent });
  }

  async #listen(): Promise<number> {
    const server = (this.#server ??= createServer({ allowHalfOpen: true }, (socket) =>
      this.#greet(socket),
    ));
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
      this.#fetch(token.toString('hex'), socket);
    };
    socket.on('readable', read).once('close', () => clearTimeout(timer));
  }

  #fetch(token: string, socket: Socket): void {
    const issued = this.#issued.get(token);
    this.#issued.delete(token);
    const relay = issued?.fetch();
    if (relay) relay.point(socket);
    else socket.destroy();
  }
}
