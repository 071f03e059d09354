/**
 * Goal: whoever sends reliably is told of its own message, whatever shares its segment: that it was
 * received, that it was not in time, or that it never will be (CM-3).
 * Method: the receipts of one stream under a simulated clock.
 */
import { Receipts } from '#internal/messaging/receipts';
import { expect, test } from 'vitest';
import { SimulatedNetwork } from './support/simulated-network.ts';

function newReceipts() {
  const network = new SimulatedNetwork({ seed: 1 });
  const receipts = new Receipts(network.clock(), () => new Error('late'));
  const told: string[] = [];
  const add = (name: string, end: number, timeoutMs = 100) => {
    const received = receipts.add(end, timeoutMs);
    received.then(
      () => told.push(name),
      ({ message }: Error) => told.push(`${name} ${message}`),
    );
    return received;
  };
  return { network, receipts, told, add };
}

test('CM-3 each has a promise of its own, kept when its segment was received', async () => {
  const { network, receipts, told, add } = newReceipts();
  const promises = [add('a', 10), add('b', 20)];
  receipts.close();
  promises.push(add('c', 30));
  receipts.close();
  expect(new Set(promises).size).toBe(3);
  receipts.settleUpTo(19); // Not all of the first segment.
  await network.run(1);
  expect(told).toEqual([]);
  receipts.settleUpTo(20);
  await network.run(1);
  expect(told).toEqual(['a', 'b']);
  receipts.settleUpTo(30);
  await network.run(200);
  expect(told).toEqual(['a', 'b', 'c']);
});

test('CM-3 each waits as long as it was told to, from the end of its turn', async () => {
  const { network, receipts, told, add } = newReceipts();
  void add('long', 10, 300);
  void add('short', 20, 100);
  void add('shorter', 30, 50);
  await network.run(40); // A turn that takes so long takes nobody's time.
  expect(told).toEqual([]);
  receipts.close();
  await network.run(51);
  expect(told).toEqual(['shorter late']);
  await network.run(50);
  expect(told).toEqual(['shorter late', 'short late']);
  receipts.settleUpTo(30);
  await network.run(300);
  expect(told).toEqual(['shorter late', 'short late', 'long']);
});

test('CM-3 when nothing of it will come, all are told so, once', async () => {
  const { network, receipts, told, add } = newReceipts();
  void add('a', 10);
  receipts.close();
  void add('b', 20);
  receipts.failAll(new Error('lost'));
  await network.run(200);
  receipts.settleUpTo(20);
  await network.run(1);
  expect(told).toEqual(['a lost', 'b lost']);
  void add('c', 5); // Of a new stream.
  receipts.close();
  receipts.settleUpTo(5);
  await network.run(200);
  expect(told).toEqual(['a lost', 'b lost', 'c']);
});

test('AF-9 a failure that nobody takes is told of by each message, not by some', async () => {
  const { receipts } = newReceipts();
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', note);
  void receipts.add(10, 100);
  void receipts.add(20, 100);
  const taken = receipts.add(30, 100).catch(() => undefined);
  receipts.failAll(new Error('lost'));
  await taken;
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', note);
  for (const other of others) process.on('unhandledRejection', other);
  expect(unhandled).toHaveLength(2);
});
