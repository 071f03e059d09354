/** What carries the paths of a port: connections that it dials, or that were dialled to it. */
import type { CarrierEvent } from '../../actors/data-port/reset.ts';
import type { Connection } from './connection.ts';
import type { InterplexError } from '../errors.ts';
import type { Session } from './session.ts';

/** What a path's actor is told. */
export type PathEvent = CarrierEvent | { type: 'path.silent' } | { type: 'path.heard' };
export interface DialOrder {
  readonly path: number;
  readonly dial: number;
  /** Whose order it is: each target of a port has paths of its own, by the same numbers. */
  readonly owner?: unknown;
  readonly tell: (event: PathEvent) => void;
}

/** The path's orders and connections, one of each at a time. */
export abstract class Carriers {
  readonly #orders = new Map<number, DialOrder>();
  #session: Session | undefined;

  /** The session whose paths these are. */
  serve(session: Session): void {
    this.#session = session;
  }

  dial(order: DialOrder): void {
    this.#orders.set(order.path, order);
    this.open(order);
  }

  /**
   * False for a path of the former target, which may act once more in the turn in which it was
   * left: what is dialled there by then is another's.
   */
  isCurrent({ path, owner }: DialOrder): boolean {
    return this.#orders.get(path)?.owner === owner;
  }

  /** Closes what carries the path, or is about to. */
  hangUp(order: DialOrder): void {
    const { path, dial, tell } = order;
    if (this.isCurrent(order)) {
      this.abandon(path);
      this.#session?.detach(path);
    }
    tell({ type: 'carrier.closed', dial });
  }

  /** The connection of that path has ended, or must not be used. */
  lose(path: number, { code, message: reason }: InterplexError): void {
    const order = this.#orders.get(path);
    order?.tell({ type: 'carrier.lost', dial: order.dial, refusal: { code, reason } });
  }

  tell(path: number, event: PathEvent): void {
    this.#orders.get(path)?.tell(event);
  }

  /** Nothing is dialled or awaited any more. */
  closeAll(): void {
    for (const path of this.#orders.keys()) this.abandon(path);
    this.#orders.clear();
  }

  protected carry({ path, dial, tell }: DialOrder, connection: Connection, rttMs?: number): void {
    this.#session?.attach(path, connection, rttMs);
    tell({ type: 'carrier.opened', dial });
  }

  protected fail({ dial, tell }: DialOrder, { code, message: reason }: InterplexError): void {
    tell({ type: 'carrier.failed', dial, refusal: { code, reason } });
  }

  protected abstract open(order: DialOrder): void;
  protected abstract abandon(path: number): void;
}
