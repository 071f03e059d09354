/**
 * Reads of a known shape from a socket: a line, n bytes, or a look ahead. What is not consumed
 * goes back into the socket at once, so there is one place where a client's bytes are (CT-3).
 */
import type { Socket } from 'node:net';
import { InterplexError } from '../errors.ts';
import { hasEnd } from '../io/tcp.ts';
import { limits } from '../limits.ts';

export interface ReadOptions {
  /** The most bytes to hold while waiting, the line's end included. Default 64 KiB. */
  readonly limitBytes?: number;
  /** How long to wait; `Infinity` for ever. Default 60 000. */
  readonly timeoutMs?: number;
}

/**
 * Looks at bytes as they come, at each byte once; `before` of them were seen earlier. Returns how
 * many in all are wanted once they are there, or `undefined`: not yet. What it throws ends the
 * read.
 */
export type Measure = (chunk: Buffer, before: number) => number | undefined;

/** What to look for: how many bytes to take once they are there, or not yet. */
interface Wanted {
  readonly measure: Measure;
  readonly isConsuming: boolean;
  /** Whether the client's end completes what was read so far. */
  readonly isEndEnough: boolean;
}

interface Pending extends Wanted {
  readonly limitBytes: number;
  readonly timer: NodeJS.Timeout | undefined;
  readonly resolve: (bytes: Buffer) => void;
  readonly reject: (error: unknown) => void;
  chunks: Buffer[];
  length: number;
  /** Bytes that were measured; after `suspend` more than are held. */
  measured: number;
}

const newline = 0x0a;
const carriageReturn = 0x0d;

