/** The memory of a process whose threads have nothing to do. */
import { setTimeout } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';

import { askThread } from '../thread-call.ts';
import type { Memory } from './commands.ts';

/** The live bytes of this thread's heap. */
export function heapHere(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return getHeapStatistics().used_heap_size;
}

const lookMs = 250;

/**
 * Of this thread and those named, when the process has been idle that long: V8 gives back what it
 * has used some time after it was last busy, so the least of what is seen is told.
 */
export async function memoryOf(threads: readonly string[], idleMs: number): Promise<Memory> {
  let least: Memory = { heap: Infinity, resident: Infinity };
  for (let passedMs = 0; passedMs <= idleMs; passedMs += lookMs) {
    const others = threads.map((thread) => askThread<number>(thread, { type: 'heap' }));
    const heap = (await Promise.all(others)).reduce((sum, bytes) => sum + bytes, heapHere());
    const resident = process.memoryUsage.rss();
    least = { heap: Math.min(least.heap, heap), resident: Math.min(least.resident, resident) };
    await setTimeout(lookMs);
  }
  return least;
}
