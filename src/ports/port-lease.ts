/** A source port that is this stack's until it is released. */
import { InterplexError } from '../errors.ts';
import type { PortProtocol } from './shared-pool.ts';

interface Lessor {
  readonly address: string;
  readonly protocol: PortProtocol;
  readonly restMs: number;
  release(port: number, restMs: number): void;
}

export class PortLease {
  readonly port: number;
  readonly #lessor: Lessor;
  #isReleased = false;

  constructor(lessor: Lessor, port: number) {
    this.#lessor = lessor;
    this.port = port;
  }

  get address(): string {
    return this.#lessor.address;
  }

  get protocol(): PortProtocol {
    return this.#lessor.protocol;
  }

  /**
   * Gives it back, once its socket is closed. It rests before others get it, unless `wasUsed` is
   * false. Throws IPX_PORT_RETURNED the second time.
   */
  release({ wasUsed = true }: { readonly wasUsed?: boolean } = {}): void {
    if (this.#isReleased) throw this.#returned();
    this.#isReleased = true;
    this.#lessor.release(this.port, wasUsed ? this.#lessor.restMs : 0);
  }

  #returned(): InterplexError {
    const sentence =
      `Port ${this.port} of ${this.address} was given back already, and may be another's: ` +
      'release a lease once, at its socket’s close.';
    return new InterplexError('IPX_PORT_RETURNED', sentence);
  }
}
