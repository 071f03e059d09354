/**
 * A client's connection as an application sees it: the kernel's socket, and beside it reads of a
 * known shape. The socket is a plain `net.Socket`; use it directly whenever that is handier.
 */
import type { RelayTicket } from '../../actors/protocol.ts';
import type { Socket } from 'node:net';
import type { CarrierName, ClientId, ConnectionDescription } from '../../actors/vocabulary.ts';
import { InterplexError, type ErrorCode } from '../errors.ts';
import { hasEnd } from '../io/tcp.ts';
import { Reader, type Measure, type ReadOptions } from './reader.ts';

/** What keeps a client for as long as its socket is open here. */
export interface ClientHolder {
  closed(client: Client): void;
}

export class Client {
  readonly id: ClientId;
  /** The connection itself, with nothing in between. After a transfer it is closed here. */
  readonly socket: Socket;
  /** What is known of the connection: its addresses, its origin, its hops. */
  readonly connection: ConnectionDescription;
  /** Of a relayed client: who holds its own socket. */
  readonly relay?: RelayTicket;
  #reader: Reader | undefined;
  /** Who is told when its socket has closed here. For the stack. */
  holder: ClientHolder | undefined;
  /** Called when its socket has closed here. For the application that serves it. */
  onClose: ((client: Client) => void) | undefined;

  constructor(
    id: ClientId,
    socket: Socket,
    connection: ConnectionDescription,
    relay?: RelayTicket,
  ) {
    this.id = id;
    this.socket = socket;
    this.connection = connection;
    if (relay) this.relay = relay;
  }

  /** Moves since the client connected. */
  get hops(): number {
    return this.connection.hops;
  }

  /** How it came here; `none` where it was accepted. */
  get carrier(): CarrierName {
    if (this.relay) return 'relay';
    return this.hops > 0 ? 'descriptor' : 'none';
  }

  /**
   * As `net.Socket`'s: false asks to wait for `drain`. From the moment in which a transfer freezes
   * the client, writes and an end wait, `client.socket`'s too: if it is refused they go on, and if
   * the client is transferred they are dropped, for the target converses with it then.
   */
  write(data: string | Uint8Array): boolean {
    return this.socket.write(data);
  }

  /**
   * Sends the end after what was written, and `data` before it. If the client's own end has come,
   * the connection is over, and what nobody has read of it is dropped.
   */
  end(data?: string | Uint8Array): void {
    const { socket } = this;
    socket.once('finish', () => {
      if (hasEnd(socket)) socket.resume(); // Unread bytes would keep it open.
    });
    if (data === undefined) socket.end();
    else socket.end(data);
  }

  /** Closes at once. */
  destroy(): void {
    this.socket.destroy();
  }

  /**
   * The next line as UTF-8, without LF or CRLF. Rejects with IPX_READ_LIMIT, IPX_READ_TIMEOUT,
   * IPX_CLIENT_ENDED, IPX_CLIENT_GONE or IPX_CLIENT_TRANSFERRED; after the first three all bytes
   * that came are still there to be read.
   */
  readLine(options?: ReadOptions): Promise<string> {
    return this.#reads().line(options);
  }

  /** The next `count` bytes. Rejects as `readLine` does. */
  read(count: number, options?: ReadOptions): Promise<Buffer> {
    return this.#reads().bytes(count, true, options);
  }

  /** The next `count` bytes, left where they are. Rejects as `readLine` does. */
  peek(count: number, options?: ReadOptions): Promise<Buffer> {
    return this.#reads().bytes(count, false, options);
  }

  /**
   * The bytes that `measure` asks for, left where they are: a look ahead whose length is not known
   * before. Rejects as `readLine` does, or with what `measure` throws.
   */
  peekUntil(measure: Measure, options?: ReadOptions): Promise<Buffer> {
    return this.#reads().until(measure, options);
  }

  /** Puts bytes back before all others, for the next read here or at the target. */
  unread(bytes: Uint8Array): void {
    this.socket.unshift(bytes);
  }

  /** All lines until the client ends, leaves or is transferred. Waits for ever by default. */
  async *lines(options?: ReadOptions): AsyncGenerator<string, void, undefined> {
    for (;;) {
      try {
        yield await this.readLine({ timeoutMs: Infinity, ...options });
      } catch (error) {
        if (isDeparture(error)) return;
        throw error;
      }
    }
  }

  /** A waiting read gives back what it holds, so that it can travel. For the stack. */
  suspendReads(): void {
    this.#reader?.suspend();
  }

  /** The inverse of `suspendReads`. For the stack. */
  resumeReads(): void {
    this.#reader?.resume();
  }

  /** The client is at its target: waiting reads end, and the socket closes here. For the stack. */
  depart(): void {
    const sentence = 'The client was transferred: its bytes are read at the target.';
    this.#reader?.stop(new InterplexError('IPX_CLIENT_TRANSFERRED', sentence));
    this.socket.destroy();
  }

  #reads(): Reader {
    return (this.#reader ??= new Reader(this.socket));
  }
}

const departures: readonly ErrorCode[] = [
  'IPX_CLIENT_ENDED',
  'IPX_CLIENT_GONE',
  'IPX_CLIENT_TRANSFERRED',
  'IPX_HTTP_REFUSED',
  'IPX_TLS_REFUSED',
];

/** Whether an error only says that the client is not here any more: no one's fault. */
export const isDeparture = (error: unknown): boolean =>
  error instanceof InterplexError && departures.includes(error.code);
