/** Clients on their way to a child process, at the pace that the benchmark wants. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';

import { Deferred } from '../deferred.ts';
import { now, type Moved, type Pace } from './commands.ts';

interface Held {
  readonly socket: Socket;
  readonly name: string;
}

export class Sender {
  readonly #child: ChildProcess;
  #pace: Pace = 'timed arrival';
  #count = 0;
  #held: Held[] = [];
  #startedAt = 0;
  #movedCount = 0;
  #roundTripsMs: number[] = [];
  #onMove: (() => void) | undefined;
  #moved = new Deferred<Moved>();

  constructor(child: ChildProcess) {
    this.#child = child;
  }

  get moved(): Promise<Moved> {
    return this.#moved.promise;
  }

  expect(count: number, pace: Pace): void {
    this.#count = count;
    this.#pace = pace;
    this.#held = [];
    this.#startedAt = 0;
    this.#movedCount = 0;
    this.#roundTripsMs = [];
    this.#onMove = undefined;
    this.#moved = new Deferred();
  }

  settled(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#onMove = () => {
        if (this.#movedCount >= count) resolve();
      };
      this.#onMove();
    });
  }

  /** Settles when the child serves nobody. */
  async emptied(): Promise<void> {
    this.#child.send('emptied');
    await once(this.#child, 'message');
  }

  receive(socket: Socket): void {
    socket.on('error', ignore); // It left before it was sent.
    socket.once('data', (line: Buffer) => {
      if (this.#startedAt === 0) this.#startedAt = now();
      const held = { socket, name: line.toString().trimEnd() };
      if (this.#pace === 'timed arrival') {
        void this.#sendOne(held);
        return;
      }
      this.#held.push(held);
      if (this.#held.length === this.#count) void this.#sendAll();
    });
  }

  async #sendAll(): Promise<void> {
    this.#startedAt = now();
    if (this.#pace === 'all at once') this.#queueAll();
    else for (const held of this.#held) await this.#sendOne(held);
  }

  /** The round trip: from `send` until the application's answer is in. */
  #sendOne({ socket, name }: Held): Promise<void> {
    return new Promise((resolve) => {
      const from = now();
      this.#child.once('message', () => {
        this.#roundTripsMs.push(now() - from);
        this.#note();
        resolve();
      });
      this.#child.send({ name }, socket);
    });
  }

  /** All into Node's own queue. */
  #queueAll(): void {
    const hear = () => {
      this.#note();
      if (this.#movedCount === this.#count) this.#child.off('message', hear);
    };
    this.#child.on('message', hear);
    for (const { socket, name } of this.#held) this.#child.send({ name }, socket);
  }

  #note(): void {
    this.#movedCount += 1;
    this.#onMove?.();
    if (this.#movedCount < this.#count) return;
    const elapsedMs = now() - this.#startedAt;
    this.#moved.resolve({ elapsedMs, frozenMs: this.#roundTripsMs });
  }
}

const ignore = () => {};
