/**
 * Goal: CT-14: of all nodes one holds a lease at a time, each under a higher epoch than the one
 * before; who is dead holds none, and who lost it is told and can do nothing by it.
 * Method: nodes of one process over one memory, really linked; then threads that contend for it.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { leaseMemory } from '#internal/ports/shared-leases';
import type { Contention } from './support/lease-contender.ts';
import { key, LeaseHolders, nodes } from './support/leases.ts';

/** A thread has no loader for TypeScript but its own. */
const contend = `import('tsx/esm/api').then(({ register }) => {
  register();
  return import(${JSON.stringify(new URL('./support/lease-contender.ts', import.meta.url).href)});
});`;
const [a, b, c] = nodes as [(typeof nodes)[0], (typeof nodes)[0], (typeof nodes)[0]];

test('CT-14 a held lease is denied to others, and granted when given back', async () => {
  const holders = new LeaseHolders();
  const [first, second] = [holders.begin(a), holders.begin(b)];
  const lease = await first.acquire(key);
  expect(lease).toEqual({ key, holder: a, epoch: 1 });
  expect(await second.acquire(key)).toBeUndefined();
  await first.release({ key, epoch: lease!.epoch });
  expect(first.isCurrent(lease!)).toBe(false);
  expect(await second.acquire(key)).toEqual({ key, holder: b, epoch: 2 });
});

test('CT-14 all who watch are told what was taken or given back, at every node', async () => {
  const holders = new LeaseHolders();
  const [first, second] = [holders.begin(a), holders.begin(b)];
  const told = (leases: typeof first) =>
    new Promise<void>((resolve) => {
      const stop = leases.watch(key, () => {
        stop();
        resolve();
      });
    });
  const taken = [told(first), told(second)];
  const lease = await first.acquire(key);
  expect(await Promise.all(taken)).toHaveLength(2);
  const freed = [told(first), told(second)];
  await first.release(lease!);
  await Promise.all(freed);
});

test('CT-14 who watches no more is told nothing', async () => {
  const holders = new LeaseHolders();
  const leases = holders.begin(a);
  let times = 0;
  const stop = leases.watch(key, () => (times += 1));
  const lease = await leases.acquire(key);
  stop();
  await leases.release(lease!);
  expect(times).toBe(1);
});

test('CT-14 the lease of a node that has ended is granted, under a higher epoch', async () => {
  const holders = new LeaseHolders();
  const [first, second] = [holders.begin(a), holders.begin(b)];
  const lost = await first.acquire(key);
  const told = new Promise<void>((resolve) => void second.watch(key, resolve));
  await holders.end(a);
  await told;
  expect(await second.acquire(key)).toEqual({ key, holder: b, epoch: 2 });
  expect(first.isCurrent(lost!)).toBe(false); // Should it live after all, it does nothing more.
  await first.release(lost!);
  expect(await second.acquire(key)).toMatchObject({ epoch: 3 });
});

test('CT-14 a node that begins knows who had ended before it', async () => {
  const holders = new LeaseHolders();
  await holders.begin(a).acquire(key);
  await holders.end(a); // Nobody is there to hear of it.
  const second = holders.begin(b);
  expect(await second.acquire(key)).toEqual({ key, holder: b, epoch: 2 });
});

test('CT-14 a node that begins again is not dead, nor bound by what it held before', async () => {
  const holders = new LeaseHolders();
  const [first, second] = [holders.begin(a), holders.begin(b)];
  const former = await first.acquire(key);
  await holders.end(a);
  const again = holders.begin(a);
  const lease = await again.acquire(key);
  expect(lease).toEqual({ key, holder: a, epoch: 2 });
  expect(again.isCurrent(former!)).toBe(false);
  expect(await second.acquire(key)).toBeUndefined();
  expect(await holders.begin(c).acquire(key)).toBeUndefined();
});

test('CT-14 what a node held before it ended is free for others once it begins again', async () => {
  const holders = new LeaseHolders();
  const [first, second] = [holders.begin(a), holders.begin(b)];
  const lease = await second.acquire(key);
  await holders.end(b);
  holders.begin(b);
  expect(first.isCurrent(lease!)).toBe(false);
  expect(await first.acquire(key)).toEqual({ key, holder: a, epoch: 2 });
});

test('CT-14 of threads that contend for a lease one has it at a time', async () => {
  const memory = leaseMemory(1);
  const guarded = new SharedArrayBuffer(8);
  const times = 20_000;
  const contenders = nodes.map((node) => {
    const workerData: Contention = { node, nodes, memory, guarded, times };
    return new Worker(contend, { workerData, eval: true });
  });
  const codes = await Promise.all(contenders.map((contender) => once(contender, 'exit')));
  expect(codes.flat()).toEqual([0, 0, 0]);
  expect(new Int32Array(guarded)[0]).toBe(times * nodes.length);
});
