/** Errors that nobody catches, kept from ending the test's process until the test is over. */
import { onTestFinished } from 'vitest';

export function uncaughtErrors(): readonly unknown[] {
  const thrown: unknown[] = [];
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException').on('uncaughtException', (e) => thrown.push(e));
  onTestFinished(() => {
    process.removeAllListeners('uncaughtException');
    for (const listener of others) process.on('uncaughtException', listener);
  });
  return thrown;
}
