/**
 * A pool as its coordinator has it (SP-2, SP-5): which process leases which unit. The same words
 * and the same tasks as in memory that threads share; but each change is in a file before it is
 * told to anybody, so that whoever coordinates next finds what this one knew. Of the file:
 *
 *   0 magic  1 version  2 structure  3 first  4 count  5 block  6 rest, ms  7 epoch
 *   8… the words of the pool, up to its index, which is made anew; a stack is a process, and of its
 *      words the life, for those in use its number, and its guests count: ports in others' units
 *
 * Each coordinator has an epoch of its own. A life is in the file before its first unit. Of a unit
 * the end of its rest comes before its owner, and is worth nothing without it. APPEND ONLY.
 */
import { limits } from '../limits.ts';
import { UnitTasks, type LockTask, type TaskLock } from './lock-task.ts';
import { LentPorts } from './lent-ports.ts';
import { holderOf, isResting, layOut, PoolWords, record, type PoolShape } from './pool-words.ts';
import { SharedUnits } from './shared-units.ts';

const magic = 0x49_50_58_50;
const version = 2;
const headWords = 8;
const epochAt = 7;
const structures = ['bitmap', 'list', 'table'] as const;
const seats = limits.portProcessesMax;
const allSeats = Array.from({ length: seats }, (_, seat) => seat);

/** What all processes at a place must say alike. */
export interface HostSettings {
  readonly structure: PoolShape['structure'];
  readonly first: number;
  readonly count: number;
  readonly block: number;
  readonly restMs: number;
}
/** What a coordinator leaves to the next one. */
export interface MapFile {
  read(): Int32Array;
  /** One word. It is there when the call returns. */
  write(at: number, value: number): void;
  /** All of them anew; the first, by which it is known, last. */
  lay(words: Int32Array): void;
}
export interface HostPoolOptions {
  readonly settings: HostSettings;
  readonly file: MapFile;
  readonly lockOf: (pool: PoolWords, stack: number) => TaskLock;
  /** Since 1970. Default: the system's clock. */
  readonly nowMs?: () => number;
}

const headOf = ({ structure, first, count, block, restMs }: HostSettings): number[] => [
  magic,
  version,
  structures.indexOf(structure),
  first,
  count,
  block,
  restMs,
];

/** A table has no blocks: it is one process's as a whole. The coordinator's stack comes last. */
function shapeOf({ structure, first, count, block }: HostSettings): PoolShape {
  const stacks = { stacks: seats + 1, guests: limits.portGuestsMax };
  if (structure === 'table') return { structure: 'bitmap', first, count: 1, block: 1, ...stacks };
  return { structure, first, count, block, ...stacks };
}

export class HostPool {
  readonly pool: PoolWords;
  readonly epoch: number;
  readonly settings: HostSettings;
  /** Single ports of units that other processes lease. */
  readonly lent: LentPorts;
  readonly #file: MapFile;
  readonly #nowMs: () => number;
  readonly #lock: TaskLock;
  readonly #tasks: UnitTasks;
  /** By seat. */
  readonly #units = new Map<number, SharedUnits>();
  readonly #lockOf: (stack: number) => TaskLock;

