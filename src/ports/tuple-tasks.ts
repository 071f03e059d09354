/**
 * Ports by the connection routing hash table (SP-7): a row for each 4-tuple that is in use, so that
 * one port serves as many destinations as there are. A port without a destination has the row of
 * all.
 */
import type { Tuple } from '../../actors/vocabulary.ts';
import type { LockTask } from './lock-task.ts';
import type { PoolWords } from './pool-words.ts';
import type { Destination } from './port-stock.ts';
import type { TupleRow, TupleTable } from './tuple-table.ts';

/** Of connections whose destination nobody knows, and of ports that are bound. */
export const everywhere: Destination = { clientAddress: '::', clientPort: 0 };
/** Whose rows are those of the dead until they have rested; no stack has that number. */
export const restingOwner = 0xff;

export class TupleTasks {
  readonly #pool: PoolWords;
  readonly #table: TupleTable;
  readonly #address: string;
  readonly #stack: number;

  constructor(pool: PoolWords, table: TupleTable, address: string, stack: number) {
    this.#pool = pool;
    this.#table = table;
    this.#address = address;
    this.#stack = stack;
  }

  /** Any port from about that one on, or that one alone; its number is the unit. */
  take(to: Destination, from: number, isGiven = false): LockTask {
    const { count } = this.#pool.shape;
    return {
      choose: () => {
        const taken = to === everywhere ? this.#portsInUse() : undefined;
        for (let step = 0; step < (isGiven ? 1 : count); step += 1) {
          const port = (from + step) % count;
          if (this.#isFree(to, port, taken)) return port;
        }
        return -1;
      },
      intentOf: () => 0, // A row that was not finished is known by its writer.
      revise: (port) => {
        const taken = to === everywhere ? this.#portsInUse() : undefined;
        const row = { ...noRow, origin: this.#stack, owner: this.#stack, number: this.#epoch };
        return this.#isFree(to, port, taken) && this.#table.put(this.#tupleOf(to, port), row);
      },
      publish: () => {},
    };
  }

  give(to: Destination, port: number): LockTask {
    const tuple = this.#tupleOf(to, port);
    const mine = { origin: this.#stack, number: this.#epoch, epoch: 0 };
    return {
      choose: () => (this.#table.get(tuple) === undefined ? -1 : port),
      intentOf: () => 0,
      revise: () => {
        this.#table.remove(tuple, mine);
        return true;
      },
      publish: () => {},
    };
  }

  /** The rows of the dead are at rest: each once. Half a row was nobody's yet. */
  bury(dead: number, untilMs: number): LockTask {
    const isIts = ({ owner, number }: TupleRow) =>
      owner === dead && this.#pool.isDead((number << 9) | (dead + 1));
    return this.#each(isIts, (tuple, row) =>
      this.#table.put(tuple, { ...row, owner: restingOwner, movedAtMs: untilMs }),
    );
  }

  free(nowMs: number): LockTask {
    const isOver = ({ owner, movedAtMs }: TupleRow) => owner === restingOwner && movedAtMs <= nowMs;
    return this.#each(isOver, (tuple, row) => {
      this.#table.remove(tuple, row);
      return true;
    });
  }

  /** The stack that has a port in use, towards there or at all; `undefined`: none has. */
  holderOf(port: number): number | undefined {
    for (const { tuple, row } of this.#table.rows()) {
      if (tuple.port === this.#numberOf(port)) return row.owner;
    }
    return undefined;
  }

  #each(
    matches: (row: TupleRow) => boolean,
    revise: (tuple: Tuple, row: TupleRow) => boolean,
  ): LockTask {
    const { first } = this.#pool.shape;
    return {
      choose: () => {
        const found = this.#findRow(matches);
        return found ? found.tuple.port - first : -1;
      },
      intentOf: () => 0,
      revise: (port) => {
        const found = this.#findRow(matches, port + first);
        return found !== undefined && revise(found.tuple, found.row);
      },
      publish: () => {},
    };
  }

  #findRow(matches: (row: TupleRow) => boolean, port?: number) {
    for (const found of this.#table.rows()) {
      if (matches(found.row) && (port ?? found.tuple.port) === found.tuple.port) return found;
    }
    return undefined;
  }

  #isFree(to: Destination, port: number, taken: ReadonlySet<number> | undefined): boolean {
    if (taken) return !taken.has(this.#numberOf(port));
    const isBound = this.#table.get(this.#tupleOf(everywhere, port)) !== undefined;
    return !isBound && this.#table.get(this.#tupleOf(to, port)) === undefined;
  }

  #portsInUse(): ReadonlySet<number> {
    return new Set(Array.from(this.#table.rows(), ({ tuple }) => tuple.port));
  }

  #tupleOf(to: Destination, port: number): Tuple {
    return { ...to, address: this.#address, port: this.#numberOf(port) };
  }

  #numberOf(port: number): number {
    return port + this.#pool.shape.first;
  }

  get #epoch(): number {
    return this.#pool.holdingOf(this.#stack) >>> 9;
  }
}
const noRow = { vipa: 0, carrier: 0, epoch: 0, hops: 0, movedAtMs: 0 } as const;
