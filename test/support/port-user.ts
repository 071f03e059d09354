/** A thread that takes, binds and gives back ports at random, and records what it did. */
import { parentPort, workerData } from 'node:worker_threads';
import pino from 'pino';
import { portBlockLogic, portLockLogic } from 'interplex/actors';
import type { PortAct } from '#internal/check/models/port-judge';
import type { SharedPool } from '#internal/ports/shared-pool';
import { StackPool } from '#internal/ports/stack-pool';
import { randomOf } from './random.ts';

export interface Use {
  readonly shared: SharedPool;
  readonly stack: number;
  readonly names: readonly string[];
  readonly seed: number;
  /** Words: what has happened so far, of all threads; 1 when they are to stop. */
  readonly clock: SharedArrayBuffer;
  /** Words: how many acts, then two for each. It outlives its thread. */
  readonly log: SharedArrayBuffer;
}

const given = 1 << 20;
const use = workerData as Use | undefined;
if (use && parentPort) run(use);

function run({ shared, stack, names, seed, clock, log }: Use): void {
  const random = randomOf(seed);
  const [times, acts] = [new Int32Array(clock), new Int32Array(log)];
  const logics = { lock: portLockLogic, block: portBlockLogic };
  const silent = pino({ level: 'silent' });
  const { address } = shared;
  const pool = new StackPool({ shared, address, stack, names, logics, log: silent });
  const record = (act: number) => {
    const count = Atomics.load(acts, 0);
    acts[1 + count * 2] = Atomics.add(times, 0, 1);
    acts[2 + count * 2] = act;
    Atomics.store(acts, 0, count + 1); // Last: it publishes the act.
  };
  const held: number[] = [];
  const take = (obtain: () => number) => {
    const port = attempt(obtain);
    if (port === undefined) return;
    record(port); // Once it is held: what is recorded lies within what is true.
    held.push(port);
  };
  const give = () => {
    if (held.length === 0) return;
    const [port = 0] = held.splice(random.below(held.length), 1);
    record(given | port); // While it is still held.
    pool.release(port, 0);
  };
  const bind = (port: number) => {
    void pool.claim(port); // At once: there is no host to ask.
    return port;
  };
  const { first, count } = shared.shape;
  const room = acts.length / 2 - 2;
  parentPort?.postMessage('begun');
  while (Atomics.load(times, 1) === 0 && Atomics.load(acts, 0) < room) {
    if (random.chance(0.5)) take(() => pool.obtain());
    else if (random.chance(0.1)) take(() => bind(first + random.below(count)));
    else give();
  }
  while (held.length > 0 && Atomics.load(acts, 0) < room + 1) give();
}

/** Nothing where it is refused: the pool is used up, or the port is another's. */
function attempt(obtain: () => number): number | undefined {
  try {
    return obtain();
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'IPX_PORTS_EXHAUSTED' || code === 'IPX_PORT_TAKEN') return undefined;
    throw error;
  }
}

/** What a thread recorded, each act with its time. */
export function actsIn(log: SharedArrayBuffer, stack: string): [time: number, act: PortAct][] {
  const words = new Int32Array(log);
  return Array.from({ length: Atomics.load(words, 0) }, (_, index) => {
    const act = words[2 + index * 2]!;
    const type = (act & given) === 0 ? 'held' : 'given';
    return [words[1 + index * 2]!, { type, stack, port: act & ~given }];
  });
}
