/** The memory of a process whose threads have nothing to do. */
import { Session } from 'node:inspector';
import { setTimeout } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';

import { askThread } from '../../support/thread-call.ts';
import type { Memory } from './commands.ts';

const session = new Session();
session.connect();

/** The live bytes of this thread's heap, which gives back all that it can do without. */
export function heapHere(): number {
  session.post('HeapProfiler.collectGarbage'); // More than `gc()`, which keeps what it will need.
  return getHeapStatistics().used_heap_size;
}

const lookMs = 1_000;

/**
 * The least of this thread and those named, while the process is idle for that long: what is out
 * of reach here, as the threads of the TypeScript loader, gives back its memory some time later.
 */
export async function memoryOf(threads: readonly string[], idleMs: number): Promise<Memory> {
  let least: Memory = { heap: Infinity, resident: Infinity };
  for (let passedMs = 0; passedMs <= idleMs; passedMs += lookMs) {
    if (passedMs > 0) await setTimeout(lookMs);
    const others = threads.map((thread) => askThread<number>(thread, { type: 'heap' }));
    const heap = (await Promise.all(others)).reduce((sum, bytes) => sum + bytes, heapHere());
    const resident = process.memoryUsage.rss();
    least = { heap: Math.min(least.heap, heap), resident: Math.min(least.resident, resident) };
  }
  return least;
}
