/**
 * A thread that takes blocks of ports, or gives one back, and stops for good before a given step of
 * the lock machine. Its code is a text: a thread reads TypeScript only with a loader, which takes
 * longer than all that it does, and there are hundreds of them.
 */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { PoolShape } from '#internal/ports/pool-words';
import type { PortLockEffect } from '#internal/ports/pool-lock';

export interface Fate {
  readonly shape: PoolShape;
  readonly memory: SharedArrayBuffer;
  readonly stack: number;
  /** Runs of the lock before the last one, each of which takes a block. */
  readonly taken: number;
  readonly last: 'take' | 'give';
  readonly step: PortLockEffect;
  /** What it finds at its last run; a holder is a stack of this number, which stands still. */
  readonly lock: 'free' | 'held' | 'orphaned';
  readonly holder: number;
}

const product = createRequire(import.meta.url);
const moduleOf = (name: string) => JSON.stringify(product.resolve(name));

const code = `
const { workerData: fate, parentPort } = require('node:worker_threads');
Promise.all([
  import(${moduleOf('#internal/ports/pool-words')}),
  import(${moduleOf('#internal/ports/pool-lock')}),
  import(${moduleOf('#internal/ports/lock-task')}),
  import(${moduleOf('#actors/ports/port-lock')}),
]).then(([{ PoolWords }, { PoolLock }, { UnitTasks }, { portLockMachine }]) => {
  const logic = (actions) => portLockMachine.provide({ actions });
  const pool = new PoolWords(fate.shape, new Int32Array(fate.memory));
  let isLast = false;
  const onStep = (step) => {
    if (!isLast || step !== fate.step) return;
    parentPort.postMessage(step);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  };
  pool.begin(fate.stack);
  const lock = new PoolLock({ pool, stack: fate.stack, logic, onStep });
  const tasks = new UnitTasks(pool, lock.index, fate.stack);
  let unit = -1;
  for (let run = 0; run < fate.taken; run += 1) unit = lock.run(tasks.take());
  if (fate.lock !== 'free') {
    pool.begin(fate.holder);
    const standStill = (step) => {
      if (step === 'noteIntent') throw new Error('It stands still here.');
    };
    const stack = fate.holder;
    const held = new PoolLock({ pool, stack, logic, onStep: standStill });
    try {
      held.run(new UnitTasks(pool, held.index, stack).take());
    } catch {
      if (fate.lock === 'orphaned') pool.end(stack);
    }
  }
  isLast = true;
  lock.run(fate.last === 'take' ? tasks.take() : tasks.give(unit));
});`;

/** Starts it; settles when it stands before its step. */
export async function startVictim(fate: Fate): Promise<Worker> {
  const worker = new Worker(code, { eval: true, workerData: fate });
  await new Promise<void>((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error(`It never came to ${fate.step}.`)));
    worker.once('message', () => resolve());
  });
  return worker;
}

export interface Reclaiming {
  readonly shape: PoolShape;
  readonly memory: SharedArrayBuffer;
  readonly stack: number;
  readonly dead: readonly number[];
}

const survivorCode = `
const { parentPort } = require('node:worker_threads');
const loaded = Promise.all([
  import(${moduleOf('#internal/ports/pool-words')}),
  import(${moduleOf('#internal/ports/pool-lock')}),
  import(${moduleOf('#internal/ports/reclaim')}),
  import(${moduleOf('#actors/ports/port-lock')}),
]);
parentPort.on('message', async ({ id, shape, memory, stack, dead }) => {
  const [{ PoolWords }, { PoolLock }, { reclaim }, { portLockMachine }] = await loaded;
  const logic = (actions) => portLockMachine.provide({ actions });
  const pool = new PoolWords(shape, new Int32Array(memory));
  const lock = new PoolLock({ pool, stack, logic });
  const counts = dead.map((one) => reclaim({ pool, stack, lock }, one, 0, 0));
  parentPort.postMessage({ id, count: counts.reduce((sum, count) => sum + count, 0) });
});`;

/** A survivor in a thread of its own, which reclaims when it is told to. */
export class Survivor {
  readonly #worker = new Worker(survivorCode, { eval: true });
  readonly #pending = new Map<number, (count: number) => void>();
  #lastId = 0;

  constructor() {
    this.#worker.on('message', ({ id, count }: { id: number; count: number }) => {
      this.#pending.get(id)?.(count);
      this.#pending.delete(id);
    });
  }

  /** The number of units that it buried. */
  reclaim(task: Reclaiming): Promise<number> {
    this.#lastId += 1;
    const id = this.#lastId;
    this.#worker.postMessage({ id, ...task });
    return new Promise((resolve) => this.#pending.set(id, resolve));
  }

  stop(): Promise<number> {
    return this.#worker.terminate();
  }
}
