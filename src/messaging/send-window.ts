/**
 * How many bytes of a stream may be on their way, as TCP's window: it grows with what arrives, and
 * halves when something is lost (RFC 5681), once for all that was on its way together.
 */
import { limits } from '../limits.ts';

export class SendWindow {
  #bytes: number = limits.windowBytes;
  #threshold = Infinity;

  get bytes(): number {
    return this.#bytes;
  }

  /** So many bytes have arrived. */
  grow(progress: number): void {
    const isSlowStart = this.#bytes < this.#threshold;
    const growth = isSlowStart ? progress : (progress * limits.segmentBytes) / this.#bytes;
    this.#bytes = Math.min(limits.windowBytesMax, this.#bytes + growth);
  }

  halve(): void {
    this.#bytes = Math.max(limits.windowBytesMin, this.#bytes / 2);
    this.#threshold = this.#bytes;
  }

  /** Another life of the receiver: what the former one's way took counts no more. */
  reset(): void {
    this.#bytes = limits.windowBytes;
  }
}
