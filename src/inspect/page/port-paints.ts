/** What ports of a pool are, for who looks: their paint, and in words. */
import type { PortPoolFigures, RestingPortFigures } from '../figures.ts';

/** The same whoever holds it. */
export const paints = {
  quarantined: '--faint',
  foreign: '--bad',
  reserved: '--reserved',
} as const;

export const isPainted = (condition: string): condition is keyof typeof paints =>
  Object.hasOwn(paints, condition);

type Run = PortPoolFigures['runs'][number];

/**
 * Ports that rest, and those that another program has, are known to the node that holds their
 * block, and stand in the pool as used: they are taken out of its runs.
 */
export function withResting(
  pool: PortPoolFigures,
  resting: readonly RestingPortFigures[],
): PortPoolFigures {
  const own = resting.filter((one) => one.pool === pool.pool);
  const special = new Map<number, Run['condition']>();
  for (const { ports, foreign } of own) {
    for (const port of ports) special.set(port - pool.first, 'quarantined');
    for (const port of foreign) special.set(port - pool.first, 'foreign');
  }
  if (special.size === 0) return pool;
  const indices = [...special.keys()].toSorted((one, other) => one - other);
  const runs: Run[] = [];
  let [begin, at] = [0, 0];
  for (const run of pool.runs) {
    const end = begin + run.count;
    for (; at < indices.length && (indices[at] ?? end) < end; at += 1) {
      const index = indices[at] ?? end;
      if (index < begin || run.condition !== 'used') continue;
      runs.push({ ...run, count: index - begin });
      runs.push({ ...run, count: 1, condition: special.get(index) ?? run.condition });
      begin = index + 1;
    }
    runs.push({ ...run, count: end - begin });
    begin = end;
  }
  return { ...pool, runs: runs.filter(({ count }) => count > 0) };
}

export function sentenceOf({ first, runs }: PortPoolFigures, index: number): string {
  let end = 0;
  for (const { owner, count, condition } of runs) {
    end += count;
    if (index < end) {
      const state = condition === 'block' ? 'leased, not in use' : condition;
      return `port ${first + index}: ${state}${owner === '' ? '' : `, ${owner}`}`;
    }
  }
  return `port ${first + index}: free`;
}
