/** What stays: while an application takes nothing, and after ten thousand resets. */
import { socketCount } from '../../support/descriptors.ts';
import { less, type Result } from '../report.ts';
import type { Group, Scale } from '../suite.ts';
import { open, pairOf, tell } from './pairs.ts';

const memoryName = 'memory while the target takes nothing';
const resumedName = 'all that waited is taken, once the target goes on';
const standing: Group = {
  names: [memoryName, resumedName],
  measure: async (scale: Scale): Promise<readonly Result[]> => {
    const seconds = scale === 'full' ? 30 : 1;
    const pair = await pairOf('port');
    await open(pair, {});
    await tell(pair.hall, { type: 'stand' });
    const grown = await tell<number>(pair.edge, { type: 'memory', seconds });
    const begunAt = performance.now();
    await tell(pair.hall, { type: 'goOn' });
    await tell(pair.edge, { type: 'drain' });
    const resumedMs = performance.now() - begunAt;
    const megabytes = Math.max(grown / 1e6, 0.1);
    const bounds = [
      { peer: 'twice its window', peerValue: 16.8, target: 1 },
      { peer: 'the bound of 250 ms', peerValue: 250, target: 1 },
    ] as const;
    return [
      less({ name: memoryName, unit: 'MB', value: megabytes, ...bounds[0] }),
      less({ name: resumedName, unit: 'ms', value: resumedMs, ...bounds[1] }),
    ];
  },
};

const heapName = 'heap that 10,000 resets leave';
const socketsName = 'sockets after 10,000 resets';
const resets: Group = {
  names: [heapName, socketsName],
  measure: async (scale) => {
    const count = scale === 'full' ? 10_000 : 64;
    const links = 16;
    const pair = await pairOf('port');
    await open(pair, { links });
    await tell(pair.edge, { type: 'resets', links, count: count / 10 });
    const before = socketCount();
    const grown = await tell<number>(pair.edge, { type: 'resets', links, count });
    const value = Math.max(grown / 1e6, 0.1);
    const sockets = { unit: 'sockets', value: socketCount(), peer: 'before', peerValue: before };
    return [
      less({ name: heapName, unit: 'MB', value, peer: 'a bound', peerValue: 2, target: 1 }),
      less({ name: socketsName, ...sockets, target: 1 }),
    ];
  },
};

export const lastingGroups: readonly Group[] = [standing, resets];
