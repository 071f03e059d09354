/**
 * Bytes written and read one after another. Numbers are varints of at most 53 bits, or have a
 * fixed width, the most significant byte first. A reader never reads beyond its end: it throws
 * `Malformed`.
 */

/** What was read is not what a writer of ours wrote. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
}

/** Below this a loop over characters is faster than a call into V8. Measured. */
const shortText = 32;
/** Its length is a varint of one byte. */
const mediumText = 127;
const varintBytesMax = 8;
const loneSurrogate = /\p{Surrogate}/u;

export class ByteWriter {
  bytes: Buffer;
  end = 0;

  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafeSlow(capacity);
  }

  /** All that was written since the last call, in memory of its own. */
  take(): Buffer {
    const taken = Buffer.from(this.bytes.subarray(0, this.end));
    this.end = 0;
    return taken;
  }

  /** Takes back what was written since; of its memory no more is kept than so much. */
  rewind(start: number, keptMax: number): void {
    this.end = start;
    if (this.bytes.length <= Math.max(keptMax, start)) return;
    const smaller = Buffer.allocUnsafeSlow(Math.max(keptMax, start));
    this.bytes.copy(smaller, 0, 0, start);
    this.bytes = smaller;
  }

  reserve(count: number): void {
    if (this.end + count <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow((this.end + count) * 2);
    this.bytes.copy(larger, 0, 0, this.end);
    this.bytes = larger;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.end] = value;
    this.end += 1;
  }

  varint(value: number): void {
    this.reserve(varintBytesMax);
    let rest = value;
    while (rest > 0x7fff_ffff) {
      this.bytes[this.end++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest > 127) {
      this.bytes[this.end++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.bytes[this.end++] = rest;
  }

  /** Of 1 to 6 bytes. */
  fixed(value: number, width: number): void {
    this.reserve(width);
    this.end = this.bytes.writeUIntBE(value, this.end, width);
  }

  double(value: number): void {
    this.reserve(8);
    this.end = this.bytes.writeDoubleBE(value, this.end);
  }

  /** Its length first. False, and nothing written, where half a character has no UTF-8. */
  text(value: string): boolean {
    const { length } = value;
    if (length < shortText && this.#ascii(value)) return true;
    if (length <= mediumText && this.#asciiAtOnce(value)) return true;
    if (loneSurrogate.test(value)) return false;
    const size = Buffer.byteLength(value);
    this.varint(size);
    this.reserve(size);
    this.end += this.bytes.write(value, this.end, 'utf8');
    return true;
  }

  /** Its length first. */
  block(value: Uint8Array): void {
    this.varint(value.length);
    this.raw(value);
  }

  raw(value: Uint8Array): void {
    this.reserve(value.length);
    this.bytes.set(value, this.end);
    this.end += value.length;
  }

  /** The same bytes as UTF-8; false, and nothing written, where a character is none of ASCII. */
  #ascii(value: string): boolean {
    const { length } = value;
    this.reserve(length + 1);
    const { bytes, end } = this;
    for (let index = 0; index < length; index += 1) {
      const code = value.charCodeAt(index);
      if (code > 127) return false;
      bytes[end + 1 + index] = code;
    }
    bytes[end] = length;
    this.end = end + 1 + length;
    return true;
  }

  /** The same in one call into V8, which tells by the number of bytes whether all was ASCII. */
  #asciiAtOnce(value: string): boolean {
    const { length } = value;
    this.reserve(1 + length * 3);
    const { bytes, end } = this;
    if (bytes.write(value, end + 1, 'utf8') !== length) return false;
    bytes[end] = length;
    this.end = end + 1 + length;
    return true;
  }
}

/** Short texts are names, mostly, and come again: to compare them costs less than to make them. */
const wordMax = 16;
const wordSlots = 1_024;
const words: ({ readonly bytes: Uint8Array; readonly text: string } | undefined)[] = Array.from({
  length: wordSlots,
});

function wordIn(bytes: Buffer, at: number, length: number): string {
  let hash = length;
  for (let index = at; index < at + length; index += 1) {
    hash = Math.imul(hash, 31) + (bytes[index] ?? 0);
  }
  const slot = hash & (wordSlots - 1);
  const word = words[slot];
  if (word && isWord(word.bytes, bytes, at, length)) return word.text;
  const text = bytes.toString('utf8', at, at + length);
  words[slot] = { bytes: Uint8Array.from(bytes.subarray(at, at + length)), text };
  return text;
}

function isWord(word: Uint8Array, bytes: Buffer, at: number, length: number): boolean {
  if (word.length !== length) return false;
  for (let index = 0; index < length; index += 1) {
    if (word[index] !== bytes[at + index]) return false;
  }
  return true;
}

export class ByteReader {
  readonly bytes: Buffer;
  at: number;
  readonly end: number;

  constructor(bytes: Buffer, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get left(): number {
    return this.end - this.at;
  }

  byte(): number {
    if (this.at >= this.end) throw new Malformed('too short');
    return this.bytes[this.at++] ?? 0;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1, width = 0; width < varintBytesMax; scale *= 128, width += 1) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) {
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
    }
    throw new Malformed('a number of more than 53 bits');
  }

  fixed(width: number): number {
    const at = this.#skip(width);
    return this.bytes.readUIntBE(at, width);
  }

  double(): number {
    return this.bytes.readDoubleBE(this.#skip(8));
  }

  text(): string {
    const length = this.varint();
    const at = this.#skip(length);
    if (length > 0 && length <= wordMax) return wordIn(this.bytes, at, length);
    return this.bytes.toString('utf8', at, at + length);
  }

  /** A view of the bytes that are read. */
  block(): Buffer {
    return this.raw(this.varint());
  }

  raw(count: number): Buffer {
    const at = this.#skip(count);
    return this.bytes.subarray(at, at + count);
  }

  /** A count of items that take so many bytes at least: what cannot be there is not waited for. */
  count(itemBytes: number): number {
    const count = this.varint();
    if (count * itemBytes > this.left) throw new Malformed(`${count} items`);
    return count;
  }

  #skip(count: number): number {
    const { at } = this;
    if (count > this.end - at) throw new Malformed('too short');
    this.at = at + count;
    return at;
  }
}
