/**
 * A line for datagrams between a client and a server that knows only the line. What comes to
 * `front` leaves to the server from an address of its own for each client, so that answers find
 * their way back. A server that should speak first is told of `back`, the address of the client
 * that was named.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { Departures } from './departures.ts';
import { Lane, type DatagramFaults } from './lane.ts';

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

interface Route {
  readonly client: Endpoint;
  readonly socket: Socket;
}

export interface UdpProxyOptions {
  readonly server: Endpoint;
  /** A client whose route is made at once. Others are learnt from their first datagram. */
  readonly client?: Endpoint;
  /** Where the line listens on each of its sides, by default 127.0.0.1. */
  readonly frontAddress?: string;
  readonly backAddress?: string;
  readonly seed?: number;
  readonly faults?: DatagramFaults;
}

/** Clients that are remembered. A test has a few. */
const routesMax = 1_000;

export class UdpProxy {
  /** To the server. */
  readonly forward: Lane;
  /** To the client. */
  readonly backward: Lane;
  readonly #front: Socket;
  readonly #options: UdpProxyOptions;
  readonly #routes = new Map<string, Promise<Route>>();
  readonly #onTheWay = new Departures<() => void>((send) => send());
  #back: Endpoint | undefined;
  #isOver = false;

  private constructor(front: Socket, options: UdpProxyOptions) {
    const { seed = 1, faults = {} } = options;
    this.#front = front;
    this.#options = options;
    this.forward = new Lane(seed, faults);
    this.backward = new Lane(seed + 1, faults);
    front.on('message', (bytes, from) => void this.#toServer(bytes, from));
    front.on('error', () => undefined); // An answer of ICMP to what was sent: the line is silent.
  }

  static async start(options: UdpProxyOptions): Promise<UdpProxy> {
    const proxy = new UdpProxy(await bound(options.frontAddress), options);
    if (options.client) {
      const { socket } = await proxy.#routeOf(options.client);
      proxy.#back = socket.address();
    }
    return proxy;
  }

  get front(): Endpoint {
    return this.#front.address();
  }

  get back(): Endpoint {
    if (!this.#back) throw new Error('No client was named, so the server cannot speak first.');
    return this.#back;
  }

  /** Both directions from now on; what is on its way still comes. */
  set faults(faults: DatagramFaults) {
    this.forward.faults = faults;
    this.backward.faults = faults;
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    this.#onTheWay.clear();
    const routes = await Promise.all(this.#routes.values());
    const sockets = [this.#front, ...routes.map(({ socket }) => socket)];
    await Promise.all(sockets.map((socket) => once(socket.close(), 'close')));
  }

  async #toServer(bytes: Buffer, from: Endpoint): Promise<void> {
    const plans = this.forward.plan(bytes, performance.now());
    const { socket } = await this.#routeOf(from);
    for (const plan of plans) this.#send(socket, plan, this.#options.server);
  }

  #toClient(bytes: Buffer, client: Endpoint): void {
    const plans = this.backward.plan(bytes, performance.now());
    for (const plan of plans) this.#send(this.#front, plan, client);
  }

  #send(socket: Socket, { bytes, atMs }: { bytes: Buffer; atMs: number }, to: Endpoint): void {
    this.#onTheWay.add(() => {
      if (!this.#isOver) socket.send(bytes, to.port, to.address, () => undefined);
    }, atMs);
  }

  #routeOf({ address, port }: Endpoint): Promise<Route> {
    const name = `${address}:${port}`;
    const known = this.#routes.get(name);
    if (known) return known;
    if (this.#routes.size >= routesMax) throw new Error('More clients than a test has.');
    const route = this.#newRoute({ address, port });
    this.#routes.set(name, route);
    return route;
  }

  async #newRoute(client: Endpoint): Promise<Route> {
    const socket = await bound(this.#options.backAddress);
    socket.on('message', (bytes) => this.#toClient(bytes, client));
    socket.on('error', () => undefined); // As above.
    return { client, socket };
  }
}

async function bound(address = '127.0.0.1'): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, address);
  await once(socket, 'listening');
  return socket;
}
