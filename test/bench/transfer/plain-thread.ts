/** A plain `net` server in a thread of its own: the first line is read, then all is echoed. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { parentPort } from 'node:worker_threads';

import { answerThreads } from '../../support/thread-call.ts';
import { heapHere } from './heap.ts';
import { emptied, serve } from './served.ts';

export type PlainCommand = { type: 'emptied' } | { type: 'heap' };

function greet(this: Socket): void {
  serve(this);
}

const server = createServer((socket) => socket.once('data', greet));
server.listen({ host: '127.0.0.1', port: 0, backlog: 4_096 });
await once(server, 'listening');
answerThreads<PlainCommand>('plain', ({ type }) => (type === 'heap' ? heapHere() : emptied()));
parentPort?.postMessage((server.address() as AddressInfo).port);
