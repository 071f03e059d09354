/** Messages of which pieces have come: each piece once, in any order. */
import { InterplexError } from '../errors.ts';
import { limits } from '../limits.ts';
import { giveBody } from '../wire/body-pool.ts';
import type { FrameHead } from '../wire/frame.ts';

interface Partial {
  readonly message: Buffer;
  filled: number;
}

const wrong = (reason: string) => new InterplexError('IPX_FRAME_INVALID', reason);

/** A whole message, and the frames that it came in. */
export interface Whole {
  readonly body: Buffer;
  readonly first: number;
  readonly frames: number;
}

export class Assembly {
  /** By the sequence number of a message's first piece. */
  readonly #partials = new Map<number, Partial>();

  /** The message, once it is whole. Throws IPX_FRAME_INVALID. */
  add({ sequence, index, total }: FrameHead, body: Buffer): Whole | undefined {
    const piece = limits.frameBodyBytesMax;
    const frames = Math.ceil(total / piece);
    const first = sequence - index;
    const length = index === frames - 1 ? total - index * piece : piece;
    if (
      total > limits.portMessageBytesMax ||
      index >= frames ||
      first < 0 ||
      body.length !== length
    ) {
      throw wrong(`Piece ${index} of a message of ${total} bytes cannot have ${body.length}.`);
    }
    if (frames === 1) return { body, first, frames };
    let partial = this.#partials.get(first);
    if (!partial) {
      partial = { message: Buffer.allocUnsafeSlow(total), filled: 0 };
      this.#partials.set(first, partial);
    }
    if (partial.message.length !== total)
      throw wrong('Pieces of one message differ in its length.');
    body.copy(partial.message, index * piece);
    giveBody(body);
    partial.filled += 1;
    if (partial.filled < frames) return undefined;
    this.#partials.delete(first);
    return { body: partial.message, first, frames };
  }
}
