/** A pool as a map (AF-7): who has each of its ports, from shared memory: no stack is asked. */
import {
  holderOf,
  isAway,
  isResting,
  portFree,
  PoolWords,
  record,
  type PoolShape,
} from './pool-words.ts';
import { addressOf, type SharedPool } from './shared-pool.ts';
import { TupleTable } from './tuple-table.ts';
import { restingOwner } from './tuple-tasks.ts';

/** `reserved`: an endpoint has it, for which the coordinator keeps it. */
const conditions = ['free', 'block', 'used', 'quarantined', 'reserved'] as const;
type Condition = (typeof conditions)[number];

export interface PortRun {
  /** Empty for what nobody has. */
  readonly owner: string;
  readonly count: number;
  readonly condition: Condition;
}

export interface PoolMap {
  readonly pool: string;
  readonly first: number;
  readonly count: number;
  readonly runs: readonly PortRun[];
}

export interface MapOptions {
  /** Of all stacks, by their numbers; that of the coordinator. */
  readonly names: readonly string[];
  readonly coordinator: number;
  /** Where there are more, the ports of some in a row stand in the order of their condition. */
  readonly runsMax: number;
}

/** As it is called wherever it is shown. */
export const poolName = ({ address, protocol }: Pick<SharedPool, 'address' | 'protocol'>): string =>
  `${address} ${protocol}`;

/** Of a range that no address has it is all free: `undefined`. */
export function mapOf(shared: SharedPool, options: MapOptions): PoolMap | undefined {
  const address = addressOf(shared);
  if (address === undefined) return undefined;
  const { first, count } = shared.shape;
  const codes = shared.rows ? codesOfRows(shared.rows, shared.shape) : codesOfUnits(shared);
  const pool = poolName({ address, protocol: shared.protocol });
  return { pool, first, count, runs: boundedRuns(codes, options) };
}

/** One number for an owner and a condition; 0 is free. */
const codeOf = (stack: number, condition: Condition): number =>
  (stack + 1) * conditions.length + conditions.indexOf(condition);

const codeAtRest = codeOf(-1, 'quarantined');

function codesOfUnits({ shape, memory }: SharedPool): Uint16Array {
  const pool = new PoolWords(shape, new Int32Array(memory));
  const codes = new Uint16Array(shape.count);
  for (let unit = 0; unit < pool.units; unit += 1) {
    const owner = pool.load(pool.owners + unit);
    const first = unit * shape.block;
    if (isAway(owner)) continue; // Nobody of this process has it.
    const isHeld = owner !== 0 && !isResting(owner);
    const inUse = codeOf(holderOf(owner), 'used');
    if (isResting(owner)) codes.fill(codeAtRest, first, first + shape.block);
    else if (isHeld && shape.block === 1) codes[first] = inUse;
    else if (isHeld)
      fillBlock(codes, pool, first, { inUse, code: codeOf(holderOf(owner), 'block') });
  }
  if (shape.block > 1) markGuests(codes, pool);
  return codes;
}

function fillBlock(
  codes: Uint16Array,
  pool: PoolWords,
  first: number,
  { code, inUse }: { readonly code: number; readonly inUse: number },
): void {
  const end = first + pool.shape.block;
  for (let port = first; port < end; port += 1) {
    codes[port] = Atomics.load(pool.ports, port) === portFree ? code : inUse;
  }
}

/** Ports in blocks that others lease. */
function markGuests(codes: Uint16Array, pool: PoolWords): void {
  const { stacks, guests } = pool.shape;
  for (let stack = 0; stack < stacks; stack += 1) {
    const at = pool.stack(stack) + record.guests;
    for (let entry = at; entry < at + guests; entry += 1) {
      const word = pool.load(entry);
      if (word === 0) continue;
      codes[Math.abs(word) - 1] = word > 0 ? codeOf(stack, 'used') : codeAtRest;
    }
  }
}
/** A port may have rows to several destinations: the first that is in use counts. */
function codesOfRows(memory: SharedArrayBuffer, { first, count }: PoolShape): Uint16Array {
  const codes = new Uint16Array(count);
  for (const { tuple, row } of new TupleTable(memory, 0).rows()) {
    const port = tuple.port - first;
    const isAtRest = row.owner === restingOwner;
    if (isAtRest) codes[port] ||= codeAtRest;
    else codes[port] = codeOf(row.owner, 'used');
  }
  return codes;
}

function boundedRuns(codes: Uint16Array, options: MapOptions): PortRun[] {
  let runs = runsOf(codes, options);
  for (let grain = 64; runs.length > options.runsMax && grain < codes.length * 2; grain *= 2) {
    const ordered = codes.slice();
    for (let at = 0; at < codes.length; at += grain) ordered.subarray(at, at + grain).sort();
    runs = runsOf(ordered, options);
  }
  return runs;
}

function runsOf(codes: Uint16Array, { names, coordinator }: MapOptions): PortRun[] {
  const runs: PortRun[] = [];
  for (let at = 0; at < codes.length;) {
    const code = codes[at] ?? 0;
    let end = at + 1;
    while (end < codes.length && codes[end] === code) end += 1;
    const stack = Math.floor(code / conditions.length) - 1;
    const condition = conditions[code % conditions.length] ?? 'free';
    const isReserved = stack === coordinator && condition === 'used';
    runs.push({
      owner: names[stack] ?? '',
      count: end - at,
      condition: isReserved ? 'reserved' : condition,
    });
    at = end;
  }
  return runs;
}
