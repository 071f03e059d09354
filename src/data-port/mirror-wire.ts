/**
 * What a mirror and a replica say to each other over a data port: a head of 24 bytes, then a body,
 * which is bytes of the file, sums, or words as JSON.
 *
 * | 0 kind | 1 version | 2 zero | 4 session u32 | 8 sequence f64 | 16 offset f64 | 24 body |
 */
import { InterplexError } from '../errors.ts';

/** Append only. */
export const kinds = {
  /** The source names itself; words: Hello. */
  hello: 1,
  /** How far the replica is; words: Standing. */
  standing: 2,
  /** What follows is to be applied; words: Beginning. */
  begin: 3,
  /** Bytes of the file at `offset`. */
  write: 4,
  /** The file is `offset` bytes long. */
  truncate: 5,
  /** From here on the replica is as the source was at `sequence`. */
  level: 6,
  /** All up to `sequence` is applied. */
  applied: 7,
  /** The sums of `offset` on are wished for; words: SumsWish. */
  sums: 8,
  summed: 9,
  /** The replica cannot go on; words: code and reason. */
  refusal: 10,
} as const;
export type Kind = (typeof kinds)[keyof typeof kinds];

export interface Hello {
  readonly lineage: string;
  /** The file's name, where the replica's is not given. */
  readonly file: string;
}
export interface Standing {
  /** Empty: there is no replica yet. */
  readonly lineage: string;
  /** The run of the source whose writes it has last applied, and how many of them. */
  readonly run: string;
  readonly applied: number;
  /** Whether it is a prefix of that run's writes, and not in the middle of a resynchronisation. */
  readonly isConsistent: boolean;
  /** Whether there is no file, or an empty one. */
  readonly isBlank: boolean;
}
export interface Beginning {
  readonly lineage: string;
  readonly run: string;
  /** Whether writes go on where the replica is; else ranges follow, in no order of writing. */
  readonly isResumed: boolean;
  /** Of the file. */
  readonly length: number;
}
export interface SumsWish {
  readonly bytes: number;
  readonly blockBytes: number;
}

export interface Message {
  readonly kind: Kind;
  /** Of one connection to one replica: what another one said does not count. */
  readonly session: number;
  readonly sequence: number;
  readonly offset: number;
  readonly body: Buffer;
}

const version = 1;
const headBytes = 24;
const nothing = Buffer.alloc(0);

export function encode(
  kind: Kind,
  { session, sequence = 0, offset = 0 }: { session: number; sequence?: number; offset?: number },
  body: Uint8Array = nothing,
): Buffer {
  const message = Buffer.allocUnsafe(headBytes + body.length);
  message.writeUInt8(kind, 0);
  message.writeUInt8(version, 1);
  message.writeUInt16LE(0, 2);
  message.writeUInt32LE(session, 4);
  message.writeDoubleLE(sequence, 8);
  message.writeDoubleLE(offset, 16);
  message.set(body, headBytes);
  return message;
}

/** Another session's name for a message that is sent again. */
export function restamp(message: Buffer, session: number): Buffer {
  const again = Buffer.from(message); // The former one may still be on its way.
  again.writeUInt32LE(session, 4);
  return again;
}

export const wordsOf = (words: object): Buffer => Buffer.from(JSON.stringify(words));

/** Throws IPX_MIRROR_MESSAGE. */
export function decode(bytes: Buffer): Message {
  if (bytes.length < headBytes || bytes.readUInt8(1) !== version) {
    throw misunderstood('it has another form');
  }
  const kind = bytes.readUInt8(0);
  const sequence = bytes.readDoubleLE(8);
  const offset = bytes.readDoubleLE(16);
  if (!isKind(kind)) throw misunderstood(`${kind} is no kind`);
  if (!isCount(sequence) || !isCount(offset)) throw misunderstood('a number is out of range');
  const session = bytes.readUInt32LE(4);
  return { kind, session, sequence, offset, body: bytes.subarray(headBytes) };
}

/** The words of a body, each of the type that its sample has. Throws IPX_MIRROR_MESSAGE. */
export function readWords<Words extends object>(body: Buffer, sample: Words): Words {
  let words: unknown;
  try {
    words = JSON.parse(body.toString('utf8'));
  } catch {
    throw misunderstood('its words are no JSON');
  }
  if (typeof words !== 'object' || words === null) throw misunderstood('it has no words');
  for (const [name, value] of Object.entries(sample)) {
    const given: unknown = (words as Record<string, unknown>)[name];
    const isOfType = typeof given === typeof value;
    if (!isOfType || (typeof given === 'number' && !isCount(given))) {
      throw misunderstood(`its word "${name}" is missing or of another type`);
    }
  }
  return words as Words;
}

export const helloWords: Hello = { lineage: '', file: '' };
export const standingWords: Standing = {
  lineage: '',
  run: '',
  applied: 0,
  isConsistent: false,
  isBlank: true,
};
export const beginningWords: Beginning = { lineage: '', run: '', isResumed: false, length: 0 };
export const sumsWords: SumsWish = { bytes: 0, blockBytes: 0 };
export const refusalWords = { code: '', reason: '' };

const isCount = (number: number) => Number.isSafeInteger(number) && number >= 0;
const isKind = (kind: number): kind is Kind => Object.values<number>(kinds).includes(kind);
const misunderstood = (why: string) =>
  new InterplexError(
    'IPX_MIRROR_MESSAGE',
    `A message of a mirror cannot be read (${why}): both sides need versions that fit together.`,
  );
