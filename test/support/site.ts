/** A server of Node as the target of a VIPA, in this thread: a test holds it in its hands. */
import { once } from 'node:events';
import { connect, type Server, type Socket } from 'node:net';
import {
  answerRequest,
  peekHead,
  routingApplication,
  serveWith,
  startNode,
  targetApplication,
  type Client,
  type Node,
  type RouteContext,
} from 'interplex';
import { onTestFinished } from 'vitest';

export interface Site {
  readonly node: Node;
  readonly port: number;
  /** What the routing application was told of each client, or its error. */
  readonly told: unknown[];
  readonly failures: unknown[];
}

/** What the routing application learns of a client before it is transferred; it is the state. */
export type Look = (client: Client, route: RouteContext) => Promise<unknown>;

/** Stopped when the test has finished. */
export async function startSite(
  server: Server,
  look: Look = (client) => peekHead(client),
): Promise<Site> {
  const told: unknown[] = [];
  const failures: unknown[] = [];
  const routing = routingApplication(async (client, route) => {
    const state = await look(client, route).catch((error: unknown) => {
      told.push(error);
      throw error;
    });
    told.push(state);
    const result = await route.transfer(client, { to: 'site', state });
    if (result.outcome === 'refused') await answerRequest(client, 503, result.reason);
  });
  const node = await startNode({
    id: 'hall',
    applications: {
      door: { routing },
      site: { target: targetApplication({ serve: serveWith(server) }) },
    },
    run: ['site'],
    vipas: { web: { address: '127.0.0.1', port: 0, routing: 'door' } },
    log: { level: 'silent' },
    onFailure: (failure) => failures.push(failure),
  });
  onTestFinished(() => node.stop());
  return { node, port: node.endpoints[0]?.port ?? 0, told, failures };
}

/** A connection that is destroyed when the test has finished. */
export async function dial(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  socket.on('error', () => undefined); // `close` follows, and is what a test awaits.
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** All that comes until the server ends; the own side stays open. */
export async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await Promise.race([once(socket, 'end'), once(socket, 'close')]);
  return Buffer.concat(chunks).toString('latin1');
}
