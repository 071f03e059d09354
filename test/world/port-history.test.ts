/**
 * Goal: SP-1, SP-5: whatever threads do to a pool at once, and whenever one is killed and begins
 * again, no port is ever held twice, and at the end every port is there.
 * Method: four threads that take, bind and give back at random, of which one after another is
 * killed; what they recorded is judged as the models are. IPX_PORT_SECONDS=60 is for the soak.
 */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { judgeAll, type PortAct } from '#internal/check/models/port-judge';
import type { PoolStructure } from '#internal/ports/pool-words';
import { actsIn, type Use } from '../support/port-user.ts';
import { names, obtainAll, Sharers } from '../support/ports.ts';

const seconds = Number(process.env['IPX_PORT_SECONDS'] ?? 3);
const users = new URL('../support/port-user.ts', import.meta.url).href;
/** A thread has no loader for TypeScript but its own. */
const code = `import('tsx/esm/api').then(({ register }) => {
  register();
  return import(${JSON.stringify(users)});
});`;
const actsMax = 400_000;

class History {
  readonly sharers: Sharers;
  readonly acts: [time: number, act: PortAct][] = [];
  deaths = 0;
  readonly #clock = new SharedArrayBuffer(8);
  readonly #threads: { worker: Worker; log: SharedArrayBuffer; ended: Promise<unknown> }[] = [];
  #seed = 1;

  constructor(structure: PoolStructure) {
    const count = structure === 'bitmap' ? 1_024 : 64;
    this.sharers = new Sharers({ structure, count });
  }

  async begin(stack: number): Promise<void> {
    const log = new SharedArrayBuffer(4 * (2 + 2 * actsMax));
    const { shared } = this.sharers;
    this.#seed += 1;
    const workerData: Use = { shared, stack, names, seed: this.#seed, clock: this.#clock, log };
    const worker = new Worker(code, { workerData, eval: true });
    this.#threads[stack] = { worker, log, ended: once(worker, 'exit') };
    await once(worker, 'message');
  }

  /** It ends, by itself or at once; what it held is reclaimed, and judged to be free. */
  async end(stack: number, reclaim: (stack: number) => void, isKilled: boolean): Promise<void> {
    const { worker, log, ended } = this.#threads[stack]!;
    if (isKilled) await worker.terminate();
    await ended;
    const name = names[stack]!;
    for (const act of actsIn(log, name)) this.acts.push(act);
    this.acts.push([Atomics.add(new Int32Array(this.#clock), 0, 1), { type: 'died', stack: name }]);
    reclaim(stack);
    this.deaths += 1;
  }

  stop(): void {
    Atomics.store(new Int32Array(this.#clock), 1, 1);
  }
}

test.each(['bitmap', 'list'] as const)(
  `SP-1 SP-5 SP-7 ${seconds / 2} s of four threads, of which some are killed: %s`,
  async (structure) => {
    const history = new History(structure);
    const survivor = history.sharers.begin('d');
    const reclaim = (stack: number) => {
      survivor.pool.end(stack);
      survivor.reclaim(stack);
    };
    const running = [0, 1, 2];
    const begin = async (stack: number) => {
      survivor.pool.begin(stack);
      await history.begin(stack);
    };
    await Promise.all(running.map(begin));
    const endAt = performance.now() + (seconds / 2) * 1_000;
    for (let turn = 0; performance.now() < endAt; turn += 1) {
      await pause(100 + ((turn * 37) % 200)); // They work; the length tells nothing.
      const stack = turn % running.length;
      await history.end(stack, reclaim, true);
      await begin(stack);
    }
    history.stop();
    await Promise.all(running.map((stack) => history.end(stack, reclaim, false)));
    const acts = history.acts.toSorted(([one], [other]) => one - other).map(([, act]) => act);
    expect(judgeAll(acts)).toEqual({ holders: {}, fault: '' });
    expect(acts.length).toBeGreaterThan(1_000);
    expect(history.deaths).toBeGreaterThan(running.length);
    const { count } = history.sharers.shared.shape;
    expect(new Set(obtainAll(survivor)).size).toBe(count);
  },
  30_000 + seconds * 2_000,
);
