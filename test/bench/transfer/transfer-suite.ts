/**
 * Connections that move between threads, against what Node offers: `child_process` send, `cluster`,
 * a plain server, and a relay. Subjects and clients are processes of their own, the same for ours
 * and the peers'; rounds alternate, and what is told is the median, or a quantile of all samples.
 */
import type { Suite } from '../suite.ts';
import { httpGroup } from './http.ts';
import { burstGroup } from './burst.ts';
import { freezeGroup } from './freeze.ts';
import { memoryGroup } from './memory.ts';
import { throughputGroup } from './throughput.ts';
import { visitsGroup } from './visits.ts';

export const transferSuite: Suite = {
  groups: [freezeGroup, burstGroup, throughputGroup, httpGroup, visitsGroup, memoryGroup],
};