export class Reader {
  readonly #socket: Socket;
  #pending: Pending | undefined;
  #isSuspended = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** The next line, without its end (LF or CRLF), as UTF-8. The last line may lack its end. */
  async line(options: ReadOptions = {}): Promise<string> {
    const bytes = await this.#want(
      {
        measure: (chunk, before) => {
          const at = chunk.indexOf(newline);
          return at < 0 ? undefined : before + at + 1;
        },
        isConsuming: true,
        isEndEnough: true,
      },
      options,
    );
    let end = bytes.length;
    if (bytes[end - 1] === newline) end -= 1;
    if (bytes[end - 1] === carriageReturn) end -= 1;
    return bytes.toString('utf8', 0, end);
  }

  /** The next `count` bytes, consumed or left where they are. */
  bytes(count: number, isConsuming: boolean, options: ReadOptions = {}): Promise<Buffer> {
    const limitBytes = options.limitBytes ?? limits.readBytesMax;
    if (!Number.isInteger(count) || count < 1 || count > limitBytes) {
      const sentence = `Cannot read ${count} bytes: give a whole number from 1 to ${limitBytes}.`;
      return Promise.reject(new InterplexError('IPX_OPTION_INVALID', sentence));
    }
    return this.#want(
      {
        measure: (chunk, before) => (before + chunk.length >= count ? count : undefined),
        isConsuming,
        isEndEnough: false,
      },
      options,
    );
  }

  /** The bytes that the measure asks for, however many come before it can tell; left in place. */
  until(measure: Measure, options: ReadOptions = {}): Promise<Buffer> {
    return this.#want({ measure, isConsuming: false, isEndEnough: false }, options);
  }

  /** Gives back what a waiting read holds; it goes on at `resume`. */
  suspend(): void {
    this.#isSuspended = true;
    if (this.#pending) this.#detach(this.#pending);
  }

  resume(): void {
    if (!this.#isSuspended) return;
    this.#isSuspended = false;
    if (this.#pending) this.#attach();
  }

  /** Ends a waiting read with an error. */
  stop(error: InterplexError): void {
    this.#fail(error);
  }

  #want(wanted: Wanted, options: ReadOptions): Promise<Buffer> {
    if (this.#pending) {
      const sentence = 'Another read of this client is waiting: await it before the next.';
      return Promise.reject(new InterplexError('IPX_READ_PENDING', sentence));
    }
    const { limitBytes = limits.readBytesMax, timeoutMs = limits.readTimeoutMs } = options;
    if (!(timeoutMs >= 0) || (timeoutMs > limits.timerMsMax && timeoutMs !== Infinity)) {
      const sentence = `timeoutMs is ${timeoutMs}: give 0 to ${limits.timerMsMax}, or Infinity.`;
      return Promise.reject(new InterplexError('IPX_OPTION_INVALID', sentence));
    }
    return new Promise((resolve, reject) => {
      const timer = Number.isFinite(timeoutMs)
        ? setTimeout(() => this.#fail(silence(timeoutMs)), timeoutMs)
        : undefined;
      const nothing = { chunks: [], length: 0, measured: 0 };
      this.#pending = { ...wanted, limitBytes, timer, resolve, reject, ...nothing };
      if (!this.#isSuspended) this.#attach();
    });
  }

  #attach(): void {
    this.#socket.on('readable', this.#pull).on('end', this.#end).on('close', this.#close);
    this.#pull();
    if (!this.#pending) return;
    if (this.#socket.destroyed) this.#close();
    else if (this.#socket.readableEnded) this.#end();
  }

  readonly #pull = (): void => {
    const socket = this.#socket;
    while (this.#pending && socket.readableLength > 0) {
      // Exactly so many: asked for more, a stream may emit its end, and then takes nothing back.
      const chunk: unknown = socket.read(socket.readableLength);
      if (!(chunk instanceof Buffer)) return;
      this.#hold(this.#pending, chunk);
    }
    if (!this.#pending) return;
    if (this.#pending.length > 0 && hasEnd(socket)) this.#end();
    else socket.read(); // More is asked for, or the end is emitted.
  };

  #hold(pending: Pending, chunk: Buffer): void {
    pending.chunks.push(chunk);
    pending.length += chunk.length;
    let count: number | undefined;
    try {
      count = measureOnce(pending, chunk);
    } catch (error) {
      this.#fail(error);
      return;
    }
    if ((count ?? pending.length) > pending.limitBytes) this.#fail(excess(pending.limitBytes));
    else if (count !== undefined) this.#complete(pending, count);
  }

  readonly #end = (): void => {
    const pending = this.#pending;
    if (pending?.isEndEnough && pending.length > 0) this.#complete(pending, pending.length);
    else this.#fail(new InterplexError('IPX_CLIENT_ENDED', 'The client has ended its side.'));
  };

  readonly #close = (): void => {
    this.#fail(new InterplexError('IPX_CLIENT_GONE', 'The client has left.'));
  };

  #complete(pending: Pending, count: number): void {
    const all = pending.chunks.length === 1 ? pending.chunks[0] : Buffer.concat(pending.chunks);
    const bytes = all ?? Buffer.alloc(0);
    pending.chunks = pending.isConsuming ? [bytes.subarray(count)] : [bytes];
    this.#forget(pending);
    pending.resolve(bytes.subarray(0, count));
  }

  #fail(error: unknown): void {
    const pending = this.#pending;
    if (!pending) return;
    this.#forget(pending);
    pending.reject(error);
  }

  #forget(pending: Pending): void {
    this.#pending = undefined;
    clearTimeout(pending.timer);
    this.#detach(pending);
  }

  #detach(pending: Pending): void {
    const socket = this.#socket;
    socket.off('readable', this.#pull).off('end', this.#end).off('close', this.#close);
    const held = Buffer.concat(pending.chunks);
    pending.chunks = [];
    pending.length = 0;
    if (held.length > 0 && !socket.readableEnded && !socket.destroyed) socket.unshift(held);
  }
}

/** A read that was suspended gets its bytes again: those that were measured are not shown twice. */
function measureOnce(pending: Pending, chunk: Buffer): number | undefined {
  const fresh = chunk.subarray(chunk.length - Math.max(pending.length - pending.measured, 0));
  if (fresh.length === 0) return undefined;
  const before = pending.measured;
  pending.measured += fresh.length;
  return pending.measure(fresh, before);
}

const silence = (timeoutMs: number) =>
  new InterplexError('IPX_READ_TIMEOUT', `The client sent nothing usable in ${timeoutMs} ms.`);
const excess = (limitBytes: number) =>
  new InterplexError(
    'IPX_READ_LIMIT',
    `The client sent more than ${limitBytes} bytes without what was awaited: raise limitBytes, ` +
      'or end the client.',
  );
