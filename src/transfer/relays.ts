/**
 * Connections whose own socket stays here while another node serves them over a loopback socket of
 * this relay: the carrier for where descriptors cannot go (CT-16). A relay is re-pointed when its
 * connection moves on, so relays never chain. Fetching is the one indivisible point: a ticket is
 * taken once, here, or withdrawn here.
 */
import type { Socket } from 'node:net';
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { NodeMessage, RelayMessage, RelayTicket } from '../../actors/protocol.ts';
import type { NodeId } from '../../actors/vocabulary.ts';
import type { Links } from '../runtime/links.ts';
import { RelayDoors, tokenBytes, type Door } from './relay-doors.ts';
import { Relay } from './relay.ts';

type Word<Type> = Extract<RelayMessage, { type: Type }>;

/** A ticket that is out, and what happens when it is shown. */
interface Issued {
  readonly ticket: RelayTicket;
  readonly to: NodeId | undefined;
  readonly fetch: () => Relay | undefined;
}

export class Relays {
  readonly #node: NodeId;
  readonly #links: Links;
  /** By number, as are the tickets: there is one at a time for each. */
  readonly #relays = new Map<number, Relay>();
  readonly #issued = new Map<number, Issued>();
  readonly #doors: RelayDoors;
  #lastNumber = 0;
  #onEmpty: (() => void) | undefined;

  constructor(node: NodeId, links: Links, addresses: readonly string[]) {
    this.#node = node;
    this.#links = links;
    this.#doors = new RelayDoors({
      addresses,
      onToken: (token, socket) => this.#fetch(token, socket),
    });
    links.subscribe({
      onMessage: (from, message) => this.#hear(from, message),
      onLost: (peer) => {
        // A thread's sockets close as it ends. Of another process nothing may ever come.
        if (!links.isHere(peer)) for (const relay of this.#relays.values()) relay.lose(peer);
      },
    });
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
   * A ticket to `target` for a client whose socket is here. `take` gives that socket away at the
   * moment at which the ticket is shown; not before.
   */
  async issue(target: NodeId, take: () => Socket | undefined): Promise<RelayTicket> {
    const doors = await this.#open(target);
    this.#lastNumber += 1;
    const number = this.#lastNumber;
    return this.#issue(number, target, doors, () => {
      const client = take();
      return client && this.#hold(number, client);
    });
  }

  /** True: the ticket was not shown, and cannot be any more. */
  withdraw({ number, token }: RelayTicket): boolean {
    return this.#issued.get(number)?.ticket.token === token && this.#issued.delete(number);
  }

  close(): void {
    this.#doors.close();
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

  #issue(
    number: number,
    to: NodeId | undefined,
    doors: Pick<RelayTicket, 'port' | 'at'>,
    fetch: () => Relay | undefined,
  ): RelayTicket {
    const secret = randomBytes(tokenBytes);
    secret.writeUInt32BE(number % 2 ** 32); // By it, whoever shows the ticket finds its relay.
    const ticket = { owner: this.#node, number, token: secret.toString('hex'), ...doors };
    this.#issued.set(number, { ticket, to, fetch });
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

  async #expect(from: NodeId, { number, handover, written, to }: Word<'relay.written'>) {
    const doors = await this.#open(to);
    const relay = this.#relays.get(number);
    relay?.expect(handover, written, () => {
      const ticket = this.#issue(number, to, doors, () => relay);
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

  /** A node that is not named is of this process, as all once were. */
  async #open(to: NodeId | undefined): Promise<Pick<RelayTicket, 'port' | 'at'>> {
    const at: readonly Door[] =
      to === undefined || this.#links.isHere(to) ? [] : await this.#doors.far();
    return at.length === 0 ? { port: await this.#doors.near() } : { port: 0, at };
  }

  #fetch(token: Buffer, socket: Socket): void {
    const number = token.readUInt32BE();
    const issued = this.#issued.get(number);
    const expected = Buffer.from(issued?.ticket.token ?? '', 'hex');
    const isValid = expected.length === tokenBytes && timingSafeEqual(expected, token);
    const relay = isValid ? issued?.fetch() : undefined;
    if (relay) {
      this.#issued.delete(number);
      relay.point(socket, issued?.to);
    } else {
      socket.destroy();
    }
  }
}
