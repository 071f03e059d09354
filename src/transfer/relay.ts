/** One relayed connection: the client's own socket, and the socket of whoever serves it. */
import type { Socket } from 'node:net';
import type { NodeId } from '../../actors/vocabulary.ts';
import { limits } from '../limits.ts';

/** Tells the fetching side that the client is its own from now on. */
export const taken = Buffer.of(0x06);

/** A handover under way: the server was told to stop, and says at last how much it has written. */
interface Handover {
  readonly number: number;
  written: number;
  onEmptied: (() => void) | undefined;
  /** Whoever shows its ticket may serve the client. */
  isEmptied: boolean;
}

export class Relay {
  readonly #client: Socket;
  readonly #onClose: () => void;
  #server: Socket | undefined;
  /** The node whose socket that is, if it was named. */
  #servedBy: NodeId | undefined;
  #handover: Handover | undefined;

  /** `onClose` is called once, when the client's socket has closed. */
  constructor(client: Socket, onClose: () => void) {
    this.#client = client;
    this.#onClose = onClose;
    client.on('error', () => client.destroy());
    client.once('close', () => {
      this.#server?.destroySoon(); // What the client sent is still its server's to read.
      this.#onClose();
    });
  }

  /** Whoever shows the ticket serves the client from now on. */
  point(server: Socket, servedBy?: NodeId): void {
    const former = this.#server;
    this.#handover = undefined;
    this.#server = server;
    this.#servedBy = servedBy;
    if (former) this.#leave(former);
    server.on('error', () => server.destroy());
    server.once('end', () => this.#finish(server)).once('close', () => this.#finish(server));
    server.write(taken);
    server.pipe(this.#client, { end: false });
    server.on('data', () => this.#look()); // After the pipe, which has written it by then.
    this.#client.pipe(server);
  }

  /** No more bytes go to the server. Returns how many it was sent in all: some are on their way. */
  pause(handover: number): number {
    const server = this.#server;
    if (!server) return 0;
    this.#handover = {
      number: handover,
      written: Infinity,
      onEmptied: undefined,
      isEmptied: false,
    };
    this.#client.unpipe(server);
    this.#client.pause();
    return server.bytesWritten;
  }

  /** The server has written so many bytes in all. Calls back when all have gone to the client. */
  expect(handover: number, written: number, onEmptied: () => void): void {
    if (this.#handover?.number !== handover) return;
    Object.assign(this.#handover, { written, onEmptied });
    this.#look();
  }

  /** The server goes on. False: it came too late, and another serves the client. */
  resume(handover: number): boolean {
    if (this.#handover?.number !== handover) return false;
    this.#handover = undefined;
    const server = this.#server;
    if (!server) return true;
    this.#client.pipe(server);
    if (server.readableEnded || server.destroyed) this.#finish(server);
    return true;
  }

  /** The node is lost, in another process: its socket may stand for ever. Its last bytes come. */
  lose(node: NodeId): void {
    const server = this.#server;
    if (!server || this.#servedBy !== node) return;
    setTimeout(() => server.destroy(), limits.confirmMs);
  }

  destroy(): void {
    this.#client.destroy();
  }

  #look(): void {
    const { written, onEmptied } = this.#handover ?? {};
    const server = this.#server;
    if (!this.#handover || !server || written === undefined || !onEmptied) return;
    if (server.bytesRead - server.readableLength < written) return;
    this.#handover.onEmptied = undefined;
    this.#handover.isEmptied = true;
    onEmptied();
  }

  /** The client ends as its server does, unless the ticket to it is still on its way to another. */
  #finish(server: Socket): void {
    const finish = () => {
      if (this.#server !== server) return;
      if (server.destroyed) this.#client.destroySoon(); // It may still read what was sent.
      else this.#client.end();
    };
    if (this.#handover?.isEmptied) setTimeout(finish, limits.confirmMs);
    else finish();
  }

  /** The former server closes its side when it has heard that the client is another's. */
  #leave(former: Socket): void {
    former.unpipe(this.#client);
    former.resume(); // Its end shows only to one who reads.
    if (former.readableEnded) former.destroy();
    else former.once('end', () => former.destroy());
  }
}
