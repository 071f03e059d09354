/** Several threads on one pool: how it scales, against one mutex, and how fair its lock is. */
import { more } from '../report.ts';
import { median } from '../statistics.ts';
import type { Group } from '../suite.ts';
import { workTogether, type Work } from './port-threads.ts';

const scaleName = 'two threads ÷ one, 50 % taken';
const mutexName = 'two threads in blocks';
const lockName = 'lock, 4 threads contending, fewest ÷ most turns';

const sum = (rates: readonly number[]) => rates.reduce((whole, rate) => whole + rate, 0);

export const threadGroup: Group = {
  names: [scaleName, mutexName],
  measure: async (scale) => {
    const [rounds, ms] = scale === 'full' ? [7, 500] : [1, 20];
    const rates = { one: [], two: [], mutex: [], ceiling: [] } as Record<string, number[]>;
    const note = async (name: string, work: Work, threads: number) =>
      rates[name]!.push(sum(await workTogether(work, threads, ms)));
    for (let round = 0; round < rounds; round += 1) {
      await note('one', 'blocks', 1);
      await note('two', 'blocks', 2);
      await note('mutex', 'mutex', 2);
      const alone = sum(await workTogether('ceiling', 1, ms));
      rates['ceiling']!.push(sum(await workTogether('ceiling', 2, ms)) / alone);
    }
    const [one, two, mutex, ceiling] = ['one', 'two', 'mutex', 'ceiling'].map((name) =>
      median(rates[name]!),
    ) as [number, number, number, number];
    return [
      more({
        name: scaleName,
        unit: 'times',
        value: two / one,
        peer: 'the same of two atomic operations on words apart',
        peerValue: ceiling,
        target: 0.85,
      }),
      more({
        name: mutexName,
        unit: 'thousand/s',
        value: two,
        peer: 'a mutex around one bitmap',
        peerValue: mutex,
        target: 5,
      }),
    ];
  },
};

export const lockGroup: Group = {
  names: [lockName],
  measure: async (scale) => {
    const [rounds, ms] = scale === 'full' ? [5, 1_000] : [1, 50];
    const shares: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const turns = await workTogether('lock', 4, ms);
      shares.push(Math.min(...turns) / Math.max(...turns));
    }
    const value = median(shares);
    return [
      more({ name: lockName, unit: 'share', value, peer: 'a bound', peerValue: 0.8, target: 1 }),
    ];
  },
};
