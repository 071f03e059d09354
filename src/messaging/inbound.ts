/**
 * The stream of reliable messages from one sender: its segments put in order, each byte once, and
 * cut into records. Whatever comes twice is known by its offset; a new epoch is a new stream.
 */
import { limits } from '../limits.ts';
import { ByteReader, Malformed } from '../wire/bytes.ts';
import type { Ack, Segment } from './frames.ts';

export class Inbound {
  #epoch = 0;
  #upTo = 0;
  /** Segments beyond a gap, by their offset, in order of it. */
  #waiting: Segment[] = [];
  #waitingBytes = 0;
  /** The beginning of a record whose end has not come. */
  #rest: Buffer[] = [];
  #restBytes = 0;
  #wanted = 1;

  /** Tells each record that is complete now, in order. Throws `Malformed`. */
  take(segment: Segment, onRecord: (record: ByteReader) => void): void {
    if (segment.epoch < this.#epoch) return;
    if (segment.epoch > this.#epoch) this.#begin(segment.epoch);
    if (segment.offset > this.#upTo) {
      this.#keep(segment);
      return;
    }
    this.#append(segment, onRecord);
    while (this.#waiting.length > 0 && (this.#waiting[0]?.offset ?? 0) <= this.#upTo) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#waitingBytes -= next.bytes.length;
      this.#append(next, onRecord);
    }
  }

  get ack(): Ack {
    const ranges: number[] = [];
    for (const { offset, bytes } of this.#waiting) {
      const end = offset + bytes.length;
      const last = ranges.at(-1);
      if (last !== undefined && offset <= last) ranges[ranges.length - 1] = Math.max(last, end);
      else ranges.push(offset, end);
    }
    return { epoch: this.#epoch, upTo: this.#upTo, ranges };
  }

  #begin(epoch: number): void {
    this.#epoch = epoch;
    this.#upTo = 0;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#rest = [];
    this.#restBytes = 0;
    this.#wanted = 1;
  }

  /** In its place; without room it is not kept, nor acknowledged, and comes again. */
  #keep(segment: Segment): void {
    const { epoch, offset, bytes } = segment;
    let place = this.#waiting.length;
    while (place > 0 && (this.#waiting[place - 1]?.offset ?? 0) > offset) place -= 1;
    const before = this.#waiting[place - 1];
    if (before && before.offset + before.bytes.length >= offset + bytes.length) return;
    if (this.#waitingBytes + bytes.length > limits.windowBytesMax) return;
    this.#waitingBytes += bytes.length;
    this.#waiting.splice(place, 0, { epoch, offset, bytes: Buffer.from(bytes) });
  }

  #append({ offset, bytes }: Segment, onRecord: (record: ByteReader) => void): void {
    const known = this.#upTo - offset;
    if (known >= bytes.length) return;
    this.#upTo = offset + bytes.length;
    const fresh = known === 0 ? bytes : bytes.subarray(known);
    if (this.#restBytes === 0) {
      this.#cut(fresh, onRecord);
      return;
    }
    this.#rest.push(Buffer.from(fresh));
    this.#restBytes += fresh.length;
    if (this.#restBytes < this.#wanted) return;
    const whole = Buffer.concat(this.#rest);
    this.#rest = [];
    this.#restBytes = 0;
    this.#cut(whole, onRecord);
  }

  /** Cuts records off the front, each its length (4) and its bytes; keeps what is left. */
  #cut(bytes: Buffer, onRecord: (record: ByteReader) => void): void {
    let at = 0;
    while (bytes.length - at >= recordHead) {
      const length = bytes.readUInt32BE(at);
      if (length > limits.messageBytesMax + recordSlack) throw new Malformed('a record');
      const end = at + recordHead + length;
      if (end > bytes.length) break;
      onRecord(new ByteReader(bytes, at + recordHead, end));
      at = end;
    }
    const left = bytes.length - at;
    this.#wanted =
      left >= recordHead ? recordHead + bytes.readUInt32BE(at) : Math.max(1, recordHead);
    if (left === 0) return;
    this.#rest = [Buffer.from(bytes.subarray(at))];
    this.#restBytes = left;
  }
}

/** Bytes of a record's length. */
export const recordHead = 4;
/** What a record has beside its message: kind, number. */
const recordSlack = 64;
