/** Messages of one turn gathered into the body of one frame. */
import { limits } from '../limits.ts';
import { takeBody } from '../wire/body-pool.ts';
import type { Settlement } from './outgoing-frame.ts';

/** The body of a frame that is not yet one: messages, each behind its length. */
export interface Corked {
  readonly body: Uint8Array;
  readonly messages: number;
  readonly settlements: Settlement[] | undefined;
}

/** The first body after a calm is small: one message must not cost a frame's whole room. */
const calmBytes = 4 * 1024;

export class Cork {
  #body: Buffer | undefined;
  #room = calmBytes;
  #length = 0;
  #messages = 0;
  #settlements: Settlement[] | undefined;

  get isEmpty(): boolean {
    return this.#messages === 0;
  }

  /** Whether a message still fits. One that fits in no frame is not for a cork. */
  hasRoomFor(length: number): boolean {
    return this.#length + 4 + length <= (this.#body?.length ?? limits.frameBodyBytesMax);
  }

  add(bytes: Uint8Array, settlement: Settlement | undefined): void {
    const { length } = bytes;
    this.#body ??= takeBody(Math.max(this.#room, length + 4));
    const body = this.#body;
    const at = this.#length;
    body[at] = length;
    body[at + 1] = length >>> 8;
    body[at + 2] = length >>> 16;
    body[at + 3] = length >>> 24;
    body.set(bytes, at + 4);
    this.#length = at + 4 + length;
    this.#messages += 1;
    if (settlement) (this.#settlements ??= []).push(settlement);
  }

  /** What was gathered; the cork is empty. After a full one comes one with all room. */
  take(isFull: boolean): Corked {
    const corked = {
      body: this.#body?.subarray(0, this.#length) ?? new Uint8Array(0),
      messages: this.#messages,
      settlements: this.#settlements,
    };
    this.#room = isFull ? limits.frameBodyBytesMax : calmBytes;
    this.#body = undefined;
    this.#length = 0;
    this.#messages = 0;
    this.#settlements = undefined;
    return corked;
  }
}
