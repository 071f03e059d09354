/**
 * Clients that come one after the other, so many at a time: each connects, asks where it is, and
 * leaves with the answer. How each fared is counted.
 */
import { connect } from 'node:net';
import { until } from './until.ts';

export interface Fates {
  readonly served: number;
  /** Those whose connect failed. */
  readonly refused: number;
  /** Those whose connection came to an end before the answer. */
  readonly lost: readonly { readonly connectedAt: number; readonly how: string }[];
}

export class Flood {
  readonly #port: number;
  readonly #streams: readonly Promise<void>[];
  readonly #lost: { connectedAt: number; how: string }[] = [];
  #served = 0;
  #refused = 0;
  #isOver = false;

  constructor(port: number, atOnce: number) {
    this.#port = port;
    this.#streams = Array.from({ length: atOnce }, () => this.#stream());
  }

  /** Settles when so many more were served. */
  served(count: number): Promise<void> {
    const goal = this.#served + count;
    return until(`${count} more clients were served`, () => this.#served >= goal, 10_000);
  }

  /** Settles when the last has left. */
  async stop(): Promise<Fates> {
    this.#isOver = true;
    await Promise.all(this.#streams);
    return { served: this.#served, refused: this.#refused, lost: this.#lost };
  }

  async #stream(): Promise<void> {
    while (!this.#isOver) await this.#visit();
  }

  #visit(): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
      let connectedAt: number | undefined;
      let how = 'end';
      socket.on('connect', () => {
        connectedAt = performance.now();
        socket.write('{"do":"who"}\n');
      });
      socket.once('data', () => {
        this.#served += 1;
        how = 'served';
        socket.end();
      });
      socket.on('error', ({ code = 'error' }: NodeJS.ErrnoException) => {
        if (how === 'end') how = code;
      });
      socket.on('close', () => {
        if (connectedAt === undefined) this.#refused += 1;
        else if (how !== 'served') this.#lost.push({ connectedAt, how });
        resolve();
      });
    });
  }
}
