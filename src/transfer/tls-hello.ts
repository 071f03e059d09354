/**
 * The ClientHello with which a client begins TLS, read by a routing application before the
 * handshake and left for the server that makes it (CT-17). Sources: RFC 8446, sections 4.1.2, 5.1
 * and 6; RFC 6066, section 3. The records are joined here, since a hello may span several and come
 * in any pieces; what is in it is read by `read-tls-client-hello`.
 */
import { PassThrough } from 'node:stream';
import { getExtensionData, readTlsClientHello } from 'read-tls-client-hello';
import { InterplexError, sentenceOf } from '../errors.ts';
import { endLingering } from '../io/lingering-end.ts';
import { limits } from '../limits.ts';
import type { Client } from './client.ts';
import type { ReadOptions } from './reader.ts';

/** What a client wishes for. Route by it; it proves nothing. */
export interface ClientHello {
  /** The host that the client wants, in lower case; `undefined` if it names none. */
  readonly serverName: string | undefined;
  /** By ALPN, in the client's order: `h2`, `http/1.1`. */
  readonly protocols: readonly string[];
}

/**
 * The client's hello; all bytes stay for the server. Bytes that are not that get a TLS alert, one
 * that is not there in time gets none, the client is closed, and this rejects with
 * IPX_TLS_REFUSED. Let that pass: it counts as the client having left. `limitBytes` is 16 KiB by
 * default, `timeoutMs` 10 000.
 */
export async function peekClientHello(
  client: Client,
  options: ReadOptions = {},
): Promise<ClientHello> {
  const { limitBytes = limits.helloBytesMax, timeoutMs = limits.headMs } = options;
  const records = new HelloRecords(limitBytes);
  try {
    await client.peekUntil((chunk) => records.measure(chunk), {
      // Each byte of a hello might come in a record of its own, with a header of five.
      limitBytes: (recordHeaderBytes + 1) * limitBytes,
      timeoutMs,
    });
    return await parse(records.hello());
  } catch (error) {
    const alert = alertOf(error);
    if (alert === undefined) throw error;
    await endLingering(client.socket, alert);
    const sentence = `The client was closed before its handshake: ${sentenceOf(error)}`;
    throw new InterplexError('IPX_TLS_REFUSED', sentence, { cause: error });
  }
}

const recordHeaderBytes = 5; // type, version (2), length (2)
const helloHeaderBytes = 4; // type, length (3)
const recordBytesMax = 2 ** 14;
const handshakeRecord = 22;
const clientHello = 1;

/** AlertDescription, RFC 8446, section 6. */
const alerts = { unexpectedMessage: 10, decodeError: 50 } as const;

class HelloError extends Error {
  readonly alert: number;

  constructor(alert: keyof typeof alerts, sentence: string) {
    super(sentence);
    this.alert = alerts[alert];
  }
}

/** The handshake bytes of a client's first records, as they come in. */
class HelloRecords {
  readonly #limitBytes: number;
  readonly #header = Buffer.alloc(recordHeaderBytes);
  #headerLength = 0;
  /** Bytes of the present record that are still to come. */
  #missing = 0;
  #bytes = Buffer.alloc(0);
  #length = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** For `peekUntil`: whether the hello is whole; throws if it is none. */
  measure(chunk: Buffer): number | undefined {
    let at = 0;
    while (at < chunk.length && !this.#isWhole()) {
      at += this.#missing === 0 ? this.#readHeader(chunk, at) : this.#readRecord(chunk, at);
    }
    return this.#isWhole() ? 0 : undefined;
  }

  /** The whole message. */
  hello(): Buffer {
    return this.#bytes.subarray(0, this.#wanted());
  }

  #readHeader(chunk: Buffer, at: number): number {
    const copied = chunk.copy(this.#header, this.#headerLength, at);
    this.#headerLength += copied;
    const [type, major] = this.#header;
    if (type !== handshakeRecord || (this.#headerLength > 1 && major !== 3)) {
      throw new HelloError('unexpectedMessage', 'It does not begin TLS.');
    }
    if (this.#headerLength < recordHeaderBytes) return copied;
    this.#headerLength = 0;
    this.#missing = this.#header.readUInt16BE(3);
    if (this.#missing === 0 || this.#missing > recordBytesMax) {
      throw new HelloError('decodeError', `A record of ${this.#missing} bytes is not TLS.`);
    }
    return copied;
  }

  #readRecord(chunk: Buffer, at: number): number {
    const piece = chunk.subarray(at, at + this.#missing);
    this.#keep(piece);
    this.#missing -= piece.length;
    if (this.#bytes[0] !== clientHello) {
      throw new HelloError('unexpectedMessage', 'The handshake does not begin with a ClientHello.');
    }
    if (this.#wanted() > this.#limitBytes) {
      throw new HelloError(
        'decodeError',
        `The ClientHello has ${this.#wanted()} bytes, at most ${this.#limitBytes} are taken.`,
      );
    }
    return piece.length;
  }

  /** Into a buffer that doubles: pieces may be of one byte. */
  #keep(piece: Buffer): void {
    const length = this.#length + piece.length;
    if (length > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(512, 2 * length));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    piece.copy(this.#bytes, this.#length);
    this.#length = length;
  }

  /** What its header announces; before that has come, the header. */
  #wanted(): number {
    if (this.#length < helloHeaderBytes) return helloHeaderBytes;
    return helloHeaderBytes + this.#bytes.readUIntBE(1, 3);
  }

  #isWhole(): boolean {
    return this.#length >= helloHeaderBytes && this.#length >= this.#wanted();
  }
}

/** Gives the library the hello as one record, whatever records it came in. */
async function parse(hello: Buffer): Promise<ClientHello> {
  const stream = new PassThrough();
  const header = Buffer.from([handshakeRecord, 3, 1, hello.length >> 8, hello.length & 0xff]);
  stream.write(Buffer.concat([header, hello]));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error('it ends too early');
    timer = setTimeout(() => reject(error), limits.helloParseMs);
  });
  try {
    const message = await Promise.race([readTlsClientHello(stream), late]);
    return {
      serverName: getExtensionData(message, 'sni')?.serverName?.toLowerCase(),
      protocols: getExtensionData(message, 'alpn')?.protocols ?? [],
    };
  } catch (error) {
    throw new HelloError('decodeError', `The ClientHello is malformed: ${sentenceOf(error)}.`);
  } finally {
    clearTimeout(timer);
    stream.destroy();
  }
}

/** What the client is sent: a fatal alert in a record, or nothing. `undefined`: it is not here. */
function alertOf(error: unknown): Uint8Array | undefined {
  if (error instanceof HelloError) return Buffer.from([21, 3, 3, 0, 2, 2, error.alert]);
  if (!(error instanceof InterplexError)) return undefined;
  if (error.code === 'IPX_READ_LIMIT') return Buffer.from([21, 3, 3, 0, 2, 2, alerts.decodeError]);
  return error.code === 'IPX_READ_TIMEOUT' ? new Uint8Array(0) : undefined;
}
