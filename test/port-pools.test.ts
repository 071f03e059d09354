/**
 * Goal: SP-2 to SP-7: whichever structure a pool has, no port is given twice, each comes back when
 * it was given back and has rested, or when its stack has died; a given port is had or it is said
 * who has it; and what is left is told, before it is nothing.
 * Method: stacks of one process over one memory, of each structure in turn.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { poolsIn } from '#internal/ports/pool-figures';
import { poolOf, sharedPools } from '#internal/ports/shared-pool';
import { matching } from './support/matching.ts';
import {
  address,
  names,
  obtainAll,
  obtainOr,
  Sharers,
  usedBy,
  type Sharing,
} from './support/ports.ts';

const sharings: readonly (readonly [name: string, sharing: Sharing])[] = [
  ['bitmap, blocks of 16', {}],
  ['bitmap, one by one', { block: 1 }],
  ['list', { structure: 'list' }],
  ['table', { structure: 'table' }],
];
const all = Array.from({ length: 64 }, (_, index) => 20_000 + index);
const sorted = (ports: readonly number[]) => ports.toSorted((one, other) => one - other);
/** For `toThrow`, which takes an error that says as much. */
const refused = (code: string, sentence: RegExp) =>
  expect.objectContaining({ code, message: matching(sentence) }) as Error;

beforeEach(() => vi.useFakeTimers({ now: 1_000_000_000 }));
afterEach(() => vi.useRealTimers());

