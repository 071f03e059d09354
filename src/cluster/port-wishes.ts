/** A node's wishes for more source ports, told to the main thread, which has the seats (SP-2). */
import type { HostAnswer, WantPorts } from '../ports/host-words.ts';

export interface PortWish {
  readonly ask: number;
  readonly pool: string;
  /** Undefined: any. */
  readonly port: number | undefined;
}

export class PortWishes {
  readonly #tell: (wish: PortWish) => void;
  readonly #pending = new Map<number, (answer: HostAnswer) => void>();
  /** Those that want any unit of a pool want the same: they are asked for once. */
  readonly #any = new Map<string, Promise<HostAnswer>>();
  #lastAsk = 0;

  constructor(tell: (wish: PortWish) => void) {
    this.#tell = tell;
  }

  readonly want: WantPorts = (pool, port) => {
    if (port !== undefined) return this.#ask(pool, port);
    const known = this.#any.get(pool);
    if (known) return known;
    const asked = this.#ask(pool, undefined).finally(() => this.#any.delete(pool));
    this.#any.set(pool, asked);
    return asked;
  };

  answer(ask: number, answer: HostAnswer): void {
    this.#pending.get(ask)?.(answer);
    this.#pending.delete(ask);
  }

  #ask(pool: string, port: number | undefined): Promise<HostAnswer> {
    this.#lastAsk += 1;
    const ask = this.#lastAsk;
    this.#tell({ ask, pool, port });
    return new Promise((resolve) => this.#pending.set(ask, resolve));
  }
}
