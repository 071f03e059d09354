/** The process that holds the clients: keep-alive connections, one request under way on each. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import { answerBenchmark } from '../partner.ts';
import { now } from './commands.ts';
import { siteRequest } from './http-site.ts';

export type HttpClientCommand =
  /** Answered when each has had its first answer: it is served where it will stay. */
  | { type: 'open'; set: string; port: number; count: number }
  | { type: 'load'; set: string; ms: number };

export interface Load {
  readonly requests: number;
  readonly elapsedMs: number;
}

interface OneClient {
  readonly socket: Socket;
  /** Bytes of each answer; all are alike. */
  readonly answerBytes: number;
  onBytes: (count: number) => void;
}

const sets = new Map<string, readonly OneClient[]>();

async function openOne(port: number): Promise<OneClient> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  socket.write(siteRequest);
  const [first] = (await once(socket, 'data')) as [Buffer]; // So small that it comes whole.
  const client: OneClient = { socket, answerBytes: first.length, onBytes: () => {} };
  socket.on('data', (chunk: Buffer) => client.onBytes(chunk.length));
  return client;
}

async function open(set: string, port: number, count: number): Promise<void> {
  sets.set(set, await Promise.all(Array.from({ length: count }, () => openOne(port))));
}

async function load(set: string, ms: number): Promise<Load> {
  const clients = sets.get(set) ?? [];
  let requests = 0;
  const from = now();
  const end = from + ms;
  const lost = clients.map(async ({ socket }) => {
    await once(socket, 'close');
    throw new Error('A client was closed by its server.');
  });
  const one = (client: OneClient) =>
    new Promise<void>((resolve) => {
      let missing = client.answerBytes;
      client.onBytes = (count) => {
        missing -= count;
        if (missing > 0) return;
        requests += 1;
        missing = client.answerBytes;
        if (now() < end) client.socket.write(siteRequest);
        else resolve();
      };
      client.socket.write(siteRequest);
    });
  await Promise.race([Promise.all(clients.map(one)), ...lost]);
  return { requests, elapsedMs: now() - from };
}

answerBenchmark<HttpClientCommand>((command) =>
  command.type === 'open'
    ? open(command.set, command.port, command.count)
    : load(command.set, command.ms),
);
