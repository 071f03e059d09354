/** Clients that are connected to one server. A client that is lost fails whatever is waited for. */
import { connect, type Socket } from 'node:net';

import { Deferred } from '../deferred.ts';
import { greeting, now, welcome, type Echoed, type Words } from './commands.ts';

/** Connects under way at once: fewer than a listener's backlog. */
const connectingMax = 128;
const request = Buffer.alloc(64, 'r');
const chunk = Buffer.alloc(64 * 1024, 'c');
/** Bytes of a bulk client under way: more than the sockets between hold, so that none waits. */
const windowBytes = 16 * 1024 * 1024;
/** All clients read into the same buffer: what came back is counted, not looked at. */
const sink = Buffer.alloc(64 * 1024);

interface Opening {
  readonly port: number;
  readonly count: number;
  readonly words: Words;
}

interface OneClient {
  readonly socket: Socket;
  /** What is done with the bytes that come. */
  onBytes: (count: number) => void;
}

export class ClientSet {
  readonly #clients: OneClient[] = [];
  readonly #greeted = new Deferred();
  readonly #lost = new Deferred<never>();
  #spoken = 0;
  #awaited = 0;
  #isClosing = false;

  /** Settles when all are connected, and answered if that is wanted. */
  async open({ port, count, words }: Opening): Promise<void> {
    this.#awaited += count;
    let begun = 0;
    const lane = async () => {
      while (begun < count) {
        begun += 1;
        const client = await this.#connect(port);
        if (words === 'spoken') client.socket.write(greeting);
        if (words === 'answered') await this.#ask(client);
      }
    };
    await Promise.all(Array.from({ length: connectingMax }, lane));
  }

  /** The next client that has not spoken does; settles when it is served. */
  async speak(): Promise<void> {
    const client = this.#clients[this.#spoken];
    this.#spoken += 1;
    if (!client) throw new Error('All clients have spoken.');
    await this.#ask(client);
  }

  /** One client speaks; settles when it is served. */
  async #ask(client: OneClient): Promise<void> {
    const { onBytes } = client;
    const answered = new Promise<void>((resolve) => {
      client.onBytes = (count) => {
        onBytes(count);
        resolve();
      };
    });
    client.socket.write(greeting);
    await Promise.race([answered, this.#lost.promise]);
  }

  greeted(): Promise<void> {
    return Promise.race([this.#greeted.promise, this.#lost.promise]);
  }

  /** By a reset: the ports are free at once. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const closed = this.#clients.map(
      ({ socket }) =>
        new Promise((resolve) => {
          if (socket.closed) resolve(undefined);
          else socket.once('close', resolve).resetAndDestroy();
        }),
    );
    await Promise.all(closed);
  }

  async echo(ms: number): Promise<Echoed> {
    let requests = 0;
    const from = now();
    const end = from + ms;
    const one = (client: OneClient) =>
      new Promise<void>((resolve) => {
        let missing = request.length;
        client.onBytes = (count) => {
          missing -= count;
          if (missing > 0) return;
          requests += 1;
          missing = request.length;
          if (now() < end) client.socket.write(request);
          else resolve();
        };
        client.socket.write(request);
      });
    await Promise.race([Promise.all(this.#clients.map(one)), this.#lost.promise]);
    return { requests, bytes: requests * request.length, elapsedMs: now() - from };
  }

  async bulk(ms: number): Promise<Echoed> {
    const [client] = this.#clients;
    if (!client) throw new Error('No client is connected.');
    const from = now();
    const end = from + ms;
    let underway = 0;
    let bytes = 0;
    const all = new Promise<void>((resolve) => {
      const fill = () => {
        while (underway < windowBytes && now() < end) {
          underway += chunk.length;
          client.socket.write(chunk);
        }
        if (underway === 0) resolve();
      };
      client.onBytes = (count) => {
        underway -= count;
        bytes += count;
        fill();
      };
      fill();
    });
    await Promise.race([all, this.#lost.promise]);
    return { requests: 0, bytes, elapsedMs: now() - from };
  }

  #connect(port: number): Promise<OneClient> {
    return new Promise((resolve, reject) => {
      const callback = (count: number) => {
        client.onBytes(count);
        return true;
      };
      const options = {
        host: '127.0.0.1',
        port,
        noDelay: true,
        onread: { buffer: sink, callback },
      };
      const socket = connect(options, () => {
        resolve(client);
      });
      const client: OneClient = { socket, onBytes: this.#welcomed() };
      this.#clients.push(client);
      socket.on('error', (error) => {
        if (this.#isClosing) return;
        reject(error);
        this.#lost.reject(error);
      });
      socket.on('close', () => {
        if (!this.#isClosing) this.#lost.reject(new Error('A client was closed by its server.'));
      });
    });
  }

  /** Counts the bytes of a welcome, whatever pieces it comes in. */
  #welcomed(): (count: number) => void {
    let missing = welcome.length;
    return (count) => {
      missing -= count;
      if (missing !== 0) return;
      this.#awaited -= 1;
      if (this.#awaited === 0) this.#greeted.resolve();
    };
  }
}
