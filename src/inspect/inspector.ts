/**
 * The inspector: a page, and one WebSocket that brings to it what actors do (AF-7). Whoever speaks
 * Stately's protocol finds it at `/stately`.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import type { AnyActor } from 'xstate';
import { InterplexError, sentenceOf } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Sight } from '../runtime/sight.ts';
import { askedFor, refusalOf, refusalOfWatcher } from './access.ts';
import { Collector, type Parcel } from './collector.ts';
import { parseCommand } from './command.ts';
import { parseInspectorOptions, type InspectorOptions } from './options.ts';
import { servePage } from './page-files.ts';
import { clusterSession, recordBase, type NodeCommand } from './records.ts';
import { recordsOf, StatelySpeech } from './stately.ts';
import { Tap } from './tap.ts';
import { sessionPrefix } from './watch.ts';
import { WatchingPage } from './watching-page.ts';

/** What an inspector shows beside the actors that are told to it, and what it may do. */
export interface InspectedWorld {
  readonly title: string;
  /** Done where the page may; rejects with why not. */
  perform(command: NodeCommand): Promise<void>;
  /** Of the main thread. */
  readonly figures: () => Readonly<Record<string, unknown>>;
  /** Shown instead of what runs. */
  readonly recording?: Parcel;
}

const nothing: InspectedWorld = {
  title: 'actors',
  perform: ({ command }) =>
    Promise.reject(
      new InterplexError('IPX_COMMAND_REFUSED', `There is no cluster here to ${command} in.`),
    ),
  figures: () => ({}),
};

/** The node as which actors of the main thread are shown. */
const mainNode = 'main';

