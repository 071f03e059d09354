/**
 * One stack's part of one pool: ports that it gives out, and takes back when their connection has
 * closed and they have rested (SP-4). Warns before the pool is exhausted, and says who holds what.
 */
import type { Logger } from 'pino';
import { InterplexError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Sight } from '../runtime/sight.ts';
import { LeasedBlocks, type PortBlockLogic } from './leased-blocks.ts';
import { PoolLock, type PoolLockOptions } from './pool-lock.ts';
import { holdingsOf, sharesOf } from './pool-figures.ts';
import { header, isAway, PoolWords, record } from './pool-words.ts';
import type { HostAnswer } from './host-words.ts';
import { claimed, whose, type Destination, type PortStock } from './port-stock.ts';
import { freeRested, reclaim, type Reclaimer } from './reclaim.ts';
import { Rests } from './rests.ts';
import type { SharedPool } from './shared-pool.ts';
import { TuplePorts } from './tuple-ports.ts';
import { TupleTable } from './tuple-table.ts';
import { TupleTasks } from './tuple-tasks.ts';
import { UnitPorts } from './unit-ports.ts';

export interface PortLogics {
  readonly lock: PoolLockOptions['logic'];
  readonly block: PortBlockLogic;
}

export interface StackPoolOptions {
  readonly shared: SharedPool;
  readonly address: string;
  readonly stack: number;
  /** The names of all stacks, by their numbers. */
  readonly names: readonly string[];
  readonly logics: PortLogics;
  readonly log: Logger;
  /** Who sees its machines. Default: nobody. */
  readonly sight?: Sight;
  /** Asks the host for ports, any or the one given; without it the pool is this process's. */
  readonly want?: ((port?: number) => Promise<HostAnswer>) | undefined;
}

export class StackPool {
  readonly pool: PoolWords;
  readonly address: string;
  readonly #options: StackPoolOptions;
  readonly #reclaimer: Reclaimer;
  readonly #stock: PortStock;
  readonly #rests = new Rests();
  readonly #record: number;
  #timer: NodeJS.Timeout | undefined;
  /** When it is due; Infinity: there is none. */
  #wakesMs = Infinity;
  /** When what dead stacks held will have rested; Infinity: it has. */
  #buriedMs = Infinity;
  #isClosed = false;

  constructor(options: StackPoolOptions) {
    const { shared, address, stack, logics, sight } = options;
    this.#options = options;
    this.address = address;
    this.pool = new PoolWords(shared.shape, new Int32Array(shared.memory));
    this.#record = this.pool.stack(stack);
    const name = `${address} ${shared.protocol}`;
    const lockOptions = { pool: this.pool, stack, logic: logics.lock, sight };
    const lock = new PoolLock({ ...lockOptions, name: `lock of ${name}` });
    const rows = shared.rows && new TupleTable(shared.rows, stack);
    const tasks = rows && new TupleTasks(this.pool, rows, address, stack);
    const tuples = tasks && shared.rows && { tasks, memory: shared.rows };
    this.#reclaimer = { pool: this.pool, stack, lock, tuples };
    if (tasks) this.#stock = new TuplePorts(this.pool, stack, lock, tasks);
    else if (shared.shape.block === 1) this.#stock = new UnitPorts(this.pool, stack, lock);
    else {
      const seen = { sight, name };
      this.#stock = new LeasedBlocks({ pool: this.pool, stack, lock, ...seen }, logics.block);
    }
  }

  get protocol(): SharedPool['protocol'] {
    return this.#options.shared.protocol;
  }

  /** Settles when there may be a port again. Rejects: IPX_PORTS_EXHAUSTED, IPX_PORTS_LOST. */
  get refill(): (() => Promise<void>) | undefined {
    return this.#options.want && (() => this.#refill());
  }

