/**
 * A message of the cluster as bytes: a value whose reader needs nothing but them, unlike the events
 * between threads (`event`), which rest on what was said before. V8's own form takes 5 µs to write;
 * this one, of plain values, a tenth. What is not plain travels in V8's form within it.
 *
 * ```
 * value    tag · integer (zigzag varint), double (8), text, bytes, list, object or clone
 * text     length (varint), UTF-8        bytes, clone    length (varint), bytes
 * list     count (varint), values        object          count (varint), (name as text, value)*
 * ```
 *
 * Tags are append only.
 */
import { deserialize, serialize } from 'node:v8';
import { InterplexError, sentenceOf } from '../errors.ts';
import { limits } from '../limits.ts';
import { Malformed, type ByteReader, type ByteWriter } from './bytes.ts';

const tags = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  integer: 4,
  double: 5,
  text: 6,
  bytes: 7,
  list: 8,
  object: 9,
  clone: 10,
} as const;

/** What is deeper, or turns in a circle, is V8's. */
const depthMax = 8;
/** What is wider, too: V8 writes a value that occurs twice but once. */
const widthMax = 10_000;

/** A value that has no plain form. */
class Unplain extends Error {}
const unplain = new Unplain();
let widthLeft = 0;

/** Throws IPX_STATE_INVALID for what cannot be cloned, and has written nothing then. */
export function writeValue(writer: ByteWriter, value: unknown): void {
  const start = writer.end;
  widthLeft = widthMax;
  try {
    write(writer, value, 0);
  } catch (error) {
    if (!(error instanceof Unplain)) throw error;
    writer.end = start;
    writeClone(writer, value);
  }
}

/** The inverse. Throws `Malformed`. */
export function readValue(reader: ByteReader, depth = 0): unknown {
  const tag = reader.byte();
  switch (tag) {
    case tags.undefined:
      return undefined;
    case tags.null:
      return null;
    case tags.false:
      return false;
    case tags.true:
      return true;
    case tags.integer: {
      const zigzag = reader.varint();
      return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
    }
    case tags.double:
      return reader.double();
    case tags.text:
      return reader.text();
    case tags.bytes:
      return new Uint8Array(reader.block());
    case tags.list:
      requireDepth(depth);
      return Array.from({ length: reader.count(1) }, () => readValue(reader, depth + 1));
    case tags.object:
      requireDepth(depth);
      return readObject(reader, depth);
    case tags.clone:
      return readClone(reader.block());
    default:
      throw new Malformed(`tag ${tag}`);
  }
}

function write(writer: ByteWriter, value: unknown, depth: number): void {
  switch (typeof value) {
    case 'string':
      writer.byte(tags.text);
      if (!writer.text(value)) throw unplain;
      return;
    case 'number':
      writeNumber(writer, value);
      return;
    case 'boolean':
      writer.byte(value ? tags.true : tags.false);
      return;
    case 'undefined':
      writer.byte(tags.undefined);
      return;
    case 'object':
      if (value === null) writer.byte(tags.null);
      else writeObject(writer, value, depth);
      return;
    default:
      throw unplain;
  }
}

function writeNumber(writer: ByteWriter, value: number): void {
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 51 && !Object.is(value, -0)) {
    writer.byte(tags.integer);
    writer.varint(value < 0 ? -2 * value - 1 : 2 * value);
    return;
  }
  writer.byte(tags.double);
  writer.double(value);
}

function writeObject(writer: ByteWriter, value: object, depth: number): void {
  if (depth === depthMax) throw unplain;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) {
    writeFields(writer, value as Readonly<Record<string, unknown>>, depth);
  } else if (Array.isArray(value)) {
    writer.byte(tags.list);
    writer.varint(value.length);
    spend(value.length);
    for (const item of value) write(writer, item, depth + 1);
  } else if (prototype === Uint8Array.prototype) {
    writer.byte(tags.bytes);
    writer.block(value as Uint8Array);
  } else {
    throw unplain;
  }
}

function writeFields(
  writer: ByteWriter,
  value: Readonly<Record<string, unknown>>,
  depth: number,
): void {
  const names = Object.keys(value);
  spend(names.length);
  writer.byte(tags.object);
  writer.varint(names.length);
  for (const name of names) {
    if (!writer.text(name)) throw unplain;
    write(writer, value[name], depth + 1);
  }
}

function spend(width: number): void {
  widthLeft -= width;
  if (widthLeft < 0) throw unplain;
}

function writeClone(writer: ByteWriter, value: unknown): void {
  let clone: Buffer;
  try {
    clone = serialize(value);
  } catch (cause) {
    throw new InterplexError(
      'IPX_STATE_INVALID',
      `The message cannot be cloned: ${sentenceOf(cause).slice(0, 80)} ` +
        'Give plain values: no functions, sockets, promises or symbols.',
      { cause },
    );
  }
  if (clone.length > limits.messageBytesMax) throw messageTooLarge(clone.length);
  writer.byte(tags.clone);
  writer.block(clone);
}

export const messageTooLarge = (bytes: number): InterplexError =>
  new InterplexError(
    'IPX_MESSAGE_LIMIT',
    `The message takes ${bytes} bytes; at most ${limits.messageBytesMax} may travel. ` +
      'Send large values over a data port, or in parts.',
  );

function requireDepth(depth: number): void {
  if (depth >= depthMax) throw new Malformed('too deep');
}

function readObject(reader: ByteReader, depth: number): object {
  const value: Record<string, unknown> = {};
  for (let count = reader.count(2); count > 0; count -= 1) {
    const name = reader.text();
    if (name === '__proto__') define(value, name, readValue(reader, depth + 1));
    else value[name] = readValue(reader, depth + 1);
  }
  return value;
}

const define = (value: object, name: string, field: unknown) =>
  Object.defineProperty(value, name, {
    value: field,
    enumerable: true,
    configurable: true,
    writable: true,
  });

function readClone(bytes: Buffer): unknown {
  try {
    return deserialize(bytes);
  } catch (error) {
    throw new Malformed(sentenceOf(error));
  }
}
