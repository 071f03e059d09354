/**
 * A WebSocket's connection as `ws` is given it: one whole frame at a time. Between two frames all
 * bytes that are not yet served are in the client's socket, so that the client can move with them,
 * and another `ws` goes on elsewhere. Source: RFC 6455, section 5.2.
 */
import { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { InterplexError } from '../../errors.ts';
import { isDeparture, type Client } from '../../transfer/client.ts';
import type { Measure } from '../../transfer/reader.ts';

/** Type and length (2), the longest longer length (8), mask (4). */
const headerBytesMax = 14;

export class FrameStream extends Duplex {
  readonly #client: Client;
  /** The answer to the upgrade: a client that has moved here had it before. */
  #isFirstDropped: boolean;
  #hasMoved = false;

  constructor(client: Client, isUpgraded: boolean) {
    super({ read: () => {}, emitClose: true });
    this.#client = client;
    this.#isFirstDropped = isUpgraded;
    client.socket.once('close', () => this.destroy());
  }

  /**
   * Gives on frame after frame, each when `served` has settled for those before. Settles when the
   * client has ended, left or moved.
   */
  async flow(frameBytesMax: number, served: () => Promise<void>): Promise<void> {
    const options = { limitBytes: frameBytesMax + headerBytesMax, timeoutMs: Infinity };
    try {
      for (;;) {
        const { length } = await this.#client.peekUntil(wholeFrame(), options);
        this.push(await this.#client.read(length, options));
        await nextTurn(); // Now it is parsed.
        await served();
      }
    } catch (error) {
      if (error instanceof InterplexError && error.code === 'IPX_READ_LIMIT') {
        this.push(await this.#client.read(headerBytesMax)); // `ws` sees its length, and closes.
        this.#client.socket.resume(); // What it still sends must be read, or it gets a reset.
      } else if (isDeparture(error)) {
        this.push(null);
      } else {
        throw error;
      }
    }
  }

  /** The client is elsewhere: this stream ends, and nothing of it does. */
  release(): void {
    this.#hasMoved = true;
    this.destroy();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void) {
    if (this.#isFirstDropped) done();
    else this.#client.socket.write(chunk, done);
    this.#isFirstDropped = false;
  }

  override _final(done: () => void): void {
    this.#client.socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (!this.#hasMoved) this.#client.destroy();
    done(error);
  }
}

/** Measures a client's frame, which is always masked: its header, then what the header says. */
function wholeFrame(): Measure {
  const header: number[] = [];
  let frameBytes: number | undefined;
  return (chunk, before) => {
    for (const byte of chunk.subarray(0, headerBytesMax - header.length)) header.push(byte);
    frameBytes ??= frameBytesOf(header);
    return frameBytes !== undefined && before + chunk.length >= frameBytes ? frameBytes : undefined;
  };
}

function frameBytesOf([, second = 0, ...rest]: readonly number[]): number | undefined {
  const short = second & 0x7f;
  const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0;
  if (rest.length < lengthBytes) return undefined;
  const long = rest.slice(0, lengthBytes).reduce((sum, byte) => sum * 256 + byte, 0);
  const maskBytes = second & 0x80 ? 4 : 0;
  return 2 + lengthBytes + maskBytes + (lengthBytes === 0 ? short : long);
}
