/** One TCP connection of a port: frames in, frames out. A wrong frame, or an end, ends it. */
import { InterplexError } from '../errors.ts';
import { bodyCrcOf, encodeHead, FrameDecoder, type FrameHead } from '../wire/frame.ts';

/** A byte stream to another node: a TCP socket, TLS over one, or one of a simulation. */
export interface Wire {
  write(bytes: Uint8Array): void;
  /** Until `uncork`, what is written waits, to leave as one. */
  cork(): void;
  uncork(): void;
  /** After this the other side sees the end; here nothing comes any more. */
  destroy(): void;
  /** Ends it once all that was written has left. */
  end(): void;
}
export interface WireEvents {
  readonly onBytes: (chunk: Buffer) => void;
  /** Once, unless it was destroyed from here. */
  readonly onClose: (error?: Error) => void;
}

/** Whoever reads the connection. */
export interface FrameListener {
  readonly onFrame: (head: FrameHead, body: Buffer) => void;
  /** All frames that were at hand have been told. */
  readonly onTurn?: () => void;
  readonly onEnd: (error: InterplexError) => void;
}

const unread: FrameListener = { onFrame: () => {}, onEnd: () => {} };
/** Another write costs more than to copy so much. */
const copiedBytesMax = 1_024;
const empty = new Uint8Array(0);
const emptyCrc = bodyCrcOf(empty);

export class Connection {
  readonly #wire: Wire;
  readonly #decoder = new FrameDecoder((head, body) => this.#listener.onFrame(head, body));
  #listener = unread;
  #isEnded = false;
  #isCorked = false;
  #bytesHeard = 0;

  /** `open` makes the wire, given who hears of it. */
  constructor(open: (events: WireEvents) => Wire) {
    this.#wire = open({
      onBytes: (chunk) => this.#take(chunk),
      onClose: (error) => this.#finish(closedBy(error)),
    });
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }
  get bytesHeard(): number {
    return this.#bytesHeard;
  }

  /** From now on this listener is told, and no other. */
  listen(listener: FrameListener): void {
    this.#listener = listener;
  }

  /** A larger body is not copied, stays as it is until it has left, and does so at `uncork`. */
  send(head: FrameHead, body: Uint8Array = empty, crc?: number): void {
    if (this.#isEnded) return;
    const bodyCrc = crc ?? (body.length === 0 ? emptyCrc : bodyCrcOf(body));
    const bytes = encodeHead(head, body.length, bodyCrc);
    if (body.length <= copiedBytesMax) {
      this.#wire.write(body.length === 0 ? bytes : Buffer.concat([bytes, body]));
      return;
    }
    this.cork();
    this.#wire.write(bytes);
    this.#wire.write(body);
  }

  cork(): void {
    if (this.#isCorked || this.#isEnded) return;
    this.#isCorked = true;
    this.#wire.cork();
  }
  uncork(): void {
    if (!this.#isCorked) return;
    this.#isCorked = false;
    if (!this.#isEnded) this.#wire.uncork();
  }

  /** At once; nobody is told. */
  destroy(): void {
    this.#listener = unread;
    this.#end();
  }

  /** Once what was sent has left; nobody is told. */
  finish(): void {
    this.#listener = unread;
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#decoder.stop();
    this.#wire.end();
  }

  #take(chunk: Buffer): void {
    if (this.#isEnded) return;
    this.#bytesHeard += chunk.length;
    try {
      this.#decoder.take(chunk);
    } catch (error) {
      if (!(error instanceof InterplexError)) throw error;
      this.#finish(error);
      return;
    }
    this.#listener.onTurn?.();
  }

  #finish(error: InterplexError): void {
    if (this.#isEnded) return;
    const { onEnd } = this.#listener;
    this.destroy();
    onEnd(error);
  }

  #end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#decoder.stop();
    this.#wire.destroy();
  }
}

function closedBy(error: Error | undefined): InterplexError {
  if (error instanceof InterplexError) return error;
  const sentence = error
    ? `The connection broke: ${error.message}.`
    : 'The other side closed the connection.';
  return new InterplexError('IPX_PATH_LOST', sentence, { cause: error });
}
