/**
 * Goal: AF-3: what the main thread asks of a node costs nothing once it is answered, and whoever
 * waits for a thread that has ended is told.
 * Method: both ends of a real port in this thread; the heap after thousands of calls.
 */
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MessageChannel } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { callsOn, exposeOn } from '#internal/runtime/control';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

interface Counter {
  next(after: number): number;
  never(): Promise<void>;
}

function counter() {
  const { port1, port2 } = new MessageChannel();
  const served: Counter = {
    next: (after) => after + 1,
    never: () => new Promise(() => undefined),
  };
  exposeOn(served, port2);
  onTestFinished(() => port1.close());
  return { port: port2, calls: callsOn<Counter>(port1, 'hall-1') };
}

test('AF-3 memory does not grow with the calls that were answered', async () => {
  const { calls } = counter();
  const heapAfter = async (count: number) => {
    for (let call = 0; call < count; call += 1) await calls.next(call);
    collect();
    await turn(); // What is told of what was collected is garbage only then.
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = await heapAfter(2_000);
  expect((await heapAfter(20_000)) - before).toBeLessThan(500_000);
});

test('AF-3 AF-9 calls under way and later ones are told that the thread has ended', async () => {
  const { calls, port } = counter();
  const underway = calls.never();
  expect(await calls.next(1)).toBe(2);
  const closed = once(port, 'close');
  port.close();
  await expect(underway).rejects.toMatchObject({ code: 'IPX_NODE_LOST' });
  await closed;
  await expect(calls.next(2)).rejects.toMatchObject({ code: 'IPX_NODE_LOST' });
});
