/**
 * A line for connections. TCP mends loss, doubles and order by itself, so a stream knows of delay,
 * rate, wrong bits, silence and a sudden end. Each direction has its lane, for all connections.
 */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Endpoint } from './udp-proxy.ts';
import { Departures } from './departures.ts';
import { Lane, type StreamFaults } from './lane.ts';

export interface TcpProxyOptions {
  readonly server: Endpoint;
  readonly frontAddress?: string;
  readonly seed?: number;
  readonly faults?: StreamFaults;
}

/** What a direction of a connection holds before its sender is paused. */
const heldPiecesMax = 64;

export class TcpProxy {
  /** To the server. */
  readonly forward: Lane<StreamFaults>;
  /** To the client. */
  readonly backward: Lane<StreamFaults>;
  /** What a new client meets: a connection, a reset, or one that nobody ever answers. */
  greeting: 'connect' | 'refuse' | 'ignore' = 'connect';
  readonly #server: Endpoint;
  readonly #front: Server;
  readonly #sockets = new Set<Socket>();
  readonly #flows = new Set<Flow>();

  private constructor({ server, seed = 1, faults = {} }: TcpProxyOptions) {
    this.#server = server;
    this.forward = new Lane(seed, faults);
    this.backward = new Lane(seed + 1, faults);
    this.#front = createServer({ allowHalfOpen: true, noDelay: true }, (client) =>
      this.#meet(client),
    );
  }

  static async start(options: TcpProxyOptions): Promise<TcpProxy> {
    const proxy = new TcpProxy(options);
    await once(proxy.#front.listen(0, options.frontAddress ?? '127.0.0.1'), 'listening');
    return proxy;
  }

  get front(): Endpoint {
    const at = this.#front.address();
    if (at === null || typeof at === 'string') throw new Error('The line does not listen.');
    return { address: at.address, port: at.port };
  }

  get connectionCount(): number {
    return this.#flows.size / 2;
  }

  /** Both directions from now on. What a cut line holds comes when it is mended. */
  set faults(faults: StreamFaults) {
    this.forward.faults = faults;
    this.backward.faults = faults;
    this.mend();
  }

  /** Looks at the faults again, after one lane's were set. */
  mend(): void {
    for (const flow of this.#flows) flow.resume();
  }

  /** Every connection ends with a reset on both sides, bytes on their way are lost. */
  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async stop(): Promise<void> {
    if (!this.#front.listening) return;
    const closed = once(this.#front.close(), 'close');
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #meet(client: Socket): void {
    this.#hold(client);
    if (this.greeting === 'refuse') client.resetAndDestroy();
    if (this.greeting !== 'connect') return;
    const { address: host, port } = this.#server;
    const server = connect({ host, port, allowHalfOpen: true, noDelay: true });
    this.#hold(server);
    this.#join(client, server, this.forward);
    this.#join(server, client, this.backward);
  }

  #hold(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined); // `close` follows.
    socket.once('close', () => this.#sockets.delete(socket));
  }

  /** One direction. A side that breaks breaks the other, as where there is no line between. */
  #join(from: Socket, to: Socket, lane: Lane<StreamFaults>): void {
    const flow = new Flow(from, to, lane);
    this.#flows.add(flow);
    from.once('close', (isBroken) => {
      this.#flows.delete(flow);
      if (isBroken || !from.readableEnded) to.resetAndDestroy();
    });
  }
}

class Flow {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #lane: Lane<StreamFaults>;
  readonly #onTheWay: Departures<Buffer | 'end'>;
  readonly #held: (Buffer | 'end')[] = [];
  #lastAtMs = 0;

  constructor(from: Socket, to: Socket, lane: Lane<StreamFaults>) {
    this.#from = from;
    this.#to = to;
    this.#lane = lane;
    this.#onTheWay = new Departures((piece) => this.#arrive(piece));
    from.on('data', (bytes) => this.#take(bytes));
    from.on('end', () => this.#onTheWay.add('end', this.#lastAtMs));
    to.on('drain', () => this.resume());
    from.once('close', () => this.#to.destroyed && this.#onTheWay.clear());
  }

  resume(): void {
    if (this.#lane.faults.isCut === true) return;
    for (const piece of this.#held.splice(0)) this.#write(piece);
    if (this.#isIdle()) this.#from.resume();
  }

  #take(bytes: Buffer): void {
    const delivery = this.#lane.planStream(bytes, performance.now());
    this.#lastAtMs = Math.max(this.#lastAtMs, delivery.atMs);
    this.#onTheWay.add(delivery.bytes, this.#lastAtMs);
    if (!this.#isIdle()) this.#from.pause();
  }

  #arrive(piece: Buffer | 'end'): void {
    if (this.#lane.faults.isCut === true) this.#held.push(piece);
    else this.#write(piece);
    if (this.#isIdle()) this.#from.resume();
  }

  #write(piece: Buffer | 'end'): void {
    if (piece === 'end') this.#to.end();
    else this.#to.write(piece);
  }

  #isIdle = () =>
    this.#onTheWay.count + this.#held.length < heldPiecesMax &&
    this.#to.writableLength < this.#to.writableHighWaterMark;
}