  /** Over a file in which these settings are, or which none of the living uses. */
  constructor({ settings, file, lockOf, nowMs = Date.now }: HostPoolOptions) {
    const shape = shapeOf(settings);
    const { length } = new PoolWords(shape, new Int32Array());
    this.pool = layOut(shape, new Int32Array(new SharedArrayBuffer(length * 4)));
    this.#file = file;
    this.#nowMs = nowMs;
    this.settings = settings;
    this.lent = new LentPorts(this.pool, (at) => this.#write(at));
    const words = file.read();
    const isKnown = isOf(words, settings) && words.length === headWords + this.pool.index;
    this.epoch = isKnown ? words[epochAt]! + 1 : 1;
    if (isKnown) this.pool.words.set(words.subarray(headWords));
    else file.lay(Int32Array.from([...headOf(settings), 0, ...this.#kept()]));
    file.write(epochAt, this.epoch);
    this.pool.begin(seats);
    this.#lockOf = (stack) => lockOf(this.pool, stack);
    this.#lock = this.#lockOf(seats);
    this.#tasks = new UnitTasks(this.pool, this.#lock.index, seats);
    if (!isKnown) return;
    for (let unit = 0; unit < this.pool.units; unit += 1) this.#index(unit);
    // Of whom the last coordinator had written that it has ended, perhaps no more.
    for (const seat of allSeats) if (!this.#lives(seat)) this.end(seat);
  }

  /** The leases of a process, by its seat. */
  unitsOf(seat: number): SharedUnits {
    const known = this.#units.get(seat);
    if (known) return known;
    const onChanged = (unit: number) => this.#keep(unit);
    const lock = this.#lockOf(seat);
    const units = new SharedUnits({ pool: this.pool, stack: seat, lock, onChanged });
    this.#units.set(seat, units);
    return units;
  }

  /** Of the process that has the seat, or had it last; 0: none ever did. */
  lifeOf(seat: number): number {
    return this.#lives(seat) ? this.unitsOf(seat).epoch : 0;
  }

  /** The seats whose processes have not ended, as far as it was told. */
  living(): number[] {
    return allSeats.filter((seat) => this.#lives(seat));
  }

  /** The process that has the seat, or had it last. */
  processOf(seat: number): number {
    return this.pool.load(this.pool.stack(seat) + record.used);
  }

  /** A process begins there. What an earlier one held is at rest. */
  begin(seat: number, pid: number): void {
    this.end(seat);
    this.pool.begin(seat);
    this.pool.store(this.pool.stack(seat) + record.used, pid);
    this.#write(this.pool.stack(seat) + record.used);
    this.#keepLife(seat);
  }

  /** What was granted and never came, nobody used: it is free. What is claimed and not its own. */
  reconcile(seat: number, claimed: readonly number[]): number[] {
    const units = this.unitsOf(seat);
    const known = new Set(claimed);
    units.give(units.held().filter(({ unit }) => !known.has(unit)));
    const held = new Set(units.held().map(({ unit }) => unit));
    return claimed.filter((unit) => !held.has(unit));
  }

  /** The process has ended, for certain: what it held rests. How many units. */
  end(seat: number): number {
    if (this.pool.end(seat)) this.#keepLife(seat);
    const { restMs } = this.settings;
    const untilS = restMs === 0 ? 0 : Math.ceil((this.#nowMs() + restMs) / 1_000);
    this.lent.rest(seat, untilS);
    return this.#each(this.#tasks.bury(seat, untilS));
  }

  /** What has rested is free. */
  freeRested(): number {
    return this.#each(this.#tasks.free(Math.floor(this.#nowMs() / 1_000)));
  }

  /** Single ports that have rested are nobody's: which. */
  freeLent(): number[] {
    return this.lent.freeRested(Math.floor(this.#nowMs() / 1_000));
  }

  /** The unit of a port, counted from the first. */
  unitAt(port: number): number {
    const { structure, count, block } = this.settings;
    return Math.floor(port / (structure === 'table' ? count : block));
  }

  /** The process that leases it; -1: none that lives does. */
  seatOf(unit: number): number {
    return holderOf(this.pool.load(this.pool.owners + unit));
  }

  nowMs(): number {
    return this.#nowMs();
  }

  get hasRests(): boolean {
    const { owners, rests, words } = this.pool;
    return words.subarray(owners, rests).some(isResting);
  }

  /** Nobody has a unit or a port, and none rests. */
  get isIdle(): boolean {
    const { owners, rests, words } = this.pool;
    const isNone = words.subarray(owners, rests).every((owner) => owner === 0);
    return isNone && this.lent.all().length === 0;
  }

  #each(task: LockTask): number {
    let count = 0;
    for (let unit = this.#lock.run(task); unit >= 0; unit = this.#lock.run(task)) {
      this.#keep(unit);
      count += 1;
    }
    return count;
  }

  #lives(seat: number): boolean {
    return (this.pool.load(this.pool.stack(seat) + record.life) & 1) === 1;
  }

  #index(unit: number): void {
    if (this.pool.load(this.pool.owners + unit) !== 0) this.#lock.index.repair(unit);
  }

  #keep(unit: number): void {
    for (const at of [this.pool.rests + unit, this.pool.owners + unit]) this.#write(at);
  }

  #keepLife(seat: number): void {
    this.#write(this.pool.stack(seat) + record.life);
  }

  #write(at: number): void {
    this.#file.write(headWords + at, this.pool.load(at));
  }

  #kept(): Int32Array {
    return this.pool.words.subarray(0, this.pool.index);
  }
}

const isOf = (words: Int32Array, settings: HostSettings): boolean =>
  headOf(settings).every((word, at) => words[at] === word);

/** Whether the file is of a pool with other settings, and the seats that lived at its last word. */
export function seatsIn(words: Int32Array, settings: HostSettings) {
  const isMap = words[0] === magic && words[1] === version;
  const pool = new PoolWords(shapeOf(settings), words.subarray(headWords));
  const living = isMap
    ? allSeats.filter((seat) => ((pool.words[pool.stack(seat) + record.life] ?? 0) & 1) === 1)
    : [];
  return { isOther: isMap && !isOf(words, settings), living };
}
