/**
 * The blocks of ports that a stack leases (SP-3). A port is taken with one atomic operation and
 * given back with a plain write, without the lock: of a block that is leased nobody but its lessee
 * and guests, who are rare, writes a byte, and of one that is taken only who has the port. Which
 * ports look free is remembered here, so that nothing is ever searched.
 */
import type { PortBlockEvent, portBlockMachine } from '../../actors/ports/port-block.ts';
import { limits } from '../limits.ts';
import { seenAs, unseen, type Sight, type SteppedMember } from '../runtime/sight.ts';
import { SteppedActor, SteppedLogic } from '../runtime/stepped-actor.ts';
import { GuestTasks, UnitTasks } from './lock-task.ts';
import type { PoolLock } from './pool-lock.ts';
import { holderOf, portFree, portUsed, record, type PoolWords } from './pool-words.ts';
import { claimed, heldByNobody, type PortStock, type StockFigures } from './port-stock.ts';

type Performing = { readonly self: BlockActor };
type BlockActor = { send(event: PortBlockEvent): void };
type PortBlockEffect = 'request' | 'open' | 'close' | 'awaitPorts' | 'giveBack';
export type PortBlockEffects = Readonly<
  Record<PortBlockEffect, (performing: { readonly self: BlockActor }) => void>
>;
export type PortBlockLogic = (effects: PortBlockEffects) => typeof portBlockMachine;

export interface StockOptions {
  readonly pool: PoolWords;
  readonly stack: number;
  readonly lock: PoolLock;
  /** Who sees its blocks, and by what name their pool. Default: nobody. */
  readonly sight?: Sight | undefined;
  readonly name?: string | undefined;
}

interface Block {
  /** -1 until it is granted. */
  unit: number;
  readonly wanted: number;
  readonly actor: SteppedActor<typeof portBlockMachine>;
}

export class LeasedBlocks implements PortStock {
  readonly #sight: Sight;
  readonly #name: string;
  readonly #pool: PoolWords;
  readonly #words: Int32Array;
  readonly #ports: PoolWords['ports'];
  readonly #lock: PoolLock;
  readonly #tasks: UnitTasks;
  readonly #guestTasks: GuestTasks;
  readonly #usedAt: number;
  readonly #logic: SteppedLogic<typeof portBlockMachine>;
  readonly #blocks = new Map<number, Block>();
  readonly #acting = new Map<BlockActor, Block>();
  readonly #guests = new Set<number>();
  /** The ports of open blocks that look free, each once; one of the last is used first. */
  #free: number[] = [];
  /** By unit, 1 while ports may be taken of it. */
  readonly #isOpen: Uint8Array;
  /** By unit, how many of its ports are in use or at rest. */
  readonly #usedOf: Int32Array;
  readonly #unitShift: number;
  #emptyCount = 0;
  #seed: number;
  #isFetching = false;

