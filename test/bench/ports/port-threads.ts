/**
 * Threads that work on one pool at once, each for the same time: what they came to. Their code is a
 * text, since a thread reads TypeScript only with a loader, which would be measured with them.
 */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { limits } from '#internal/limits';
import { poolMemory, type PoolShape } from '#internal/ports/pool-words';

export type Work =
  | 'blocks' // obtain and return in leased blocks, half of the ports being taken
  | 'mutex' // the same, over one bitmap under one mutex
  | 'ceiling' // two atomic operations on words of its own: what the machine has
  | 'lock'; // runs of the lock machine, as fast as they go

const product = createRequire(import.meta.url);
const moduleOf = (name: string) => JSON.stringify(product.resolve(name));

const code = `
const { workerData: task, parentPort } = require('node:worker_threads');
Promise.all([
  import(${moduleOf('#internal/ports/pool-words')}),
  import(${moduleOf('#internal/ports/pool-lock')}),
  import(${moduleOf('#internal/ports/lock-task')}),
  import(${moduleOf('#internal/ports/leased-blocks')}),
  import(${moduleOf('interplex/actors')}),
]).then(([{ PoolWords }, { PoolLock }, { UnitTasks }, { LeasedBlocks }, logics]) => {
  const pool = new PoolWords(task.shape, new Int32Array(task.memory));
  const words = new Int32Array(task.plain);
  const { stack } = task;
  pool.begin(stack);
  const lock = new PoolLock({ pool, stack, logic: logics.portLockLogic });
  const works = {
    blocks() {
      const blocks = new LeasedBlocks({ pool, stack, lock }, logics.portBlockLogic);
      for (let port = 0; port < task.held; port += 1) blocks.obtain();
      return () => blocks.release(blocks.obtain());
    },
    mutex() {
      const enter = () => {
        if (Atomics.compareExchange(words, 0, 0, 1) === 0) return;
        while (Atomics.exchange(words, 0, 2) !== 0) Atomics.wait(words, 0, 2);
      };
      const leave = () => {
        if (Atomics.exchange(words, 0, 0) === 2) Atomics.notify(words, 0, 1);
      };
      const first = 1024;
      let at = first;
      const obtain = () => {
        enter();
        while (words[at] === -1) at = at === words.length - 1 ? first : at + 1;
        const free = ~words[at];
        const bit = free & -free;
        words[at] |= bit;
        leave();
        return at * 32 + 31 - Math.clz32(bit);
      };
      for (let port = 0; port < task.held; port += 1) obtain();
      return () => {
        const port = obtain();
        enter();
        words[port >>> 5] &= ~(1 << (port & 31));
        leave();
      };
    },
    ceiling() {
      const at = 64 * (1 + stack);
      return () => {
        Atomics.or(words, at, 4);
        Atomics.and(words, at, ~4);
      };
    },
    lock() {
      const tasks = new UnitTasks(pool, lock.index, stack);
      return () => lock.run(tasks.give(lock.run(tasks.take())));
    },
  };
  const work = works[task.work]();
  const batch = task.work === 'lock' ? 1 : 256;
  const warm = task.work === 'lock' ? 200 : 200_000;
  for (let time = 0; time < warm; time += 1) work();
  parentPort.postMessage('ready');
  parentPort.once('message', () => {
    const begunAt = performance.now();
    let count = 0;
    while (performance.now() - begunAt < task.ms) {
      for (let time = 0; time < batch; time += 1) work();
      count += batch;
    }
    parentPort.postMessage(count / (performance.now() - begunAt));
  });
});`;

const stacks = 4;
const shape: PoolShape = {
  structure: 'bitmap',
  first: 1_024,
  count: 64_512,
  block: 64,
  stacks,
  guests: limits.portGuestsMax, // With fewer, the records of two stacks lie in one cache line.,
};

/** Thousand pairs a second, of each thread. */
export async function workTogether(work: Work, threads: number, ms: number): Promise<number[]> {
  const memory = poolMemory(shape);
  const plain = new SharedArrayBuffer(16 * 1024);
  const held = shape.count / 2 / threads;
  const workers = Array.from({ length: threads }, (_, stack) => {
    const workerData = {
      work,
      shape,
      memory,
      plain,
      stack,
      held: work === 'mutex' ? 1_000 : held,
      ms,
    };
    return new Worker(code, { eval: true, workerData });
  });
  const next = async () =>
    Promise.all(
      workers.map(
        (worker) =>
          new Promise<unknown>((resolve, reject) => {
            worker.once('message', resolve);
            worker.once('error', reject);
          }),
      ),
    );
  try {
    await next();
    const rates = next();
    for (const worker of workers) worker.postMessage('go');
    return (await rates) as number[];
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
