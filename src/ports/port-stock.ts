/** What a stack has of one pool, whichever structure the pool has (SP-7). */
import type { Tuple } from '../../actors/vocabulary.ts';

/** Where a connection goes: one port may serve several destinations, in the table alone. */
export type Destination = Pick<Tuple, 'clientAddress' | 'clientPort'>;

export interface StockFigures {
  /** Ports that this stack alone may give out: in use, at rest and free. */
  readonly leased: number;
  readonly free: number;
}

/** Ports are numbers from 0, counted from the first of the pool. */
export interface PortStock {
  /** A port that nobody else has; -1: there is none. */
  obtain(to?: Destination): number;
  /** That very port: -1 if it is taken now; else the stack that has it (SP-6). */
  claim(port: number): number;
  /** It is available again. */
  release(port: number, to?: Destination): void;
  figures(): StockFigures;
  /** Gives back what is not in use. */
  drain(): void;
}
/** What `claim` answers when nobody had the port. */
export const claimed = -1;
/** What `claim` answers where the holder is of no stack: it died, and the port is at rest. */
export const heldByNobody = -2;

/** The holder that `claim` told of, as a sentence's part, to the stack of that number. */
export function whose(holder: number, names: readonly string[], stack: number): string {
  // The last is of the main thread, which keeps ports for others.
  if (holder === names.length - 1) return "is an endpoint's, or lent to another process";
  const name = names[holder];
  if (name === undefined) return 'rests since its holder ended';
  const isOwn = holder === stack; // Of a lone node the main thread's stack is its own.
  return `is node "${name}"'s${isOwn ? ' already, or lent to another process' : ''}`;
}
