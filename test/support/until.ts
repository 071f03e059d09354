/** A wait for what no event tells of: bounded, and named where it fails. */
import { setTimeout as pause } from 'node:timers/promises';

/** Settles when the condition holds. Rejects with its name when it does not within the limit. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 5_000,
): Promise<void> {
  const giveUpAt = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > giveUpAt) throw new Error(`Not within ${withinMs} ms: ${what}.`);
    await pause(2);
  }
}

/** The promise's value, or an error that names what did not come in time. */
export async function within<T>(withinMs: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Not within ${withinMs} ms: ${what}.`)), withinMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
