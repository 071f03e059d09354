/**
 * The stream of reliable messages to one receiver (CM-3): records packed into segments, each sent
 * again until it is acknowledged, over whichever way is then the first. A window bounds what is on
 * its way; losses are found by later arrivals, three at least, or by silence (RFC 9002).
 */
import { limits } from '../limits.ts';
import { ByteWriter } from '../wire/bytes.ts';
import type { Clock } from './clock.ts';
import { tellsOf, type Ack, type Segment } from './frames.ts';
import { recordHead } from './inbound.ts';
import { Receipts } from './receipts.ts';
import { writeRecord, type OutgoingRecord } from './record.ts';
import { SendWindow } from './send-window.ts';

interface Piece {
  offset: number;
  bytes: Buffer;
  sends: number;
  /** In the order of all that was sent; 0 while it is not on its way. */
  serial: number;
  sentAt: number;
  isAcked: boolean;
}

export interface OutboundWorld {
  readonly clock: Clock;
  /** Bytes of a segment over the way that is the first now; 0 while there is none. */
  readonly segmentBytes: () => number;
  readonly transmit: (segment: Segment) => void;
  /** Nothing was acknowledged in time; the way may have become another. */
  readonly onSilence: () => void;
  /** How long an acknowledgement may take. */
  readonly patienceMs: () => number;
  readonly onMeasured: (ms: number) => void;
  readonly lateError: () => Error;
}

/** As many later arrivals tell that a segment is lost and not only overtaken (RFC 9002). */
const overtakingMax = 3;
/** Silences in a row, after which the pause grows no more. */
const backoffsMax = 4;

export class Outbound {
  readonly #world: OutboundWorld;
  readonly #receipts: Receipts;
  readonly #writer = new ByteWriter(1_024);
  #epoch = 1;
  #end = 0;
  /** Of a segment, as of the last flush: each is cut anew if the way has become narrower. */
  #size: number = limits.segmentBytes;
  /** Neither acknowledged nor given up, in order; from `#next` on never sent. */
  #pieces: Piece[] = [];
  #next = 0;
  #bytesUnderway = 0;
  #bytesKept = 0;
  readonly #window = new SendWindow();
  #serial = 0;
  #serialAcked = 0;
  #serialAtLoss = 0;
  #silences = 0;
  #timer: unknown;

  constructor(world: OutboundWorld) {
    this.#world = world;
    this.#receipts = new Receipts(world.clock, world.lateError);
  }

  /** Bytes that are not acknowledged. */
  get bytesKept(): number {
    return this.#bytesKept + this.#writer.end;
  }

  get isIdle(): boolean {
    return this.bytesKept === 0;
  }

