/**
 * Goal: SP-5: whoever dies with the lock of a pool, or at its door, between any two atomic steps:
 * the lock is free again at once, and every block is back exactly once.
 * Method: real threads that stop before each step of the machine, and are terminated there; two
 * survivors, in threads of their own, reclaim at once. IPX_PORT_DEATHS=1000 is for the soak.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { portLockLogic } from 'interplex/actors';
import { UnitTasks } from '#internal/ports/lock-task';
import { PoolLock, type PortLockEffect } from '#internal/ports/pool-lock';
import { header, poolMemory, PoolWords, type PoolShape } from '#internal/ports/pool-words';
import { freeRested, reclaim } from '#internal/ports/reclaim';
import { sharesOf } from '#internal/ports/pool-figures';
import { startVictim, Survivor } from '../support/port-victim.ts';

const deaths = Number(process.env['IPX_PORT_DEATHS'] ?? 100);
/** The soak has the machine to itself: there the clock counts. */
const lockFreeMsMax = deaths > 100 ? 50 : 5_000;
const blocks = 8;
const [survivor, other, victim, holder] = [0, 1, 2, 3];
const steps: readonly PortLockEffect[] = [
  'choose',
  'announceWait',
  'tryLock',
  'endWait',
  'noteIntent',
  'revise',
  'publish',
  'findNext',
  'passLock',
];
type Scene = readonly [last: 'take' | 'give', lock: 'free' | 'held' | 'orphaned', PortLockEffect];
const scenes: readonly Scene[] = [
  ...steps.map((step): Scene => ['take', 'free', step]),
  ...steps.slice(1).map((step): Scene => ['give', 'free', step]),
  ['take', 'held', 'awaitLock'],
  ['take', 'orphaned', 'seize'],
  ['give', 'orphaned', 'repair'],
];

function poolOf(structure: PoolShape['structure']) {
  const block = structure === 'list' ? 1 : 64;
  const count = blocks * block;
  const shape: PoolShape = { structure, first: 20_000, count, block, stacks: 4, guests: 4 };
  const memory = poolMemory(shape);
  return { shape, memory, pool: new PoolWords(shape, new Int32Array(memory)) };
}

function survivorOf(pool: PoolWords, stack: number) {
  pool.begin(stack);
  return { pool, stack, lock: new PoolLock({ pool, stack, logic: portLockLogic }) };
}

/** What came of one death: how long the lock was not to be had, and what came back. */
async function die([last, lock, step]: Scene, structure: PoolShape['structure']) {
  const { shape, memory, pool } = poolOf(structure);
  const ours = survivorOf(pool, survivor);
  pool.begin(other);
  const fate = { shape, memory, stack: victim, taken: 3, last, step, lock, holder };
  const worker = await startVictim(fate);
  await worker.terminate();
  const endedAt = performance.now();
  const held = sharesOf(pool).leasedUnits.get(victim) ?? 0;
  for (const stack of [victim, holder]) pool.end(stack);
  const theirs = elsewhere.reclaim({ shape, memory, stack: other, dead: [victim, holder] });
  const count = [victim, holder].reduce((sum, dead) => sum + reclaim(ours, dead, 0, 0), 0);
  const lockFreeMs = performance.now() - endedAt;
  expect(pool.load(header.lock) === 0 || !pool.isDead(pool.load(header.lock))).toBe(true);
  const buried = count + (await theirs);
  return { pool, ours, held, buried, lockFreeMs };
}

/** All blocks can be had, each once, and are free again when they are given back. */
function takeAll({ pool, lock, stack }: ReturnType<typeof survivorOf>) {
  const tasks = new UnitTasks(pool, lock.index, stack);
  const taken: number[] = [];
  for (let unit = lock.run(tasks.take()); unit >= 0; unit = lock.run(tasks.take())) {
    taken.push(unit);
  }
  for (const unit of taken) lock.run(tasks.give(unit));
  return taken.toSorted((one, another) => one - another);
}

/** Every block is back once; the soak, which has the machine to itself, looks at the clock, too. */
function expectWhole({ pool, ours, held, buried, lockFreeMs }: Awaited<ReturnType<typeof die>>) {
  expect(lockFreeMs).toBeLessThan(lockFreeMsMax);
  expect(buried).toBe(held);
  freeRested(ours, 0);
  expect(sharesOf(pool).freeUnits).toBe(pool.units);
  expect(takeAll(ours)).toEqual(Array.from({ length: pool.units }, (_, unit) => unit));
}

let elsewhere: Survivor;
beforeAll(() => (elsewhere = new Survivor()));
afterAll(() => elsewhere.stop());

const rounds = Math.ceil(deaths / scenes.length);
test.each(scenes.map((scene) => [...scene]))(
  'SP-3 SP-5 killed as it would %s a block, the lock being %s, before it would %s',
  async (...scene) => {
    for (let round = 0; round < rounds; round += 2) {
      const both = [round, round + 1].filter((one) => one < rounds);
      const ends = both.map((one) => die(scene as Scene, one % 2 === 0 ? 'bitmap' : 'list'));
      for (const end of await Promise.all(ends)) expectWhole(end);
      expect(ends).not.toHaveLength(0);
    }
  },
  20_000 + rounds * 1_000,
);
