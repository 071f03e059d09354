/**
 * Where connections of data ports come in: each says hello, and goes to the port that it is of, or
 * to a new one of the service that it asks for. Whoever says nothing, or the wrong thing, is told.
 */
import { InterplexError } from '../errors.ts';
import { limits } from '../limits.ts';
import { throwLater } from '../listeners.ts';
import { frameTypes, versions, type FrameHead } from '../wire/frame.ts';
import type { AddressBook, NodeAddress } from './address-book.ts';
import { AcceptedCarriers } from './accepted-carriers.ts';
import type { Clock } from './clock.ts';
import { Connection, type Wire, type WireEvents } from './connection.ts';
import { encodeWords, readHello, type Hello } from './handshake.ts';

/** The port at its target's end, as far as the reception knows it. */
export interface Acceptable {
  /** Settles when it has ended. */
  readonly ended: Promise<unknown>;
  start(): void;
  fence(): void;
}
export interface ReceptionWorld<Port extends Acceptable> {
  readonly node: string;
  /** Of this node, since it was started: whoever knew another one starts anew. */
  readonly incarnation: string;
  readonly clock: Clock;
  readonly book: AddressBook;
  readonly ownAddresses: () => readonly NodeAddress[];
  /** A port at its target's end; it is started by the reception. */
  readonly newPort: (hello: Hello, carriers: AcceptedCarriers) => Port;
}
interface Accepted<Port> {
  readonly port: Port;
  readonly carriers: AcceptedCarriers;
  readonly epoch: number;
  readonly from: string;
}
const plain = { flags: 0, stream: 0, sequence: 0, heard: 0, index: 0, total: 0 };

export class Reception<Port extends Acceptable> {
  readonly #world: ReceptionWorld<Port>;
  readonly #services = new Map<string, (port: Port) => void>();
  /** By the port's name. */
  readonly #ports = new Map<string, Accepted<Port>>();
  readonly #greeting = new Set<Connection>();

  constructor(world: ReceptionWorld<Port>) {
    this.#world = world;
  }

  /** Returns how to accept no more. Throws IPX_SERVICE_TAKEN. */
  serve(service: string, handler: (port: Port) => void): () => void {
    if (this.#services.has(service)) {
      const sentence = `This node accepts data ports of "${service}" already: stop that first.`;
      throw new InterplexError('IPX_SERVICE_TAKEN', sentence);
    }
    this.#services.set(service, handler);
    return () => this.#services.delete(service);
  }

  get ports(): readonly Port[] {
    return [...this.#ports.values()].map(({ port }) => port);
  }

  /** A connection, and whether its certificate, if it has one, is made out to a node. */
  greet(open: (events: WireEvents) => Wire, isFrom: (node: string) => boolean): void {
    const connection = new Connection(open);
    if (this.#greeting.size >= limits.hellosMax) {
      connection.destroy();
      return;
    }
    this.#greeting.add(connection);
    const { clock } = this.#world;
    const timer = clock.setTimeout(() => forget(true), limits.helloMs);
    const forget = (isOver: boolean) => {
      clock.clearTimeout(timer);
      this.#greeting.delete(connection);
      if (isOver) connection.destroy();
    };
    connection.listen({
      onFrame: (head, body) => {
        forget(false);
        try {
          this.#hear(connection, head, body, isFrom);
        } catch (error) {
          if (!(error instanceof InterplexError)) throw error;
          this.#refuse(connection, head, error);
        }
      },
      onEnd: () => forget(false),
    });
  }

  close(): void {
    for (const connection of this.#greeting) connection.destroy();
  }

  #hear(
    connection: Connection,
    head: FrameHead,
    body: Buffer,
    isFrom: (node: string) => boolean,
  ): void {
    if (head.type !== frameTypes.hello) {
      throw new InterplexError('IPX_FRAME_INVALID', 'A connection begins with a hello.');
    }
    const hello = readHello(body);
    if (!isFrom(hello.from)) {
      const sentence = `The certificate is not made out to node "${hello.from}".`;
      throw new InterplexError('IPX_PORT_CERTIFICATE', sentence);
    }
    const { node, book } = this.#world;
    if (hello.to !== node) {
      const sentence = `This is node "${node}", not "${hello.to}": give the address of that one.`;
      throw new InterplexError('IPX_NODE_UNKNOWN', sentence);
    }
    const accepted = this.#portOf(hello);
    book.learn(hello.from, hello.addresses);
    accepted.carriers.offer(hello.path, {
      connection,
      welcome: () => this.#welcome(connection, hello),
    });
  }

  #portOf(hello: Hello): Accepted<Port> {
    const known = this.#ports.get(hello.port);
    if (known && known.from !== hello.from) {
      const sentence = `The port is one of node "${known.from}".`;
      throw new InterplexError('IPX_PORT_UNKNOWN', sentence);
    }
    if (known && known.epoch > hello.epoch) {
      const sentence = `The port has gone on under epoch ${known.epoch}.`;
      throw new InterplexError('IPX_PORT_FENCED', sentence);
    }
    if (known?.epoch === hello.epoch) return known;
    if (hello.expects !== '') {
      const sentence = 'The node was started anew, or has given the port up.';
      throw new InterplexError('IPX_PORT_UNKNOWN', sentence);
    }
    known?.port.fence();
    return this.#accept(hello);
  }

  #accept(hello: Hello): Accepted<Port> {
    const handler = this.#services.get(hello.service);
    if (!handler) {
      const sentence = `The node accepts no data ports of a service "${hello.service}".`;
      throw new InterplexError('IPX_SERVICE_UNKNOWN', sentence);
    }
    if (this.#ports.size >= limits.portsMax) {
      const sentence = `The node has ${limits.portsMax} data ports: close some of them.`;
      throw new InterplexError('IPX_PORT_LIMIT', sentence);
    }
    const carriers = new AcceptedCarriers();
    const port = this.#world.newPort(hello, carriers);
    const accepted = { port, carriers, epoch: hello.epoch, from: hello.from };
    this.#ports.set(hello.port, accepted);
    void this.#forgetEnded(hello.port, accepted);
    port.start();
    try {
      handler(port);
    } catch (error) {
      throwLater(error);
      this.#ports.delete(hello.port);
      port.fence();
      const sentence = `The node's handler for data ports of "${hello.service}" has failed.`;
      throw new InterplexError('IPX_SERVICE_FAILED', sentence);
    }
    return accepted;
  }

  async #forgetEnded(name: string, accepted: Accepted<Port>): Promise<void> {
    await accepted.port.ended;
    if (this.#ports.get(name) === accepted) this.#ports.delete(name);
  }

  #welcome(connection: Connection, { epoch }: Hello): void {
    const { incarnation, ownAddresses } = this.#world;
    const words = { version: versions.most, incarnation, addresses: ownAddresses() };
    connection.send({ ...plain, type: frameTypes.welcome, epoch }, encodeWords(words));
  }

  #refuse(connection: Connection, { epoch }: FrameHead, error: InterplexError): void {
    const { code, message: reason } = error;
    const body = encodeWords({ code, reason });
    connection.send({ ...plain, type: frameTypes.refusal, epoch }, body);
    connection.finish();
  }
}
