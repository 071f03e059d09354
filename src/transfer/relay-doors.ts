/**
 * Where relayed connections are fetched: on loopback by nodes of this process, and on this node's
 * addresses by those of others. A door is opened when the first ticket to it is given. Who comes
 * without a ticket hears nothing: the token came to its bearer over an authenticated link, has 96
 * random bits, and is taken once.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { limits } from '../limits.ts';

const loopback = '127.0.0.1';
export const tokenBytes = 16;

export interface Door {
  readonly address: string;
  readonly port: number;
}

export interface RelayDoorsOptions {
  /** This node's, the primary first. */
  readonly addresses: readonly string[];
  /** A socket has shown a token; whoever is told closes it if it is none. */
  readonly onToken: (token: Buffer, socket: Socket) => void;
}

export class RelayDoors {
  readonly #options: RelayDoorsOptions;
  readonly #servers = new Map<string, Promise<Server>>();
  #strangers = 0;

  constructor(options: RelayDoorsOptions) {
    this.#options = options;
  }

  /** The port on loopback. Rejects when it cannot listen. */
  async near(): Promise<number> {
    const { port } = await this.#open(loopback);
    return port;
  }

  /** The doors that can be opened for other processes. Rejects when none can. */
  async far(): Promise<readonly Door[]> {
    const { addresses } = this.#options;
    const tried = await Promise.allSettled(addresses.map((address) => this.#open(address)));
    const open = tried.flatMap((door) => (door.status === 'fulfilled' ? door.value : []));
    const [first] = tried;
    if (open.length === 0 && first?.status === 'rejected') throw first.reason;
    return open;
  }

  close(): void {
    for (const server of this.#servers.values()) {
      server.then((open) => open.close()).catch(() => undefined); // It never opened.
    }
    this.#servers.clear();
  }

  async #open(address: string): Promise<Door> {
    const opening = this.#servers.get(address) ?? this.#listen(address);
    this.#servers.set(address, opening);
    try {
      const at = (await opening).address();
      if (typeof at === 'object' && at !== null) return { address, port: at.port };
    } catch (error) {
      this.#servers.delete(address); // An address that is away may come back.
      throw error;
    }
    throw new Error(`The relay's door at ${address} is closed.`);
  }

  #listen(address: string): Promise<Server> {
    const options = { allowHalfOpen: true, noDelay: true };
    const server = createServer(options, (socket) => this.#greet(socket));
    return new Promise((resolve, reject) => {
      server.once('error', reject).listen(0, address, () => resolve(server.off('error', reject)));
    });
  }

  /** A socket that shows no valid token in time is closed; nothing else is told to it. */
  #greet(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    if (this.#strangers >= limits.relayStrangersMax) {
      socket.destroy();
      return;
    }
    this.#strangers += 1;
    const timer = setTimeout(() => socket.destroy(), limits.confirmMs);
    const read = () => {
      const token: unknown = socket.read(tokenBytes);
      if (!(token instanceof Buffer)) return;
      settle();
      this.#options.onToken(token, socket);
    };
    const settle = () => {
      clearTimeout(timer);
      socket.off('readable', read).off('close', settle);
      this.#strangers -= 1;
    };
    socket.on('readable', read).once('close', settle);
  }
}
