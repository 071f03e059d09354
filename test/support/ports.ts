/** Stacks of one process that share a pool of source ports. */
import pino from 'pino';
import { portBlockLogic, portLockLogic } from 'interplex/actors';
import { header, record, type PoolShape } from '#internal/ports/pool-words';
import { sharedPools, type SharedPool } from '#internal/ports/shared-pool';
import { StackPool } from '#internal/ports/stack-pool';
import { onTestFinished } from 'vitest';

export const names = ['a', 'b', 'c', 'd'] as const;
export const address = '127.0.0.9';

export type Sharing = Partial<Pick<PoolShape, 'structure' | 'first' | 'count' | 'block'>> & {
  readonly restMs?: number;
};

/** A pool of 4 blocks, unless it is said otherwise, and what its stacks log. */
export class Sharers {
  readonly shared: SharedPool;
  readonly lines: string[] = [];
  readonly #stacks: StackPool[] = [];

  constructor({ restMs = 0, ...layout }: Sharing = {}) {
    const { structure = 'bitmap' } = layout;
    const block = structure === 'bitmap' ? 16 : 1;
    const wanted = { structure, first: 20_000, count: 64, block, stacks: names.length, guests: 3 };
    const shape: PoolShape = { ...wanted, ...layout };
    const [shared] = sharedPools({ vipa: 'out', address, isRange: false, shape, restMs });
    if (!shared) throw new Error('There is no pool.');
    this.shared = shared;
    onTestFinished(() => this.#stacks.forEach((stack) => stack.close()));
  }

  begin(name: (typeof names)[number]): StackPool {
    const log = pino({ base: null }, { write: (line: string) => void this.lines.push(line) });
    const logics = { lock: portLockLogic, block: portBlockLogic };
    const stack = names.indexOf(name);
    const options = { shared: this.shared, address, stack, names, logics, log };
    const begun = new StackPool(options);
    begun.pool.begin(stack);
    begun.pool.store(header.phase, 1);
    this.#stacks.push(begun);
    return begun;
  }

  /** It ends without a word, for certain. */
  end(name: (typeof names)[number], ended: StackPool): void {
    ended.pool.end(names.indexOf(name));
  }
}

/** All that a stack can get. */
export function obtainAll(stack: StackPool): number[] {
  const ports: number[] = [];
  for (;;) {
    const port = obtainOr(stack);
    if (typeof port === 'string') return ports;
    ports.push(port);
  }
}

/** A port, or the code and sentence with which it was refused. */
export function obtainOr(stack: StackPool): number | string {
  try {
    return stack.obtain();
  } catch (error) {
    return `${(error as { code?: string }).code}: ${(error as Error).message}`;
  }
}

export const usedBy = (stack: StackPool, name: (typeof names)[number]): number =>
  stack.pool.load(stack.pool.stack(names.indexOf(name)) + record.used);
