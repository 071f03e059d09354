/**
 * Two threads that search together, against what this machine has to give: two threads that each
 * walk the whole by themselves. Times are from the threads' start to the result.
 */
import { checkInThreads } from 'interplex/check';
import { startThread } from '../../support/thread-call.ts';
import { more } from '../report.ts';
import { median } from '../statistics.ts';
import type { Group } from '../suite.ts';

const name = 'two threads ÷ one, 8 managers';
const walkModule = new URL('./walk-thread.ts', import.meta.url);
const modelModule = new URL('../../support/models/commit-model.ts', import.meta.url);

async function together(count: number): Promise<number> {
  const { outcome, states } = await checkInThreads({ module: modelModule, argument: count });
  if (outcome !== 'passed') throw new Error(`The search ended as ${outcome}.`);
  return states;
}

const apart = (count: number, threads: number) =>
  Promise.all(Array.from({ length: threads }, () => startThread<number>(walkModule, count)));

async function msOf(act: () => Promise<unknown>): Promise<number> {
  const begunAt = performance.now();
  await act();
  return performance.now() - begunAt;
}

export const threadsGroup: Group = {
  names: [name],
  measure: async (scale) => {
    const [count, rounds] = scale === 'full' ? [8, 3] : [4, 1];
    const gains: number[] = [];
    const ceilings: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const one = await msOf(() => apart(count, 1));
      gains.push(one / (await msOf(() => together(count))));
      ceilings.push((2 * one) / (await msOf(() => apart(count, 2))));
    }
    const peer = 'two walks at once, each alone';
    const [value, peerValue] = [median(gains), median(ceilings)];
    return [more({ name, unit: '×', value, peer, peerValue, target: 0.85 })];
  },
};
