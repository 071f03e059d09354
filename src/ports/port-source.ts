/** What gives out the ports of one address and protocol: a pool, or a process's part of one. */
import type { Destination } from './port-stock.ts';
import type { PortProtocol } from './shared-pool.ts';

export interface PortSource {
  readonly address: string;
  readonly protocol: PortProtocol;
  readonly restMs: number;
  obtain(to?: Destination): number;
  claim(port: number): void | Promise<void>;
  release(port: number, restMs: number, to?: Destination): void;
  noteForeign(port: number, to?: Destination): void;
  /** Settles when there may be a port again; `undefined`: nobody else can be asked. */
  readonly refill: (() => Promise<void>) | undefined;
}
