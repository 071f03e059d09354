/** The connections of a port at its target: whoever dialled is carried when its path asks. */
import { Carriers, type DialOrder } from './carriers.ts';
import type { Connection } from './connection.ts';
import { InterplexError } from '../errors.ts';

/** A connection that has said hello, and how it is welcomed. */
export interface Offered {
  readonly connection: Connection;
  readonly welcome: () => void;
}

export class AcceptedCarriers extends Carriers {
  readonly #wanted = new Map<number, DialOrder>();
  readonly #offered = new Map<number, Offered>();

  /** The source dialled that path: what carried it until now is nothing to it any more. */
  offer(path: number, offered: Offered): void {
    this.#offered.get(path)?.connection.destroy();
    this.#offered.set(path, offered);
    const order = this.#wanted.get(path);
    if (order) {
      this.open(order);
      return;
    }
    this.lose(path, new InterplexError('IPX_PATH_LOST', 'The source dialled it anew.'));
  }

  protected override open(order: DialOrder): void {
    const { path } = order;
    const offered = this.#offered.get(path);
    this.#offered.delete(path);
    if (!offered || offered.connection.isEnded) {
      this.#wanted.set(path, order);
      return;
    }
    this.#wanted.delete(path);
    offered.welcome();
    this.carry(order, offered.connection);
  }

  protected override abandon(path: number): void {
    this.#wanted.delete(path);
  }

  override closeAll(): void {
    for (const { connection } of this.#offered.values()) connection.destroy();
    this.#offered.clear();
    this.#wanted.clear();
    super.closeAll();
  }
}