  constructor(options: StockOptions, logic: PortBlockLogic) {
    const { pool, stack, lock, sight = unseen, name = '' } = options;
    this.#sight = sight;
    this.#name = name;
    this.#pool = pool;
    this.#words = pool.words;
    this.#lock = lock;
    this.#usedAt = pool.stack(stack) + record.used;
    this.#ports = pool.ports;
    this.#tasks = new UnitTasks(pool, lock.index, stack);
    this.#guestTasks = new GuestTasks(pool, stack);
    this.#isOpen = new Uint8Array(pool.units);
    this.#usedOf = new Int32Array(pool.units);
    this.#unitShift = Math.log2(pool.shape.block);
    this.#seed = (Math.random() * 2 ** 32) | 0; // Not for secrecy: RFC 6056 asks for some disorder.
    this.#logic = new SteppedLogic(logic(this.#effects()));
    sight.onStepped(() => this.#stepped());
  }

  obtain(): number {
    while (this.#free.length > 0) {
      const port = this.#choose();
      if (Atomics.compareExchange(this.#ports, port, portFree, portUsed) !== portFree) continue;
      this.#noteUsed(port >>> this.#unitShift);
      if (this.#free.length < limits.portsLow && !this.#isFetching) this.#fetchLater();
      return port;
    }
    return this.#lookAgain() || this.#lease() !== undefined ? this.obtain() : -1;
  }

  release(port: number): void {
    if (this.#guests.size > 0 && this.#guests.delete(port)) {
      this.#lock.run(this.#guestTasks.give(port));
      return;
    }
    this.#ports[port] = portFree; // Plain: others may see it late, and then only as not free yet.
    const unit = port >>> this.#unitShift;
    this.#noteUnused(unit);
    if (this.#isOpen[unit] === 1) this.#free.push(port);
    else if (this.#usedOf[unit] === 0) this.#blocks.get(unit)?.actor.send({ type: 'ports.gone' });
    if (this.#emptyCount > limits.portBlocksSpare) this.#giveSurplus();
  }

  claim(port: number): number {
    const unit = port >>> this.#unitShift;
    if (!this.#blocks.has(unit) && this.#lease(unit) === undefined) return this.#visit(port, unit);
    if (Atomics.compareExchange(this.#ports, port, portFree, portUsed) !== portFree) {
      return this.#holderOf(port, unit);
    }
    const at = this.#free.lastIndexOf(port);
    if (at >= 0) this.#takeAt(at);
    this.#noteUsed(unit);
    return claimed;
  }

  figures(): StockFigures {
    return { leased: this.#blocks.size * this.#pool.shape.block, free: this.#free.length };
  }

  drain(): void {
    for (const { actor } of this.#blocks.values()) actor.send({ type: 'drain' });
  }

  /** Any of the last sixteen. */
  #choose(): number {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) | 0;
    const at = this.#free.length - 1 - (this.#seed >>> 28);
    return this.#takeAt(at < 0 ? 0 : at);
  }

  #takeAt(at: number): number {
    const last = this.#free.pop()!;
    if (at === this.#free.length) return last;
    const port = this.#free[at]!;
    this.#free[at] = last;
    return port;
  }

  /** Plain writes: of its own record a stack is the one writer, and others read a figure. */
  #noteUsed(unit: number): void {
    if (this.#usedOf[unit]!++ === 0) this.#emptyCount -= 1;
    this.#words[this.#usedAt]! += 1;
  }

  #noteUnused(unit: number): void {
    if (--this.#usedOf[unit]! === 0) this.#emptyCount += 1;
    this.#words[this.#usedAt]! -= 1;
  }

  /** Nothing looks free; guests may have left meanwhile. Whether any did. */
  #lookAgain(): boolean {
    for (const unit of this.#blocks.keys()) if (this.#isOpen[unit] === 1) this.#look(unit);
    return this.#free.length > 0;
  }

  #look(unit: number): void {
    const end = (unit + 1) << this.#unitShift;
    for (let port = unit << this.#unitShift; port < end; port += 1) {
      if (Atomics.load(this.#ports, port) === portFree) this.#free.push(port);
    }
  }

  /** Before the last is gone, and not within a turn that wants one. */
  #fetchLater(): void {
    this.#isFetching = true;
    setImmediate(() => {
      const isEnough = this.#free.length >= limits.portsLow || this.#lease() !== undefined;
      const isDone = () => (this.#isFetching = false);
      if (isEnough) isDone();
      else setTimeout(isDone, limits.portsRetryMs).unref(); // The pool has no more for now.
    }).unref();
  }

  /** Leases a block, any or the one given; `undefined` if there is none, or it is another's. */
  #lease(wanted = -1): Block | undefined {
    const actor = new SteppedActor({
      logic: this.#logic,
      input: undefined,
      onDone: () => {
        this.#acting.delete(actor);
        this.#blocks.delete(block.unit);
      },
      onStep: (step) => {
        if (block.unit >= 0) tell(step); // Before it is granted it is no block yet.
      },
    });
    const block: Block = { unit: -1, wanted, actor };
    const tell = seenAs(this.#sight, () => this.#nameOf(block));
    this.#acting.set(actor, block);
    actor.start();
    return block.unit < 0 ? undefined : block;
  }

  *#stepped(): Iterable<SteppedMember> {
    for (const block of this.#blocks.values()) {
      yield { name: this.#nameOf(block), actor: block.actor };
    }
  }

  /** By its first port. */
  #nameOf({ unit }: Block): string {
    const { first, block } = this.#pool.shape;
    return `block ${first + unit * block} of ${this.#name}`;
  }

  #giveSurplus(): void {
    for (const { unit, actor } of this.#blocks.values()) {
      if (this.#emptyCount <= limits.portBlocksKept) return;
      if (this.#isOpen[unit] === 1 && this.#usedOf[unit] === 0) actor.send({ type: 'surplus' });
    }
  }

  #visit(port: number, unit: number): number {
    if (this.#lock.run(this.#guestTasks.take(port)) < 0) return this.#holderOf(port, unit);
    this.#guests.add(port);
    return claimed;
  }

  #holderOf(port: number, unit: number): number {
    const guest = this.#pool.guestAt(port);
    const owner = this.#pool.load(this.#pool.owners + unit);
    const holder = guest ?? holderOf(owner);
    return holder < 0 ? heldByNobody : holder;
  }

  #effects(): PortBlockEffects {
    const of =
      (perform: (block: Block) => void) =>
      ({ self }: Performing) => {
        const block = this.#acting.get(self);
        if (block) perform(block);
      };
    return {
      request: of((block) => {
        block.unit = this.#lock.run(this.#tasks.take(block.wanted));
        block.actor.send({ type: block.unit < 0 ? 'block.denied' : 'block.granted' });
      }),
      open: of((block) => {
        this.#isOpen[block.unit] = 1;
        this.#blocks.set(block.unit, block);
        this.#emptyCount += 1;
        this.#look(block.unit);
      }),
      close: of(({ unit }) => this.#close(unit)),
      awaitPorts: of(({ unit, actor }) => {
        if (this.#usedOf[unit] === 0) actor.send({ type: 'ports.gone' });
      }),
      giveBack: of(({ unit, actor }) => {
        this.#emptyCount -= 1;
        this.#lock.run(this.#tasks.give(unit));
        actor.send({ type: 'block.returned' });
      }),
    };
  }

  #close(unit: number): void {
    this.#isOpen[unit] = 0;
    this.#free = this.#free.filter((port) => port >>> this.#unitShift !== unit);
  }
}
