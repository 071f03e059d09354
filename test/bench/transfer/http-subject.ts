/** One process that serves HTTP, in the way that its argument names. */
import { startCluster } from 'interplex';

import { answerBenchmark } from '../partner.ts';
import { startThread } from '../../support/thread-call.ts';

export type HttpSubjectName = 'cluster' | 'alone';

async function clusterPort(): Promise<number> {
  const module = new URL('./http-hall.ts', import.meta.url);
  const cluster = await startCluster({
    applications: { door: module, site: module },
    nodes: { edge: {}, 'hall-1': { run: ['site'] } },
    vipas: { web: { address: '127.0.0.1', port: 0, routing: 'door', owner: 'edge' } },
    log: { level: 'silent' },
  });
  return cluster.vipas()[0]?.port ?? 0;
}

const ports: Readonly<Record<string, () => Promise<number>>> = {
  cluster: clusterPort,
  alone: () => startThread<number>(new URL('./http-thread.ts', import.meta.url), undefined),
};

const port = ports[process.argv[2] ?? '']?.();
answerBenchmark<'port'>(() => port);