  /** A port that no other connection has. Throws IPX_PORTS_EXHAUSTED, or IPX_PORTS_REGISTERING. */
  obtain(to?: Destination): number {
    if (this.#isClosed) throw stopped();
    if (this.pool.words[header.phase] !== 1) throw this.#registering();
    let port = this.#stock.obtain(to);
    if (port < 0 && this.#freeAll()) port = this.#stock.obtain(to);
    if (port < 0) throw this.#exhausted();
    return port + this.pool.shape.first;
  }

  /**
   * That port alone; settles later if the host must be asked. Throws, or rejects:
   * IPX_PORT_OUTSIDE, IPX_PORT_TAKEN with the name of who has it, IPX_PORTS_LOST.
   */
  claim(port: number): void | Promise<void> {
    if (this.#isClosed) throw stopped();
    if (!this.has(port)) throw this.#outside(port);
    const unit = Math.floor((port - this.pool.shape.first) / this.pool.shape.block);
    if (this.#isAway(unit)) return this.#claimAway(port, unit);
    this.#claimHere(port);
  }

  async #claimAway(port: number, unit: number): Promise<void> {
    const answer = await this.#wanted(port - this.pool.shape.first);
    const isHere = this.pool.units === 0 || !this.#isAway(unit);
    if (answer?.isLent === true || isHere) return this.#claimHere(port);
    const sentence =
      `Port ${port} of ${this.address} is of a block that another process of this host ` +
      `leases${answer?.others ?? ''}: bind another, or there.`;
    throw new InterplexError('IPX_PORT_TAKEN', sentence);
  }

  #isAway(unit: number): boolean {
    const { units, owners, words } = this.pool;
    if (units > 0) return unit < units && isAway(this.pool.load(owners + unit));
    return this.#options.want !== undefined && words[header.phase] !== 1; // A table, as a whole.
  }

  /** Rejects with what the host said. */
  async #wanted(port?: number): Promise<(HostAnswer & { ok: true }) | undefined> {
    const answer = await this.#options.want?.(port);
    if (answer?.ok === false) throw new InterplexError(answer.code, answer.reason);
    return answer;
  }

  async #refill(): Promise<void> {
    if (this.#isClosed) throw stopped();
    const answer = await this.#wanted();
    if (answer?.units === 0) throw this.#exhausted(answer.others);
  }

  #claimHere(port: number): void {
    const { first } = this.pool.shape;
    let holder = this.#stock.claim(port - first);
    if (holder !== claimed && this.#freeAll()) holder = this.#stock.claim(port - first);
    if (holder === claimed) return;
    const { names, stack } = this.#options;
    const who = whose(holder, names, stack);
    const sentence = `Port ${port} of ${this.address} ${who}: bind another, or wait for it.`;
    throw new InterplexError('IPX_PORT_TAKEN', sentence);
  }

  has(port: number): boolean {
    const { first, count } = this.pool.shape;
    return port >= first && port < first + count;
  }

  /** Of connections from before the ports were shared. */
  noteConflict(change: 1 | -1): void {
    Atomics.add(this.pool.words, this.#record + record.conflicts, change);
  }

  /** Its connection has closed; if it was ever opened, the port rests. */
  release(port: number, restMs: number, to?: Destination, isForeign = false): void {
    const number = port - this.pool.shape.first;
    if (restMs === 0 || this.#isClosed) {
      this.#stock.release(number, to);
      return;
    }
    const untilMs = Date.now() + restMs;
    this.#rests.add({ port: number, to, untilMs, isForeign });
    this.#tell();
    this.#wakeAt(untilMs);
  }

  /** Told once for each port that another program turned out to have. */
  noteForeign(port: number, to?: Destination): void {
    this.release(port, limits.portRestMs, to, true);
  }

  /** A stack has ended for certain. */
  reclaim(dead: number): number {
    const nowMs = Date.now();
    const count = reclaim(this.#reclaimer, dead, nowMs, this.restMs);
    if (this.restMs === 0) this.#freeAll();
    else this.#wakeAt((this.#buriedMs = nowMs + this.restMs + 1_000)); // Kept by the second.
    return count;
  }

  /** For who looks: ports that rest here, and those that another program has. */
  resting(): { readonly ports: readonly number[]; readonly foreign: readonly number[] } {
    const rests = this.#rests.last(limits.inspectRowsMax);
    const { first } = this.pool.shape;
    const portsOf = (isForeign: boolean) =>
      rests.filter((rest) => rest.isForeign === isForeign).map(({ port }) => port + first);
    return { ports: portsOf(false), foreign: portsOf(true) };
  }

  get restMs(): number {
    return this.#options.shared.restMs;
  }

  /** Warns, once each time that less than a tenth is free, with what the host has. */
  watch(hostUnits = 0, others = ''): void {
    const { units, words } = this.pool;
    if (units === 0) return;
    const free = sharesOf(this.pool).freeUnits + hostUnits;
    const isLow = free < units * limits.portsWarnShare ? 1 : 0;
    if (Atomics.exchange(words, header.warned, isLow) === isLow || isLow === 0) return;
    this.#options.log.warn(
      { address: this.address, protocol: this.protocol, code: 'IPX_PORTS_EXHAUSTED' },
      `source ports run out: ${free * this.pool.shape.block} are left to lease; ` +
        `${this.#shares()}${others}`,
    );
  }

  /** What is not in use is given back; the rest is a survivor's to reclaim. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (let rest = this.#rests.take(Infinity); rest; rest = this.#rests.take(Infinity)) continue;
    this.#stock.drain();
  }

  get leasedFree(): number {
    return this.#stock.figures().free;
  }

  #wake(): void {
    this.#wakesMs = Infinity;
    this.#freeOwn();
    const nowMs = Date.now();
    freeRested(this.#reclaimer, nowMs);
    if (this.#buriedMs <= nowMs) this.#buriedMs = Infinity;
    this.#wakeAt(Math.min(this.#rests.nextMs, this.#buriedMs));
  }

  #wakeAt(atMs: number): void {
    if (this.#isClosed || atMs >= this.#wakesMs) return;
    this.#wakesMs = atMs;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#wake(), Math.max(1, atMs - Date.now())).unref();
  }

  /** Whether any port is available that was not. */
  #freeAll(): boolean {
    const own = this.#freeOwn();
    return freeRested(this.#reclaimer, Date.now()) + own > 0;
  }

  #freeOwn(): number {
    const nowMs = Date.now();
    let count = 0;
    for (let rest = this.#rests.take(nowMs); rest; rest = this.#rests.take(nowMs)) {
      this.#stock.release(rest.port, rest.to);
      count += 1;
    }
    this.#tell();
    return count;
  }

  #tell(): void {
    this.pool.store(this.#record + record.resting, this.#rests.size - this.#rests.foreign);
    this.pool.store(this.#record + record.foreign, this.#rests.foreign);
  }

  #exhausted(others = ''): InterplexError {
    const { first, count } = this.pool.shape;
    const range = `${first} to ${first + count - 1}`;
    const sentence =
      `No ${this.protocol} port from ${range} of ${this.address} is left: ` +
      `${this.#shares()}${others}. ` +
      'Widen sharedPorts, add an address, or close connections.';
    return new InterplexError('IPX_PORTS_EXHAUSTED', sentence);
  }

  #registering(): InterplexError {
    const sentence = `The ports of ${this.address} are being registered: ask again in a moment.`;
    return new InterplexError('IPX_PORTS_REGISTERING', sentence);
  }

  #outside(port: number): InterplexError {
    const { first, count } = this.pool.shape;
    const sentence =
      `Port ${port} is none of those that stacks share at ${this.address}: ` +
      `bind one from ${first} to ${first + count - 1}, or set sharedPorts.`;
    return new InterplexError('IPX_PORT_OUTSIDE', sentence);
  }

  #shares(): string {
    const shares = holdingsOf(this.pool, this.#options.names)
      .filter(({ leased, used }) => leased + used > 0)
      .map(({ stack, leased, used, resting, foreign }) => {
        const others = foreign > 0 ? `, ${foreign} other programs'` : '';
        const held = Math.max(leased, used + resting + foreign);
        return `${stack} holds ${held}, ${used} in use, ${resting} at rest${others}`;
      });
    return shares.join('; ') || 'nobody holds any';
  }
}

export const stopped = () =>
  new InterplexError('IPX_NODE_STOPPED', 'The node has stopped: it gives out no ports any more.');
