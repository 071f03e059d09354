/**
 * Goal: AF-7, SP-2: the map of a pool says of each port whose it is, and stays small however its
 * ports are taken.
 * Method: real stacks over one pool in shared memory, in each of its structures.
 */
import { mapOf, type PoolMap } from '#internal/ports/pool-map';
import { expect, test } from 'vitest';
import { names, Sharers, type Sharing } from './support/ports.ts';

const coordinator = 3; // The last of the names.

const mapWith = (sharers: Sharers, runsMax = 1_000): PoolMap =>
  mapOf(sharers.shared, { names, coordinator, runsMax })!;

/** Ports by owner and condition. */
function countsOf({ runs }: PoolMap): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { owner, condition, count } of runs) {
    const name = `${owner} ${condition}`.trim();
    counts[name] = (counts[name] ?? 0) + count;
  }
  return counts;
}

function conditionAt({ first, runs }: PoolMap, port: number): string {
  let end = first;
  for (const { owner, count, condition } of runs) {
    end += count;
    if (port < end) return `${owner} ${condition}`.trim();
  }
  return 'outside';
}

test('AF-7 SP-2 a block is its lessee’s, and in it each port that is in use', () => {
  const sharers = new Sharers();
  const [a, b] = [sharers.begin('a'), sharers.begin('b')];
  expect(countsOf(mapWith(sharers))).toEqual({ free: 64 });
  const ports = [a.obtain(), a.obtain()];
  const other = b.obtain();
  const map = mapWith(sharers);
  expect(map).toMatchObject({ pool: '127.0.0.9 tcp', first: 20_000, count: 64 });
  expect(countsOf(map)).toEqual({
    'a used': 2,
    'a block': 14,
    'b used': 1,
    'b block': 15,
    free: 32,
  });
  for (const port of ports) expect(conditionAt(map, port)).toBe('a used');
  expect(conditionAt(map, other)).toBe('b used');
  const block = Array.from({ length: 16 }, (_, at) => Math.floor(ports[0]! / 16) * 16 + at);
  const guest = block.find((port) => !ports.includes(port))!; // In a's block.
  void b.claim(guest);
  expect(conditionAt(mapWith(sharers), guest)).toBe('b used');
  expect(countsOf(mapWith(sharers))['b used']).toBe(2);
});

test('AF-7 SP-2 what the coordinator holds for endpoints is reserved', () => {
  const sharers = new Sharers();
  void sharers.begin('d').claim(20_005);
  expect(conditionAt(mapWith(sharers), 20_005)).toBe('d reserved');
});

test('AF-7 SP-5 what a dead stack held is in quarantine', () => {
  const sharers = new Sharers({ restMs: 60_000 });
  const [a, b] = [sharers.begin('a'), sharers.begin('b')];
  a.obtain();
  sharers.end('a', a);
  b.reclaim(0);
  expect(countsOf(mapWith(sharers))).toEqual({ quarantined: 16, free: 48 });
});

test.each<Sharing>([{ structure: 'list' }, { structure: 'table' }, { block: 1 }])(
  'AF-7 SP-7 ports of %j are told one by one',
  (sharing) => {
    const sharers = new Sharers(sharing);
    const [a, b] = [sharers.begin('a'), sharers.begin('b')];
    const [one, other] = [a.obtain(), b.obtain()];
    const map = mapWith(sharers);
    expect(countsOf(map)).toEqual({ 'a used': 1, 'b used': 1, free: 62 });
    expect([conditionAt(map, one), conditionAt(map, other)]).toEqual(['a used', 'b used']);
  },
);

test('AF-7 of a map with too many runs the counts stay exact, and the places near', () => {
  const sharers = new Sharers({ count: 1_024, block: 64 });
  const [a, b] = [sharers.begin('a'), sharers.begin('b')];
  const [ofA, ofB] = [a, b].map((stack) => Array.from({ length: 512 }, () => stack.obtain()));
  for (const port of ofA!) if (port % 2 === 0) a.release(port, 0);
  for (const port of ofB!) if (port % 3 === 0) b.release(port, 0);
  const exact = mapWith(sharers, 100_000);
  const bounded = mapWith(sharers, 64);
  expect(exact.runs.length).toBeGreaterThan(500);
  expect(bounded.runs.length).toBeLessThanOrEqual(64);
  expect(countsOf(bounded)).toEqual(countsOf(exact));
  const ownerAt = (map: PoolMap, port: number) => conditionAt(map, port).split(' ')[0];
  for (const port of [...ofA!, ...ofB!]) expect(ownerAt(bounded, port)).toBe(ownerAt(exact, port));
});
