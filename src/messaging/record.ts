/**
 * Records: what a reliable stream carries, and what an unreliable message is. Both have one form:
 *
 * ```
 * record   kind (1: message, request, reply or failure) · number, unless message (varint) · value
 * failure  the value is [code, reason]
 * ```
 */
import { limits } from '../limits.ts';
import { ByteWriter } from '../wire/bytes.ts';
import { messageTooLarge, writeValue } from '../wire/message.ts';

export const recordKinds = { message: 0, request: 1, reply: 2, failure: 3 } as const;

export interface OutgoingRecord {
  readonly kind: (typeof recordKinds)[keyof typeof recordKinds];
  /** Of the request; a message has none. */
  readonly number: number;
  readonly value: unknown;
}

/** Throws IPX_MESSAGE_LIMIT or IPX_STATE_INVALID. */
export function writeRecord(writer: ByteWriter, { kind, number, value }: OutgoingRecord): void {
  writer.byte(kind);
  if (kind !== recordKinds.message) writer.varint(number);
  const start = writer.end;
  writeValue(writer, value);
  if (writer.end - start > limits.messageBytesMax) throw messageTooLarge(writer.end - start);
}

/** A record by itself. Throws as `writeRecord` does. */
export function encodeRecord(record: OutgoingRecord): Buffer {
  const writer = new ByteWriter(256);
  writeRecord(writer, record);
  return writer.take();
}
