/**
 * The head of a client's first request, read by a routing application without consuming it (CT-15).
 *
 * The parser is Node's own: an `http.Server` that never listens is given copies of the bytes, as
 * Node documents for its event `connection`. The target's server parses the same bytes by the same
 * code, so that none can mean one thing here and another there. Stricter than Node, as RFC 9112
 * asks of a server that routes: lenient parsing is off whatever the process was told, the version
 * is 1.0 or 1.1, and there is one Host (3.2; none is needed in 1.0).
 */
import {
  createServer,
  maxHeaderSize,
  STATUS_CODES,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
} from 'node:http';
import { Duplex } from 'node:stream';
import { InterplexError, sentenceOf } from '../errors.ts';
import { endLingering } from '../io/lingering-end.ts';
import { limits } from '../limits.ts';
import type { Client } from './client.ts';
import type { ReadOptions } from './reader.ts';

/** A request without its body, as `http.IncomingMessage` has it. */
export interface RequestHead {
  readonly method: string;
  /** As the client sent it: a path with its query, unless it asks a proxy. */
  readonly url: string;
  readonly httpVersion: string;
  readonly headers: IncomingHttpHeaders;
}

/**
 * The head of the client's first request; all bytes stay for who serves it. A head that is not
 * HTTP, too large, or not there in time is answered with 400, 431 or 408, the client is closed, and
 * this rejects with IPX_HTTP_REFUSED. Let that pass: it counts as the client having left.
 *
 * `limitBytes` is `http.maxHeaderSize` (16 KiB) by default: a target's server that allows less
 * refuses itself. `timeoutMs` is 10 000 by default.
 */
export async function peekHead(client: Client, options: ReadOptions = {}): Promise<RequestHead> {
  const { limitBytes = maxHeaderSize, timeoutMs = limits.headMs } = options;
  const copy = new ClientCopy(limitBytes);
  try {
    await client.peekUntil((chunk) => copy.measure(chunk), { limitBytes, timeoutMs });
    if (copy.head) return copy.head;
    throw new Error('The parser has not come to the end of the head that it was given.');
  } catch (error) {
    const status = statusOf(error);
    if (status === undefined) throw error;
    // Who connects and says nothing, as browsers do to be ready, gets no answer to no question.
    const isSilent = !copy.hasHeard;
    if (isSilent) await endLingering(client.socket, '');
    else await answerRequest(client, status, sentenceOf(error));
    throw new InterplexError('IPX_HTTP_REFUSED', refusalOf(status, error), { cause: error });
  } finally {
    copy.destroy();
  }
}

/**
 * Answers the client's request in the routing application's own name, and closes: when no target
 * takes the client, say. Settles when the client has read it, or after two seconds.
 */
export function answerRequest(client: Client, status: number, sentence: string): Promise<void> {
  const body = `${sentence}\n`;
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return endLingering(client.socket, `${head.join('\r\n')}\r\n\r\n${body}`);
}

/** Why a head is not taken, as the client is told. */
class HeadError extends Error {
  readonly status: number;

  constructor(status: number, sentence: string) {
    super(sentence);
    this.status = status;
  }
}

/** The stream that the parsing server takes for a connection: the client's bytes, once more. */
class ClientCopy extends Duplex {
  head: RequestHead | undefined;
  hasHeard = false;
  #error: HeadError | undefined;

  constructor(limitBytes: number) {
    super({ read: () => {}, write: (_chunk, _encoding, done) => done() });
    parserWith(limitBytes).emit('connection', this);
    this.read(0); // From now on what is pushed is parsed at once.
  }

  /** For `peekUntil`: whether the head is whole; throws if it can never be. */
  measure(chunk: Buffer): number | undefined {
    this.hasHeard = true;
    this.push(chunk);
    if (this.head) return 0;
    if (this.#error) throw this.#error;
    return undefined;
  }

  found({ method = '', url = '', httpVersion, headers, rawHeaders }: IncomingMessage): void {
    if (this.head || this.#error) return; // A second request, in the same piece.
    const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && /^host$/i.test(name));
    if (httpVersion !== '1.1' && httpVersion !== '1.0') {
      this.#error = new HeadError(400, `HTTP/${httpVersion} is not spoken here.`);
    } else if (hosts.length > 1 || (hosts.length === 0 && httpVersion === '1.1')) {
      this.#error = new HeadError(400, `A request has one Host, not ${hosts.length}.`);
    } else {
      this.head = { method, url, httpVersion, headers };
    }
  }

  failed(error: NodeJS.ErrnoException): void {
    if (this.head) return; // It is in what follows the head: the target's server will say so.
    this.#error ??=
      error.code === 'HPE_HEADER_OVERFLOW'
        ? new HeadError(431, 'The head of the request is too large.')
        : new HeadError(400, `This is not HTTP: ${error.message}.`);
  }
}

/** One for each limit that the program uses, which is nearly always one. */
const parsers = new Map<number, Server>();

function parserWith(limitBytes: number): Server {
  const known = parsers.get(limitBytes);
  if (known) return known;
  const server = createServer({
    maxHeaderSize: limitBytes,
    insecureHTTPParser: false,
    requireHostHeader: false, // It would answer by itself.
  });
  const note = (request: IncomingMessage) => {
    if (request.socket instanceof ClientCopy) request.socket.found(request);
  };
  for (const event of ['request', 'checkContinue', 'checkExpectation', 'connect', 'upgrade']) {
    server.on(event, note);
  }
  server.on('clientError', (error, socket) => {
    if (socket instanceof ClientCopy) socket.failed(error);
  });
  parsers.set(limitBytes, server);
  return server;
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof HeadError) return error.status;
  if (!(error instanceof InterplexError)) return undefined;
  if (error.code === 'IPX_READ_LIMIT') return 431;
  if (error.code === 'IPX_READ_TIMEOUT') return 408;
  return error.code === 'IPX_CLIENT_ENDED' ? 400 : undefined;
}

const refusalOf = (status: number, error: unknown) =>
  `The client was answered ${status} and closed: ${sentenceOf(error)}`;
