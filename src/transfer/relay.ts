/** One relayed connection: the client's own socket, and the socket of whoever serves it. */
import type { Socket } from 'node:net';

/** Tells the fetching side that the client is its own from now on. */
export const taken = Buffer.of(0x06);

export class Relay {
  readonly #client: Socket;
  readonly #onClose: () => void;
  #server: Socket | undefined;
  /** Whoever has shown the ticket while bytes of the former server are still on their way. */
  #next: Socket | undefined;
  /** Bytes that the former server wrote in all; they reach the client before another's. */
  #written = Infinity;

  /** `onClose` is called once, when the client's socket has closed. */
  constructor(client: Socket, onClose: () => void) {
    this.#client = client;
    this.#onClose = onClose;
    client.on('error', () => client.destroy());
    client.once('close', () => {
      this.#server?.destroySoon(); // What the client sent is still its server's to read.
      this.#next?.destroy();
      this.#onClose();
    });
  }

  /** Whoever shows the ticket serves the client from now on. */
  point(server: Socket): void {
    if (!this.#server) {
      this.#join(server);
      return;
    }
    this.#next = server;
    this.#turnOver();
  }

  /** No more bytes go to the server. Settles with how many it was sent in all. */
  async pause(): Promise<number> {
    const server = this.#server;
    if (!server) return 0;
    this.#written = Infinity;
    this.#client.unpipe(server);
    this.#client.pause();
    await new Promise<void>((resolve) => {
      if (server.writableLength === 0) resolve();
      else server.write('', () => resolve());
    });
    return server.bytesWritten;
  }

  /** The former server's last word: how many bytes it wrote in all. */
  expect(written: number): void {
    this.#written = written;
    this.#turnOver();
  }

  /** The ticket was withdrawn: the former server goes on. */
  resume(): void {
    if (this.#server) this.#client.pipe(this.#server);
  }

  destroy(): void {
    this.#client.destroy();
  }

  #join(server: Socket): void {
    this.#server = server;
    server.on('error', () => server.destroy());
    server.once('close', () => {
      if (this.#server !== server) return;
      if (this.#next) this.#turnOver();
      else this.#client.destroySoon(); // What it wrote is still the client's to read.
    });
    server.write(taken);
    // Ends pass through: `pipe` ends one side when the other has ended.
    server.pipe(this.#client);
    server.on('data', () => this.#turnOver()); // After the pipe, which has written it by then.
    this.#client.pipe(server);
  }

  /** Lets the next server take its turn, once all that the former wrote has gone to the client. */
  #turnOver(): void {
    const former = this.#server;
    const next = this.#next;
    if (!former || !next) return;
    const passed = former.bytesRead - former.readableLength;
    if (passed < this.#written && !former.destroyed) return;
    this.#next = undefined;
    former.unpipe(this.#client);
    this.#join(next);
    former.destroy();
  }
}
