/**
 * Messages that may be lost, larger than a datagram, put together again (CM-7). What is incomplete
 * is kept for a bounded time in bounded memory; the oldest goes first.
 */
import { limits } from '../limits.ts';
import type { Fragment } from './frames.ts';

interface Partial {
  readonly pieces: (Buffer | undefined)[];
  readonly begunAt: number;
  left: number;
  bytes: number;
}

export class Fragments {
  readonly #partials = new Map<number, Partial>();
  #bytes = 0;

  /** The whole message, once its last piece is here. */
  add({ number, index, count, bytes }: Fragment, now: number): Buffer | undefined {
    this.expire(now);
    const partial = this.#partials.get(number) ?? this.#begin(number, count, now);
    if (partial.pieces.length !== count || partial.pieces[index]) return undefined;
    partial.pieces[index] = Buffer.from(bytes); // A view would keep its datagram.
    partial.left -= 1;
    partial.bytes += bytes.length;
    this.#bytes += bytes.length;
    if (partial.left === 0) {
      this.#drop(number, partial);
      return Buffer.concat(partial.pieces.map((piece) => piece ?? Buffer.alloc(0)));
    }
    while (this.#bytes > limits.fragmentBytesMax) this.#dropOldest();
    return undefined;
  }

  /** Drops what has waited too long; returns how many messages that were. */
  expire(now: number): number {
    let count = 0;
    for (const [number, partial] of this.#partials) {
      if (now - partial.begunAt < limits.fragmentMs) break;
      this.#drop(number, partial);
      count += 1;
    }
    return count;
  }

  #begin(number: number, count: number, now: number): Partial {
    const pieces = Array.from<Buffer | undefined>({ length: count });
    const partial = { pieces, begunAt: now, left: count, bytes: 0 };
    // A place in the list of pieces is memory, too.
    if (this.#partials.size >= limits.partialsMax) this.#dropOldest();
    this.#partials.set(number, partial);
    return partial;
  }

  #dropOldest(): void {
    for (const [number, partial] of this.#partials) {
      this.#drop(number, partial);
      return;
    }
  }

  #drop(number: number, partial: Partial): void {
    this.#partials.delete(number);
    this.#bytes -= partial.bytes;
  }
}

/** Cuts a message into pieces of this size at most. */
export function fragmentsOf(number: number, bytes: Buffer, size: number): Fragment[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, index) => ({
    number,
    index,
    count,
    bytes: bytes.subarray(index * size, (index + 1) * size),
  }));
}
