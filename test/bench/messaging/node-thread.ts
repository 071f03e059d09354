/** A thread of the benchmark: one node with its messenger, and a plain socket for the peer. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { newMessenger } from '#internal/cluster/new-messenger';
import type { MessengerOptions } from '#internal/messaging/settings';
import { answerThreads } from '../../support/thread-call.ts';

export interface NodeThread extends MessengerOptions {
  /** As other threads call it. */
  readonly thread: string;
}
export type Command =
  /** Settles with the milliseconds at which the last of so many messages was heard. */
  | { readonly type: 'expect'; readonly count: number }
  /** Settles when all are received. */
  | { readonly type: 'send'; readonly to: string; readonly count: number }
  /** Sends for so long, one datagram each, to this port. */
  | { readonly type: 'flood'; readonly port: number; readonly ms: number }
  /** How many datagrams have come since the last question. */
  | { readonly type: 'count' }
  | { readonly type: 'ready' };

const { thread, ...options } = workerData as NodeThread;
const messenger = newMessenger(options);
const body = 'x'.repeat(48); // 64 bytes with its kind and its names.

let heard = 0;
let wanted = Infinity;
let onWanted: (() => void) | undefined;
messenger.on('reading', () => {
  heard += 1;
  if (heard >= wanted) onWanted?.();
});

async function expectMessages(count: number): Promise<number> {
  heard = 0;
  wanted = count;
  await new Promise<void>((resolve) => (onWanted = resolve));
  return performance.timeOrigin + performance.now();
}

/** Messages that are sent in one turn, and turns whose messages are under way. */
const batch = 2_048;
const batchesUnderway = 6;

async function send(to: string, count: number): Promise<void> {
  const message = { kind: 'reading', body };
  const underway: Promise<unknown>[] = [];
  for (let sent = 0; sent < count; sent += batch) {
    const batched = Array.from({ length: Math.min(batch, count - sent) }, () =>
      messenger.send(to, message),
    );
    underway.push(Promise.all(batched));
    if (underway.length >= batchesUnderway) await underway.shift();
  }
  await Promise.all(underway);
}

const socket = createSocket({
  type: 'udp4',
  lookup: (host, _, callback) => callback(null, host, 4),
});
let datagrams = 0;
socket.on('message', () => (datagrams += 1));

/** The peer: one `send` for each message, as many as the kernel takes. */
async function flood(port: number, ms: number): Promise<number> {
  const bytes = Buffer.alloc(64, 'x');
  const endAt = performance.now() + ms;
  let sent = 0;
  while (performance.now() < endAt) {
    let left = 64;
    await new Promise<void>((resolve) => {
      const done = () => ((left -= 1) === 0 ? setImmediate(resolve) : undefined);
      for (let one = 0; one < 64; one += 1) socket.send(bytes, port, '127.0.0.1', done);
    });
    sent += 64;
  }
  return sent;
}

function counted(): number {
  const sum = datagrams;
  datagrams = 0;
  return sum;
}

/** Both know each other, and have exchanged a word. */
async function ready(): Promise<boolean> {
  const others = () => messenger.members().some(({ status }) => status === 'alive');
  while (!others()) await new Promise((resolve) => messenger.subscribe(resolve));
  return true;
}

answerThreads<Command>(thread, (command) => {
  switch (command.type) {
    case 'expect':
      return expectMessages(command.count);
    case 'send':
      return send(command.to, command.count);
    case 'flood':
      return flood(command.port, command.ms);
    case 'count':
      return counted();
    case 'ready':
      return ready();
  }
});
await messenger.start();
const listening = once(socket, 'listening');
socket.bind(0, '127.0.0.1');
await listening;
socket.setRecvBufferSize(4 * 1024 * 1024);
parentPort?.postMessage(socket.address().port);
