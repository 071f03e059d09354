/**
 * Goal: SP-2, SP-5: the two forms of the coupling facility for blocks of ports keep one contract:
 * in memory that threads share, and from the coordinator of a host.
 * Method: each claim is asked of both, the second by two seats over real sockets and a real file.
 */
import { createHash } from 'node:crypto';
import { portLockLogic, portSeatLogic } from 'interplex/actors';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { UnitLease, UnitLeases } from '#internal/ports/coupling-facility';
import { hostPlace } from '#internal/io/host-place';
import { HostSeat } from '#internal/ports/host-seat';
import { PoolLock } from '#internal/ports/pool-lock';
import { poolMemory, PoolWords, type PoolShape } from '#internal/ports/pool-words';
import { freeRested, reclaim } from '#internal/ports/reclaim';
import { SharedUnits } from '#internal/ports/shared-units';
import { until } from './support/until.ts';

const settings = { structure: 'bitmap', first: 20_000, count: 8 * 16, block: 16 } as const;
const units = 8;

interface Facility {
  readonly holders: readonly [UnitLeases, UnitLeases];
  /** The first ends without a word, for certain, and begins again as another life. */
  readonly restart: () => Promise<UnitLeases>;
}

function inMemory(): Promise<Facility> {
  const shape: PoolShape = { ...settings, stacks: 2, guests: 0 };
  const pool = new PoolWords(shape, new Int32Array(poolMemory(shape)));
  const holderOf = (stack: number) => {
    pool.begin(stack);
    const lock = new PoolLock({ pool, stack, logic: portLockLogic });
    return { lock, leases: new SharedUnits({ pool, stack, lock }) };
  };
  const [one, other] = [holderOf(0), holderOf(1)];
  const restart = () => {
    pool.end(0);
    const survivor = { pool, stack: 1, lock: other.lock };
    reclaim(survivor, 0, Date.now(), 0);
    freeRested(survivor, Date.now());
    pool.begin(0);
    return Promise.resolve(one.leases);
  };
  return Promise.resolve({ holders: [one.leases, other.leases], restart });
}

let lastHost = 0;
async function ofHost(): Promise<Facility> {
  lastHost += 1;
  const name = `tcp 10.0.0.${lastHost}`;
  const place = hostPlace('tcp', createHash('sha256').update(name).digest('hex'));
  const seatOf = async () => {
    const options = { name, place, settings: { ...settings, restMs: 0 } };
    const seat = new HostSeat({ ...options, lock: portLockLogic, logic: portSeatLogic });
    onTestFinished(() => seat.close());
    await seat.open();
    return seat;
  };
  const [one, other] = [await seatOf(), await seatOf()]; // The first coordinates.
  const restart = async () => {
    await one.close(); // As its end it tells nobody; the kernel does.
    await until('the other coordinates', () => other.shares?.coordinator === process.pid);
    return seatOf();
  };
  return { holders: [one, other], restart };
}

const unitsOf = (leases: readonly UnitLease[]) => leases.map(({ unit }) => unit);

describe.each([
  ['in memory that is shared', inMemory],
  ['of the host', ofHost],
] as const)('%s', (_name, begin) => {
  test('SP-2 each unit is leased to one, until none is left', async () => {
    const [one, other] = (await begin()).holders;
    const all = await Promise.all([
      one.acquire({ count: 5 }),
      other.acquire({ count: 5 }),
      one.acquire({ count: 1 }),
    ]);
    expect(new Set(unitsOf(all.flat())).size).toBe(units);
    expect(await other.acquire({ count: 1 })).toEqual([]);
    expect(all[0].every((lease) => one.isCurrent(lease))).toBe(true);
    expect(all[0].some((lease) => other.isCurrent(lease))).toBe(false);
  });

  test('SP-2 what is given back is another’s next, and is current no more', async () => {
    const [one, other] = (await begin()).holders;
    const all = await one.acquire({ count: units });
    const [given] = all;
    await one.release([given!]);
    expect(one.isCurrent(given!)).toBe(false);
    expect(unitsOf(await other.acquire({ count: units }))).toEqual([given!.unit]);
    await one.release([given!]); // It is not its own any more.
    expect(await one.acquire({ count: 1 })).toEqual([]);
  });

  test('SP-6 a given unit is had if nobody has it', async () => {
    const [one, other] = (await begin()).holders;
    expect(unitsOf(await one.acquire({ unit: 3 }))).toEqual([3]);
    expect(await other.acquire({ unit: 3 })).toEqual([]);
    expect(unitsOf(await other.acquire({ unit: 4 }))).toEqual([4]);
  });

  test('SP-5 what a life that is over held is free once, its leases worth nothing', async () => {
    const { holders, restart } = await begin();
    const [one, other] = holders;
    const lost = await one.acquire({ count: 6 });
    const again = await restart();
    const back: UnitLease[] = [];
    await until('all are to be had', async () => {
      back.push(...(await again.acquire({ count: units })));
      return back.length === units;
    });
    expect(new Set(unitsOf(back)).size).toBe(units);
    expect(lost.some((lease) => other.isCurrent(lease))).toBe(false);
    await again.release(lost);
    expect(await other.acquire({ count: 1 })).toEqual([]);
  });
});

test('SP-2 whoever has some to spare is told when another finds none', async () => {
  const [one, other] = (await ofHost()).holders;
  const all = await one.acquire({ count: units });
  let told = 0;
  one.watch(() => {
    told += 1;
    void one.release(all.slice(0, 2));
  });
  expect(await other.acquire({ count: 1 })).toEqual([]);
  await until('it gives back', async () => (await other.acquire({ count: 1 })).length === 1);
  expect(told).toBeGreaterThan(0);
});