  /**
   * Adds a record; settles when it was received, or will not be in time. The caller flushes at the
   * end of the turn. Throws IPX_MESSAGE_LIMIT or IPX_STATE_INVALID.
   */
  add(record: OutgoingRecord, timeoutMs: number): Promise<void> {
    const writer = this.#writer;
    const start = writer.end;
    writer.reserve(recordHead);
    writer.end += recordHead;
    try {
      writeRecord(writer, record);
    } catch (error) {
      writer.rewind(start, limits.messageBytesMax); // It may have been larger than any that goes.
      throw error;
    }
    const length = writer.end - start;
    writer.bytes.writeUInt32BE(length - recordHead, start);
    const end = this.#end + writer.end;
    if (writer.end <= this.#size) return this.#receipts.add(end, timeoutMs);
    // It shares no segment with those before it; one that fills several shares none at all.
    this.#receipts.close();
    this.#cut(start, this.#size);
    const received = this.#receipts.add(end, timeoutMs);
    if (writer.end === 0) this.#receipts.close();
    // A burst does not wait for the turn's end: the receiver works while more is written.
    const unsent = this.#end - (this.#pieces[this.#next]?.offset ?? this.#end);
    if (unsent >= limits.burstBytes) this.#sendMore(this.#world.segmentBytes());
    return received;
  }

  flush(): void {
    this.#receipts.close();
    const size = this.#world.segmentBytes();
    if (size > 0 && this.#writer.end > 0) this.#cut(this.#writer.end, size);
    this.#sendMore(size);
  }

  /** As much of what was never sent as the window takes, over the way that is the first now. */
  #sendMore(size: number): void {
    if (size === 0) return;
    this.#size = size;
    while (this.#next < this.#pieces.length) {
      const piece = this.#pieces[this.#next];
      if (!piece) break;
      const isFirst = this.#bytesUnderway === 0;
      if (!isFirst && this.#bytesUnderway + piece.bytes.length > this.#window.bytes) break;
      this.#next += 1;
      this.#send(piece, size);
    }
    this.#arm();
  }

  acknowledge(ack: Ack): void {
    const { epoch, upTo, ranges } = ack;
    if (epoch !== this.#epoch || upTo > this.#end) return;
    const keptBefore = this.#bytesUnderway;
    for (const piece of this.#pieces.slice(0, this.#next)) {
      if (piece.offset >= (ranges.at(-1) ?? upTo)) break;
      if (!piece.isAcked && tellsOf(ack, piece)) this.#acked(piece);
    }
    const progress = keptBefore - this.#bytesUnderway;
    this.#dropAcked();
    this.#receipts.settleUpTo(upTo);
    if (progress > 0) this.#window.grow(progress);
    this.#resendOvertaken();
    this.flush();
  }

  /** The way has changed, or may lead on again: what is on its way is sent over the present one. */
  resend(): void {
    const size = this.#world.segmentBytes();
    if (size === 0) return;
    this.#shrink();
    let bytes = 0;
    for (const piece of this.#pieces.slice(0, this.#next)) {
      if (piece.isAcked) continue;
      bytes += piece.bytes.length;
      if (bytes > this.#window.bytes && bytes > piece.bytes.length) break;
      this.#send(piece, size);
    }
    this.#arm();
  }

  /** What is to be received never will: another life of the receiver knows nothing of this one. */
  reset(failure: Error): void {
    this.#world.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#pieces = [];
    this.#next = 0;
    this.#end = 0;
    this.#epoch += 1;
    this.#bytesUnderway = 0;
    this.#bytesKept = 0;
    this.#writer.end = 0;
    this.#silences = 0;
    this.#window.reset();
    this.#receipts.failAll(failure);
  }

  /** This node stood still: what it took for silence was its own. */
  excuse(): void {
    this.#world.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#arm();
  }

  #send(piece: Piece, size: number): void {
    for (const part of this.#split(piece, size)) {
      if (part.serial === 0) this.#bytesUnderway += part.bytes.length;
      this.#serial += 1;
      part.serial = this.#serial;
      part.sends += 1;
      part.sentAt = this.#world.clock.now();
      this.#world.transmit({ epoch: this.#epoch, offset: part.offset, bytes: part.bytes });
    }
  }

  /** The way may have become narrower since it was cut (CM-7). */
  #split(piece: Piece, size: number): readonly Piece[] {
    if (piece.bytes.length <= size) return [piece];
    const { bytes, offset } = piece;
    const parts = [piece];
    for (let at = size; at < bytes.length; at += size) {
      const part = { ...piece, offset: offset + at, bytes: bytes.subarray(at, at + size) };
      parts.push(part);
    }
    piece.bytes = bytes.subarray(0, size);
    const index = this.#pieces.indexOf(piece);
    this.#pieces.splice(index, 1, ...parts);
    this.#next += parts.length - 1;
    return parts;
  }

  /** Of what was written, the first bytes are pieces from now on. */
  #cut(length: number, size: number): void {
    const { bytes, end } = this.#writer;
    // A record that does not fit beside others begins a piece; a large one fills several.
    const whole = end > size && length < end && end - length <= size ? length : end;
    const taken = Buffer.from(bytes.subarray(0, whole));
    for (let at = 0; at < whole; at += size) {
      const part = taken.subarray(at, Math.min(at + size, whole));
      const [offset, isAcked] = [this.#end, false];
      this.#pieces.push({ offset, bytes: part, sends: 0, serial: 0, sentAt: 0, isAcked });
      this.#end += part.length;
      this.#bytesKept += part.length;
    }
    bytes.copyWithin(0, whole, end);
    this.#writer.end = end - whole;
  }

  #acked(piece: Piece): void {
    piece.isAcked = true;
    this.#bytesUnderway -= piece.bytes.length;
    this.#serialAcked = Math.max(this.#serialAcked, piece.serial);
    // Of what was sent twice nobody knows which one arrived (Karn).
    if (piece.sends === 1) this.#world.onMeasured(this.#world.clock.now() - piece.sentAt);
    this.#silences = 0;
  }

  #dropAcked(): void {
    let count = 0;
    while (this.#pieces[count]?.isAcked) {
      this.#bytesKept -= this.#pieces[count]?.bytes.length ?? 0;
      count += 1;
    }
    if (count === 0) return;
    this.#pieces.splice(0, count);
    this.#next -= count;
  }

  #resendOvertaken(): void {
    const size = this.#world.segmentBytes();
    if (size === 0) return;
    const lost = this.#pieces
      .slice(0, this.#next)
      .filter(({ isAcked, serial }) => !isAcked && serial + overtakingMax <= this.#serialAcked);
    if (lost.length === 0) return;
    this.#shrink();
    for (const piece of lost) this.#send(piece, size);
  }

  /** Once for all that was on its way together. */
  #shrink(): void {
    if (this.#serialAcked < this.#serialAtLoss) return;
    this.#serialAtLoss = this.#serial;
    this.#window.halve();
  }

  /** Wakes when the oldest piece on its way has had its time. */
  #arm(): void {
    const { clock } = this.#world;
    if (this.#bytesUnderway === 0) {
      clock.clearTimeout(this.#timer);
      this.#timer = undefined;
    } else {
      this.#timer ??= clock.setTimeout(this.#wake, this.#silenceMs());
    }
  }

  #silenceMs(): number {
    const ms = this.#world.patienceMs() * 2 ** Math.min(this.#silences, backoffsMax);
    return Math.min(ms, limits.patienceMs.most);
  }

  readonly #wake = (): void => {
    this.#timer = undefined;
    const { clock, onSilence } = this.#world;
    const oldest = this.#pieces.slice(0, this.#next).find(({ isAcked }) => !isAcked);
    if (!oldest) return;
    // Time for what was sent since: the timer is not set anew at each acknowledgement.
    const leftMs = oldest.sentAt + this.#silenceMs() - clock.now();
    if (leftMs > 1) {
      this.#timer = clock.setTimeout(this.#wake, leftMs);
      return;
    }
    this.#silences += 1;
    onSilence();
    this.resend();
  };
}
