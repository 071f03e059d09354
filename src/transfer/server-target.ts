/**
 * Any server of Node as a target application (CT-15): `http`, `https`, `tls`, `net`, and what is
 * built on them. It is given each client's socket as Node documents for its event `connection`, and
 * from then on the connection is the server's, with every byte that was not consumed.
 */
import { subscribe } from 'node:diagnostics_channel';
import { Server as HttpServer } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import type { Server, Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import type { Duplex } from 'node:stream';
import type { Client } from './client.ts';
import type { ServeContext } from './target-role.ts';

/** What a server's own code may know of a connection that was transferred to it. */
export interface ServerContext<State> extends ServeContext<State> {
  readonly client: Client;
}

/** A function for a target's `serve` that gives each client to a server. */
export interface ServerServe {
  (client: Client, context: ServeContext<unknown>): void;
  /** As the server would have had it from its own listener. */
  readonly allowHalfOpen: boolean;
}

const contexts = new WeakMap<Duplex, ServerContext<unknown>>();

/**
 * The context of a connection that was transferred to a server in this thread: in a request
 * listener `contextOf(request.socket)`. `undefined` for a connection that the server accepted
 * itself. `State` is what the routing application gives; it is not checked here.
 */
export const contextOf = <State = unknown>(socket: Duplex): ServerContext<State> | undefined =>
  contexts.get(socket) as ServerContext<State> | undefined;

/**
 * `targetApplication({ serve: serveWith(server) })`: each client is the server's, as if it had
 * connected there. The server need not listen. Fastify is given by `app.server`, after
 * `await app.ready()`; Express by `createServer(app)`.
 *
 * When the node drains, idle connections are closed and the others after their response; a
 * WebSocket is the application's to close, by `contextOf(request.socket)?.signal`.
 */
export function serveWith(server: Server): ServerServe {
  const settings: ServerSettings = server;
  const { allowHalfOpen = false } = settings;
  const sessions = server instanceof TlsServer ? new Sessions(server) : undefined;
  const drain = httpDrain(server);
  let isBegun = false;
  const serve = (client: Client, context: ServeContext<unknown>) => {
    if (!isBegun) beginTimers(server);
    isBegun = true;
    const { socket } = client;
    const served = Object.assign(context, { client });
    contexts.set(socket, served);
    sessions?.expect(socket, served);
    if (settings.noDelay) socket.setNoDelay(true);
    if (settings.keepAlive) socket.setKeepAlive(true, settings.keepAliveInitialDelay);
    if (drain) context.signal.addEventListener('abort', drain, { once: true });
    server.emit('connection', socket);
    if (drain && context.signal.aborted) drain();
  };
  return Object.assign(serve, { allowHalfOpen });
}

/** Options of `net.createServer` that Node keeps on the server and applies to what it accepts. */
interface ServerSettings extends Server {
  readonly allowHalfOpen?: boolean;
  readonly noDelay?: boolean;
  readonly keepAlive?: boolean;
  readonly keepAliveInitialDelay?: number;
}

type AnyHttpServer = HttpServer | HttpsServer;

const isHttp = (server: Server): server is AnyHttpServer =>
  server instanceof HttpServer || server instanceof HttpsServer;

/**
 * An http server counts its connections, without which neither `headersTimeout` nor
 * `closeIdleConnections` does anything, from its event `listening` on; one that does not listen is
 * told that it does.
 */
function beginTimers(server: Server): void {
  if (isHttp(server) && !server.listening) server.emit('listening');
}

/** How an http server lets its clients go; `undefined` for servers that have no such notion. */
function httpDrain(server: Server): (() => void) | undefined {
  if (!isHttp(server)) return undefined;
  let isBegun = false;
  let isDue = false;
  const closeIdle = () => {
    if (isDue) return; // The signals of all clients come in one turn.
    isDue = true;
    setImmediate(() => {
      isDue = false;
      server.closeIdleConnections();
    });
  };
  const begin = () => {
    server.prependListener('request', ({ socket }, response) => {
      if (isLeaving(socket) && !response.headersSent) response.setHeader('Connection', 'close');
    });
    // A response that was under way may have promised to keep its connection.
    subscribe('http.server.response.finish', (message) => {
      if (isLeaving((message as { socket: Duplex }).socket)) closeIdle();
    });
  };
  return () => {
    if (!isBegun) begin();
    isBegun = true;
    closeIdle();
  };
}

const isLeaving = (socket: Duplex): boolean => contexts.get(socket)?.signal.aborted === true;

/** The TLS sessions of transferred sockets, known by their addresses until they are secure. */
class Sessions {
  readonly #expected = new Map<string, ServerContext<unknown>>();

  constructor(server: TlsServer) {
    server.prependListener('secureConnection', (session) => {
      const served = this.#expected.get(addressesOf(session));
      if (served) contexts.set(session, served);
    });
  }

  expect(socket: Socket, served: ServerContext<unknown>): void {
    const addresses = addressesOf(socket);
    this.#expected.set(addresses, served);
    socket.once('close', () => this.#expected.delete(addresses));
  }
}

const addressesOf = ({ remoteAddress, remotePort, localAddress, localPort }: Socket) =>
  `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
