/**
 * The two nodes of the benchmark, `hall` and `edge`: each sends and hears by its own messenger, and
 * has a plain socket for the peer.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { ApplicationNode } from 'interplex';
import { answerThreads } from '../../support/thread-call.ts';

export type Command =
  /** Settles with the milliseconds at which the last of so many messages was heard. */
  | { readonly type: 'expect'; readonly count: number }
  /** Settles when all are received. */
  | { readonly type: 'send'; readonly to: string; readonly count: number }
  /** Sends for so long, one datagram each, to this port. */
  | { readonly type: 'flood'; readonly port: number; readonly ms: number }
  /** How many datagrams have come since the last question. */
  | { readonly type: 'count' }
  /** Settles with the port of the peer's socket, once both nodes know each other. */
  | { readonly type: 'ready' }
  /** No datagram may reach a thread that is being ended: Node would abort. */
  | { readonly type: 'close' };

const body = 'x'.repeat(48); // 64 bytes with its kind and its names.
/** Messages that are sent in one turn, and turns whose messages are under way. */
const batch = 2_048;
const batchesUnderway = 6;
const receiveBufferBytes = 4 * 1024 * 1024;

type Messenger = ApplicationNode['messenger'];

export async function actors({ id, messenger }: ApplicationNode): Promise<void> {
  const tally = new Tally();
  messenger.on('reading', () => tally.add());
  const peer = new PlainSocket();
  await peer.open();
  answerThreads<Command>(id, (command) => {
    switch (command.type) {
      case 'expect':
        return tally.reach(command.count);
      case 'send':
        return send(messenger, command.to, command.count);
      case 'flood':
        return peer.flood(command.port, command.ms);
      case 'count':
        return peer.counted();
      case 'ready':
        return met(messenger).then(() => peer.port);
      case 'close':
        return peer.close();
    }
  });
}

class Tally {
  #count = 0;
  #wanted = Infinity;
  #onWanted: (() => void) | undefined;

  add(): void {
    this.#count += 1;
    if (this.#count >= this.#wanted) this.#onWanted?.();
  }

  async reach(wanted: number): Promise<number> {
    this.#count = 0;
    this.#wanted = wanted;
    await new Promise<void>((resolve) => (this.#onWanted = resolve));
    return performance.timeOrigin + performance.now();
  }
}

async function send(messenger: Messenger, to: string, count: number): Promise<void> {
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

/** The peer: one `send` for each message, as many as the kernel takes. */
class PlainSocket {
  readonly #socket: Socket = createSocket({
    type: 'udp4',
    lookup: (host, _, callback) => callback(null, host, 4),
  });
  #datagrams = 0;

  get port(): number {
    return this.#socket.address().port;
  }

  async open(): Promise<void> {
    this.#socket.on('message', () => (this.#datagrams += 1));
    const listening = once(this.#socket, 'listening');
    this.#socket.bind(0, '127.0.0.1');
    await listening;
    this.#socket.setRecvBufferSize(receiveBufferBytes);
  }

  async flood(port: number, ms: number): Promise<void> {
    const bytes = Buffer.alloc(64, 'x');
    const endAt = performance.now() + ms;
    while (performance.now() < endAt) {
      let left = 64;
      await new Promise<void>((resolve) => {
        const done = () => ((left -= 1) === 0 ? setImmediate(resolve) : undefined);
        for (let one = 0; one < 64; one += 1) this.#socket.send(bytes, port, '127.0.0.1', done);
      });
    }
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }

  counted(): number {
    const sum = this.#datagrams;
    this.#datagrams = 0;
    return sum;
  }
}

async function met(messenger: Messenger): Promise<void> {
  const isMet = () => messenger.members().some(({ status }) => status === 'alive');
  while (!isMet()) await new Promise((resolve) => messenger.subscribe(resolve));
}
