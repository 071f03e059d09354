/** What each stack has of a pool, read from shared memory: no stack is asked (SP-2). */
import type { HostShares } from './host-words.ts';
import {
  holderOf,
  isAway,
  isResting,
  PoolWords,
  record,
  type PoolStructure,
} from './pool-words.ts';
import { addressOf, type PortProtocol, type SharedPool } from './shared-pool.ts';
import { restingOwner } from './tuple-tasks.ts';
import { TupleTable } from './tuple-table.ts';

/** One stack's share of a pool, in ports. */
export interface PortHolding {
  readonly stack: string;
  /** In blocks that are its own, or one by one. */
  readonly leased: number;
  /** Open connections and bound ports, and ports at rest. */
  readonly used: number;
  readonly resting: number;
  /** Taken for now by programs that ask nobody. */
  readonly foreign: number;
  /** Connections from before sharing was switched on, on one port from several stacks. */
  readonly conflicts: number;
}

export interface PoolShares {
  readonly freeUnits: number;
  /** Units of stacks that have ended, until they have rested. */
  readonly restingUnits: number;
  /** By stack. */
  readonly leasedUnits: ReadonlyMap<number, number>;
}

export function sharesOf(pool: PoolWords): PoolShares {
  let freeUnits = 0;
  let restingUnits = 0;
  const leasedUnits = new Map<number, number>();
  for (let unit = 0; unit < pool.units; unit += 1) {
    const owner = pool.load(pool.owners + unit);
    if (owner === 0) freeUnits += 1;
    else if (isResting(owner)) restingUnits += 1;
    else if (!isAway(owner))
      leasedUnits.set(holderOf(owner), (leasedUnits.get(holderOf(owner)) ?? 0) + 1);
  }
  return { freeUnits, restingUnits, leasedUnits };
}

/** Of every stack that lives or still holds something. */
export function holdingsOf(pool: PoolWords, names: readonly string[]): PortHolding[] {
  const { leasedUnits } = sharesOf(pool);
  return names.flatMap((name, stack) => {
    const at = pool.stack(stack);
    const word = (which: number) => pool.load(at + which);
    const units = leasedUnits.get(stack) ?? 0;
    if ((word(record.life) & 1) === 0 && units === 0) return [];
    const [used, resting, foreign] = [record.used, record.resting, record.foreign].map(word);
    return {
      stack: name,
      leased: units * pool.shape.block,
      used: (used ?? 0) - (resting ?? 0) - (foreign ?? 0),
      resting: resting ?? 0,
      foreign: foreign ?? 0,
      conflicts: word(record.conflicts),
    };
  });
}

/** The ports of one address and protocol, all in ports. */
export interface PortPool {
  readonly vipa: string;
  readonly address: string;
  readonly protocol: PortProtocol;
  readonly structure: PoolStructure;
  readonly first: number;
  readonly last: number;
  /** To be leased by any stack; of a table, ports without a row. */
  readonly free: number;
  /** Of stacks that have ended, until they have rested. */
  readonly reclaimed: number;
  /** By stack of this process, what it holds. */
  readonly holdings: readonly PortHolding[];
  /** What each process of the host has leased, if they share it, and which of them coordinates. */
  readonly processes: readonly ProcessHolding[];
}

export interface ProcessHolding {
  readonly pid: number;
  readonly leased: number;
  readonly isCoordinator: boolean;
}

/** Every pool that has an address. */
export const poolsIn = (
  shared: readonly SharedPool[],
  names: readonly string[],
  hostOf: (pool: SharedPool) => HostShares | undefined = () => undefined,
): PortPool[] =>
  shared.flatMap((pool) => {
    const address = addressOf(pool);
    if (address === undefined) return [];
    const { vipa, protocol, shape, rows } = pool;
    const { structure, first, count, block } = shape;
    const words = new PoolWords(shape, new Int32Array(pool.memory));
    const holdings = holdingsOf(words, names);
    const host = rows ? undefined : hostOf(pool);
    const units = rows ? rowsIn(rows, count) : sharesOf(words);
    const free = (units.freeUnits + (host?.free ?? 0)) * block;
    const reclaimed = (units.restingUnits + (host?.resting ?? 0)) * block;
    const processes = processesOf(host, block);
    const last = first + count - 1;
    const place = { vipa, address, protocol, structure, first, last };
    return [{ ...place, free, reclaimed, holdings, processes }];
  });

const processesOf = (host: HostShares | undefined, block: number): ProcessHolding[] =>
  (host?.processes ?? []).map(({ pid, leased }) => {
    return { pid, leased: leased * block, isCoordinator: pid === host?.coordinator };
  });

function rowsIn(memory: SharedArrayBuffer, count: number) {
  const rows = Array.from(new TupleTable(memory, 0).rows());
  const ports = new Set(rows.map(({ tuple }) => tuple.port));
  const restingUnits = rows.filter(({ row }) => row.owner === restingOwner).length;
  return { freeUnits: count - ports.size, restingUnits };
}