export class Inspector implements AsyncDisposable {
  readonly collector = new Collector();
  readonly #options: ReturnType<typeof parseInspectorOptions>;
  readonly #world: InspectedWorld;
  readonly #tap: Tap;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.inspectMessageBytesMax,
    perMessageDeflate: false,
  });
  #lastForeign = 0;

  /** For `startInspector`. */
  constructor(options: ReturnType<typeof parseInspectorOptions>, world: InspectedWorld) {
    this.#options = options;
    this.#world = world;
    this.#tap = new Tap({
      node: mainNode,
      thread: 0,
      post: (report) => {
        this.#tap.order({ type: 'taken' });
        this.collector.hear(report);
      },
      figures: world.figures,
    });
    this.collector.joinHere(sessionPrefix({ node: mainNode, thread: 0 }), this.#tap);
    this.#server = createServer((request, response) => {
      const refusal = refusalOf(request, options.token);
      const isRead = request.method === 'GET' || request.method === 'HEAD';
      if (refusal) response.writeHead(refusal.status).end(`${refusal.sentence}\n`);
      else if (!isRead) response.writeHead(405, { Allow: 'GET, HEAD' }).end();
      else servePage(askedFor(request).pathname, response);
    });
    this.#server.on('upgrade', (...upgrade) => this.#upgrade(...upgrade));
  }

  /** Where it is opened, with its token. */
  get url(): string {
    const { address, token } = this.#options;
    const { port } = this.#server.address() as AddressInfo;
    const name = address.includes(':') ? `[${address}]` : address;
    return `http://${name}:${port}/${token === undefined ? '' : `#token=${token}`}`;
  }

  /** Shows an actor of this thread, and all that it invokes and spawns. Returns how to stop. */
  watch(actor: AnyActor): () => void {
    return this.#tap.onRoot(actor);
  }

  /** For whoever runs machines in this thread beside those that are watched one by one. */
  get sight(): Sight {
    return this.#tap;
  }

  /** For `startInspector`. Rejects: IPX_PORT_HELD, IPX_ADDRESS_UNUSABLE. */
  async listen(): Promise<void> {
    const { port, address } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => {
        const isHeld = error.code === 'EADDRINUSE';
        const code = isHeld ? 'IPX_PORT_HELD' : 'IPX_ADDRESS_UNUSABLE';
        const sentence = `The inspector cannot listen on ${address}:${port}: ${error.message}.`;
        reject(new InterplexError(code, sentence, { cause: error }));
      });
      this.#server.listen(port, address, resolve);
    });
    this.#server.unref(); // To be seen keeps nothing running.
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = refusalOfWatcher(request, this.#options.token);
    const isFull = this.#sockets.clients.size >= limits.inspectWatchersMax;
    const speak = this.#speakers.get(askedFor(request).pathname);
    socket.on('error', () => socket.destroy());
    if (refusal) refuse(socket, refusal.status, refusal.sentence);
    else if (isFull) refuse(socket, 503, 'Too many watch already.');
    else if (!speak) refuse(socket, 404, 'There are /live and /stately.');
    else this.#sockets.handleUpgrade(request, socket, head, speak);
  }

  readonly #speak = (socket: WebSocket): void => {
    const page = new WatchingPage({
      socket,
      onReadAgain: () => this.collector.renew(),
      messagesOf: (parcel) => [`[${parcel}]`],
    });
    socket.on('error', () => socket.terminate());
    const { title, recording } = this.#world;
    const { control } = this.#options;
    page.tell({
      ...recordBase(clusterSession),
      type: '@interplex.welcome',
      title,
      control,
      isRecording: recording !== undefined,
    });
    if (recording !== undefined) {
      page.take(recording);
      return;
    }
    socket.on('close', () => this.collector.unwatch(page));
    socket.on('message', (data) => void this.#obey(page, textOf(data)));
    this.collector.watch(page);
  };

  /** A client that tells of its own actors is not told of others': it would hear itself. */
  readonly #speakStately = (socket: WebSocket): void => {
    const speech = new StatelySpeech();
    const page = new WatchingPage({
      socket,
      onReadAgain: () => this.collector.renew(),
      messagesOf: speech.messagesOf,
    });
    let origin: string | undefined;
    socket.on('error', () => socket.terminate());
    socket.on('close', () => this.collector.unwatch(page));
    socket.on('message', (data) => {
      if (origin === undefined) this.collector.unwatch(page);
      origin ??= `stately-${(this.#lastForeign += 1)}`;
      const parcel = recordsOf(textOf(data), origin);
      if (parcel !== undefined) this.collector.tell(parcel);
    });
    this.collector.watch(page);
  };

  readonly #speakers: ReadonlyMap<string, (socket: WebSocket) => void> = new Map([
    ['/live', this.#speak],
    ['/stately', this.#speakStately],
  ]);

  async #obey(page: WatchingPage, message: string): Promise<void> {
    const parsed = parseCommand(message);
    if (!parsed) return;
    const { number, command } = parsed;
    let refusal: string | undefined;
    try {
      if (!this.#options.control) throw readOnly;
      if (command.command === 'send') await this.collector.send(command.sessionId, command.event);
      else if (command.command === 'cut') await this.collector.cut(command.path);
      else await this.#world.perform(command);
    } catch (error) {
      refusal = sentenceOf(error);
    }
    const base = recordBase(clusterSession);
    const answer = { ...base, type: '@interplex.answer', command: number } as const;
    page.tell(refusal === undefined ? answer : { ...answer, refusal });
  }
}

/**
 * Serves a page that shows actors at work. Rejects: IPX_OPTION_INVALID, IPX_PORT_HELD,
 * IPX_ADDRESS_UNUSABLE.
 */
export async function startInspector(
  options: InspectorOptions = {},
  world: InspectedWorld = nothing,
): Promise<Inspector> {
  const inspector = new Inspector(parseInspectorOptions('', options), world);
  await inspector.listen();
  return inspector;
}

const readOnly = new InterplexError(
  'IPX_COMMAND_REFUSED',
  'The inspector only shows: start it with `control: true`, or --control.',
);

const textOf = (data: RawData): string =>
  Array.isArray(data) ? Buffer.concat(data).toString() : Buffer.from(data as Buffer).toString();

function refuse(socket: Duplex, status: number, sentence: string): void {
  const lines = [`HTTP/1.1 ${status} Refused`, 'Connection: close', 'Content-Type: text/plain'];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${sentence}\n`);
}