// tidy: function-size: It is one list of tests, asked of each structure.
describe.each(sharings)('%s', (_name, sharing) => {
  test('SP-2 SP-7 stacks in turn get every port once, and then it is said who holds them', () => {
    const sharers = new Sharers(sharing);
    const [a, b] = [sharers.begin('a'), sharers.begin('b')];
    const ports = [a, b, a, b].map((stack) => stack.obtain());
    ports.push(...obtainAll(a), ...obtainAll(b));
    expect(sorted(ports)).toEqual(all);
    expect(obtainOr(a)).toMatch(/^IPX_PORTS_EXHAUSTED: No tcp port from 20000 to 20063/);
    expect(obtainOr(a)).toMatch(/a holds \d+, \d+ in use.*b holds \d+, \d+ in use/);
  });

  test('SP-4 what was given back is had again, by whoever asks', () => {
    const sharers = new Sharers(sharing);
    const [a, b] = [sharers.begin('a'), sharers.begin('b')];
    const ports = obtainAll(a);
    expect(obtainAll(b)).toEqual([]);
    for (const port of ports) a.release(port, 0);
    expect(usedBy(a, 'a')).toBe(0);
    a.close(); // Of blocks it keeps some while it may want more.
    expect(sorted(obtainAll(b))).toEqual(all);
  });

  test('SP-4 a port rests after its connection has closed', () => {
    const sharers = new Sharers(sharing);
    const a = sharers.begin('a');
    const [first = 0, ...rest] = obtainAll(a);
    a.release(first, 60_000);
    vi.setSystemTime(Date.now() + 59_999);
    expect(obtainOr(a)).toMatch(/^IPX_PORTS_EXHAUSTED/);
    vi.setSystemTime(Date.now() + 1);
    expect(a.obtain()).toBe(first);
    expect(rest).toHaveLength(63);
  });

  test('SP-4 a port that another program has rests longer, and holds up no other', () => {
    const sharers = new Sharers({ ...sharing, restMs: 1_000 });
    const a = sharers.begin('a');
    const [foreign = 0, closed = 0] = obtainAll(a);
    a.noteForeign(foreign);
    expect(obtainOr(a)).toMatch(/a holds 64, 63 in use, 0 at rest, 1 other programs'/);
    a.release(closed, a.restMs);
    vi.advanceTimersByTime(1_000);
    expect(a.resting()).toEqual({ ports: [], foreign: [foreign] }); // Nobody had to ask.
    expect(a.obtain()).toBe(closed);
    vi.advanceTimersByTime(60_000);
    expect(a.obtain()).toBe(foreign);
  });

  test('SP-5 the rest of the dead ends also where a port of the survivor rested less', () => {
    const sharers = new Sharers({ ...sharing, restMs: 1_000 });
    const [a, b] = [sharers.begin('a'), sharers.begin('b')];
    const mine = b.obtain();
    const lost = a.obtain();
    b.release(mine, b.restMs);
    vi.advanceTimersByTime(500);
    sharers.end('a', a);
    b.reclaim(0);
    vi.advanceTimersByTime(3_000);
    const [pool] = poolsIn([sharers.shared], names);
    expect(pool?.reclaimed).toBe(0);
    expect(obtainAll(b)).toContain(lost);
  });

  test('SP-5 what a dead stack held rests and is then free, by whichever survivor', () => {
    const sharers = new Sharers({ ...sharing, restMs: 60_000 });
    const [a, b, c] = [sharers.begin('a'), sharers.begin('b'), sharers.begin('c')];
    const kept = b.obtain();
    const lost = obtainAll(a);
    sharers.end('a', a);
    expect(b.reclaim(0) + c.reclaim(0)).toBeGreaterThan(0);
    expect(b.reclaim(0) + c.reclaim(0)).toBe(0); // Each unit once.
    for (const port of obtainAll(b)) expect(lost).not.toContain(port);
    vi.setSystemTime(Date.now() + 61_000);
    const back = [...obtainAll(c), ...obtainAll(b)];
    expect(back).toEqual(expect.arrayContaining(lost));
    expect(back).not.toContain(kept);
    expect(new Set(back).size).toBe(back.length);
  });

  test('SP-5 a stack that begins again is not the one that died', () => {
    const sharers = new Sharers(sharing);
    const [a, b] = [sharers.begin('a'), sharers.begin('b')];
    obtainAll(a);
    sharers.end('a', a);
    const again = sharers.begin('a');
    b.reclaim(0);
    expect(sorted(obtainAll(again))).toEqual(all);
    expect(b.reclaim(0)).toBe(0); // It lives.
  });

  test('SP-6 a given port is had, whoever leases its block; if not it is said who has it', () => {
    const sharers = new Sharers(sharing);
    const [a, b] = [sharers.begin('a'), sharers.begin('b')];
    const taken = a.obtain();
    expect(() => b.claim(taken)).toThrow(refused('IPX_PORT_TAKEN', /is node "a"'s: bind another/));
    const near = 20_000 + ((taken - 20_000) ^ 1); // Of the same block.
    void b.claim(near);
    expect(() => a.claim(near)).toThrow(refused('IPX_PORT_TAKEN', /is node "b"'s/));
    expect(obtainAll(a)).not.toContain(near);
    b.release(near, 0);
    void a.claim(near);
    a.release(near, 0);
    expect(a.obtain()).toBe(near);
  });

  test('SP-6 a port out of the pool is refused, with what the pool is', () => {
    const a = new Sharers(sharing).begin('a');
    for (const port of [19_999, 20_064]) {
      expect(() => a.claim(port)).toThrow(refused('IPX_PORT_OUTSIDE', /from 20000 to 20063/));
    }
  });
});

test('SP-6 what a guest of a block held is back when it has died, once it has rested', () => {
  const sharers = new Sharers({ restMs: 60_000 });
  const [a, b] = [sharers.begin('a'), sharers.begin('b')];
  const [freed = 0] = obtainAll(a);
  a.release(freed, 0);
  void b.claim(freed);
  expect(obtainOr(a)).toMatch(/^IPX_PORTS_EXHAUSTED/);
  sharers.end('b', b);
  a.reclaim(1);
  expect(obtainOr(a)).toMatch(/^IPX_PORTS_EXHAUSTED/);
  vi.setSystemTime(Date.now() + 61_000);
  expect(a.obtain()).toBe(freed);
});

test('SP-7 the list is first in, first out', () => {
  const a = new Sharers({ structure: 'list' }).begin('a');
  const ports = obtainAll(a);
  expect(ports).toEqual(all);
  const order = [5, 3, 60].map((index) => ports[index]!);
  for (const port of order) a.release(port, 0);
  void a.claim(order[1]!); // In the middle of the list.
  expect([a.obtain(), a.obtain()]).toEqual([order[0], order[2]]);
  a.release(order[1]!, 0);
  expect(a.obtain()).toBe(order[1]);
});

test('SP-7 in the table one port serves several destinations, and none that is bound', () => {
  const sharers = new Sharers({ structure: 'table', count: 2 });
  const [a, b] = [sharers.begin('a'), sharers.begin('b')];
  const one = { clientAddress: '10.0.0.1', clientPort: 80 };
  const other = { clientAddress: '10.0.0.2', clientPort: 80 };
  const ports = [a.obtain(one), b.obtain(one), a.obtain(other), b.obtain(other)];
  expect(sorted(ports)).toEqual([20_000, 20_000, 20_001, 20_001]);
  expect(new Set(ports.slice(0, 2)).size).toBe(2);
  expect(() => a.obtain(one)).toThrow(refused('IPX_PORTS_EXHAUSTED', /is left/));
  expect(() => a.claim(20_000)).toThrow(refused('IPX_PORT_TAKEN', /is node/));
  a.release(ports[0]!, 0, one);
  expect(b.obtain(one)).toBe(ports[0]);
});

test('SP-2 figures tell what is free, leased, in use, at rest and foreign, by stack', () => {
  const sharers = new Sharers({ restMs: 60_000 });
  const [a, b] = [sharers.begin('a'), sharers.begin('b')];
  const [first, second] = [a.obtain(), a.obtain(), a.obtain()];
  b.obtain();
  a.release(first, 60_000);
  a.noteForeign(second);
  const [pool] = poolsIn([sharers.shared], names);
  const none = { used: 0, resting: 0, foreign: 0, conflicts: 0 };
  expect(pool).toMatchObject({ vipa: 'out', address, protocol: 'tcp', free: 32, reclaimed: 0 });
  expect(pool?.holdings).toEqual([
    { ...none, stack: 'a', leased: 16, used: 1, resting: 1, foreign: 1 },
    { ...none, stack: 'b', leased: 16, used: 1 },
  ]);
});

test('SP-2 exhaustion is warned of before it happens, once', () => {
  const sharers = new Sharers({ count: 16 * 20 });
  const a = sharers.begin('a');
  for (let port = 0; port < 16 * 18; port += 1) a.obtain();
  a.watch();
  expect(sharers.lines).toEqual([]);
  for (let port = 0; port < 16; port += 1) a.obtain();
  a.watch();
  a.watch();
  expect(sharers.lines).toHaveLength(1);
  expect(sharers.lines[0]).toMatch(/source ports run out: 16 are left to lease; a holds 304/);
});

test('SP-3 blocks that are not in use go back, but for two', () => {
  const sharers = new Sharers({ count: 16 * 10 });
  const a = sharers.begin('a');
  const ports = obtainAll(a);
  for (const port of ports) a.release(port, 0);
  const leased = poolsIn([sharers.shared], names)[0]?.holdings[0]?.leased;
  expect(leased).toBe(32);
});

test('SP-8 addresses of a range have pools of their own, as many as there are', () => {
  const { shape } = new Sharers().shared;
  const settings = { vipa: 'out', address: '127.9.0.0/24', isRange: true, shape, restMs: 0 };
  const pools = [...sharedPools(settings), ...sharedPools(settings)];
  const first = poolOf(pools, '127.9.0.1', 'tcp');
  const second = poolOf(pools, '127.9.0.2', 'tcp');
  expect(first).not.toBe(second);
  expect(poolOf(pools, '127.9.0.1', 'tcp')).toBe(first);
  expect(poolOf(pools, '127.9.0.1', 'udp')).not.toBe(first);
  expect(poolOf(pools, '127.9.0.3', 'tcp')).toBe(false);
  expect(poolOf(pools, '127.8.0.1', 'tcp')).toBeUndefined();
  const places = poolsIn(pools, names).map((pool) => `${pool.protocol} ${pool.address}`);
  expect(places.toSorted()).toEqual(['tcp 127.9.0.1', 'tcp 127.9.0.2', 'udp 127.9.0.1']);
});
