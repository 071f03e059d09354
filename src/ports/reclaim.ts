/**
 * What a dead stack held is everybody's again (SP-5): its lock is freed, its ports rest and are
 * then free. Any survivor may do it, all at once too: each unit changes hands by one swap of its
 * owner word, so that each comes back exactly once.
 */
import { freeLockTask, GuestTasks, UnitTasks } from './lock-task.ts';
import type { PoolLock } from './pool-lock.ts';
import { record, type PoolWords } from './pool-words.ts';
import { TupleTable } from './tuple-table.ts';
import type { TupleTasks } from './tuple-tasks.ts';

export interface Reclaimer {
  readonly pool: PoolWords;
  readonly stack: number;
  readonly lock: PoolLock;
  /** Of a pool whose structure is the table. */
  readonly tuples?: { readonly tasks: TupleTasks; readonly memory: SharedArrayBuffer } | undefined;
}

/** Of a stack that has ended for certain. The number of units, or rows, that this call buried. */
export function reclaim(by: Reclaimer, dead: number, nowMs: number, restMs: number): number {
  const { pool, stack, lock, tuples } = by;
  lock.run(freeLockTask(pool));
  const untilS = restMs === 0 ? 0 : Math.ceil((nowMs + restMs) / 1_000);
  const bury = new UnitTasks(pool, lock.index, stack).bury(dead, untilS);
  let count = 0;
  while (lock.run(bury) >= 0) count += 1;
  if (tuples) {
    const rows = tuples.tasks.bury(dead, nowMs + restMs);
    while (lock.run(rows) >= 0) count += 1;
    new TupleTable(tuples.memory, stack).removeOwnedBy(dead); // What it was writing when it died.
  }
  const at = pool.stack(dead);
  pool.store(at + record.guestsRest, untilS);
  new GuestTasks(pool, dead).rest();
  for (const word of [record.waits, record.used, record.resting, record.foreign]) {
    if ((pool.load(at) & 1) === 0) pool.store(at + word, 0);
  }
  return count;
}

/** What has rested is free again. The number of units or rows. */
export function freeRested({ pool, stack, lock, tuples }: Reclaimer, nowMs: number): number {
  const free = new UnitTasks(pool, lock.index, stack).free(Math.floor(nowMs / 1_000));
  let count = 0;
  while (lock.run(free) >= 0) count += 1;
  count += freeGuests(pool, lock, nowMs);
  if (!tuples) return count;
  const rows = tuples.tasks.free(nowMs);
  while (lock.run(rows) >= 0) count += 1;
  return count;
}

function freeGuests(pool: PoolWords, lock: PoolLock, nowMs: number): number {
  let count = 0;
  for (let stack = 0; stack < pool.shape.stacks; stack += 1) {
    if (pool.load(pool.stack(stack) + record.guestsRest) >>> 0 > nowMs / 1_000) continue;
    const guests = new GuestTasks(pool, stack);
    for (const port of guests.resting()) if (lock.run(guests.give(port)) >= 0) count += 1;
  }
  return count;
}
