/**
 * The frames of a data port (DP-6), as they stand on a TCP connection. One frame carries what was
 * corked in one turn, so that its head, its CRC and its write are paid once for many messages.
 *
 * ```
 *  0 u32 bytes of the body      12 u32 stream: channel << 8 | lane    28 u32 index of a fragment
 *  4 u8  version                16 u64 sequence number in the stream  32 u32 messages, or bytes of
 *  5 u8  type                   24 u32 data frames heard so far on          the fragmented message
 *  6 u16 flags                         this connection, modulo 2^32   36 u32 CRC-32 of the body,
 *  8 u32 epoch                                                               then of these 36 bytes
 * ```
 * Little-endian. APPEND ONLY: the head of a `hello` is the same in all versions.
 */
import { crc32 } from 'node:zlib';
import { InterplexError, type ErrorCode } from '../errors.ts';
import { limits } from '../limits.ts';
import { takeBody } from './body-pool.ts';

const headBytes = 40;
/** The versions that this code speaks. */
export const versions = { least: 1, most: 1 } as const;

/** APPEND ONLY. */
export const frameTypes = {
  hello: 1,
  welcome: 2,
  refusal: 3,
  data: 4,
  acknowledgement: 5,
  ping: 6,
  pong: 7,
  goodbye: 8,
} as const;
export type FrameType = (typeof frameTypes)[keyof typeof frameTypes];
const typeMost = frameTypes.goodbye;

/** APPEND ONLY. */
export const frameFlags = {
  /** An earlier target may have applied it already (DP-8). */
  replayed: 1,
  /** The body is a piece of one message; else messages, each behind its length as u32. */
  fragment: 2,
  /** Nothing follows in this stream. */
  end: 4,
} as const;

export interface FrameHead {
  readonly type: FrameType;
  readonly flags: number;
  readonly epoch: number;
  readonly stream: number;
  readonly sequence: number;
  readonly heard: number;
  readonly index: number;
  readonly total: number;
}

const high = 2 ** 32;

/** The head that goes before a body; `bodyCrc` is the body's own, so that it is computed once. */
export function encodeHead(head: FrameHead, length: number, bodyCrc: number): Buffer {
  const bytes = Buffer.allocUnsafe(headBytes);
  bytes.writeUInt32LE(length, 0);
  bytes[4] = versions.most;
  bytes[5] = head.type;
  bytes.writeUInt16LE(head.flags, 6);
  bytes.writeUInt32LE(head.epoch, 8);
  bytes.writeUInt32LE(head.stream, 12);
  bytes.writeUInt32LE(head.sequence % high, 16);
  bytes.writeUInt32LE(Math.floor(head.sequence / high), 20);
  bytes.writeUInt32LE(head.heard % high, 24);
  bytes.writeUInt32LE(head.index, 28);
  bytes.writeUInt32LE(head.total, 32);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 36), bodyCrc), 36);
  return bytes;
}

export const bodyCrcOf = (body: Uint8Array): number => crc32(body);

const refused = (code: ErrorCode, reason: string) => new InterplexError(code, reason);

/** Frames out of a byte stream that may be cut anywhere. What is wrong once stays wrong. */
export class FrameDecoder {
  readonly #onFrame: (head: FrameHead, body: Buffer) => void;
  readonly #head = Buffer.alloc(headBytes);
  #headFilled = 0;
  #body: Buffer | undefined;
  #bodyFilled = 0;
  #isOver = false;

  constructor(onFrame: (head: FrameHead, body: Buffer) => void) {
    this.#onFrame = onFrame;
  }

  /** Nothing is decoded any more, not even what is left of the chunk at hand. */
  stop(): void {
    this.#isOver = true;
  }

  /**
   * The chunk is read at once: its memory may be used anew. A body is its listener's.
   * Throws IPX_FRAME_VERSION, IPX_FRAME_INVALID, IPX_FRAME_LIMIT or IPX_FRAME_CORRUPT.
   */
  take(chunk: Buffer): void {
    let at = 0;
    while (!this.#isOver && at < chunk.length) {
      if (this.#headFilled < headBytes) {
        const count = Math.min(headBytes - this.#headFilled, chunk.length - at);
        chunk.copy(this.#head, this.#headFilled, at, at + count);
        this.#headFilled += count;
        at += count;
        if (this.#headFilled < headBytes) return;
        this.#check();
      }
      at += this.#fill(chunk, at); // A body of no bytes is complete with its head.
    }
  }

  #fill(chunk: Buffer, at: number): number {
    const length = this.#head.readUInt32LE(0);
    const count = Math.min(length - this.#bodyFilled, chunk.length - at);
    this.#body ??= takeBody(length);
    chunk.copy(this.#body, this.#bodyFilled, at, at + count);
    this.#bodyFilled += count;
    if (this.#bodyFilled === length) this.#emit(this.#body);
    return count;
  }

  /** Before its body is waited for: a length that is wrong would have us wait for ever. */
  #check(): void {
    const length = this.#head.readUInt32LE(0);
    const version = this.#head[4] ?? 0;
    const type = this.#head[5] ?? 0;
    if (version < versions.least || version > versions.most) {
      this.#fail('IPX_FRAME_VERSION', `A frame has version ${version}: it is not known.`);
    }
    if (type === 0 || type > typeMost) {
      this.#fail('IPX_FRAME_INVALID', `There is no frame of type ${type}.`);
    }
    if (length > limits.frameBodyBytesMax) {
      const most = limits.frameBodyBytesMax;
      this.#fail('IPX_FRAME_LIMIT', `A frame of ${length} bytes came; at most ${most} may.`);
    }
  }

  #emit(body: Buffer): void {
    const bytes = this.#head;
    if (crc32(bytes.subarray(0, 36), crc32(body)) !== bytes.readUInt32LE(36)) {
      this.#fail('IPX_FRAME_CORRUPT', 'A frame is not what was sent: its CRC differs.');
    }
    this.#headFilled = 0;
    this.#body = undefined;
    this.#bodyFilled = 0;
    const head = {
      type: bytes[5] as FrameType,
      flags: bytes.readUInt16LE(6),
      epoch: bytes.readUInt32LE(8),
      stream: bytes.readUInt32LE(12),
      sequence: bytes.readUInt32LE(16) + bytes.readUInt32LE(20) * high,
      heard: bytes.readUInt32LE(24),
      index: bytes.readUInt32LE(28),
      total: bytes.readUInt32LE(32),
    };
    if (!Number.isSafeInteger(head.sequence)) {
      this.#fail('IPX_FRAME_INVALID', 'A sequence number is beyond any that we send.');
    }
    this.#onFrame(head, body);
  }

  #fail(code: ErrorCode, reason: string): never {
    this.#isOver = true;
    throw refused(code, reason);
  }
}
