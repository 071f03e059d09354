/** One server over two others, threads or processes, as its argument names. */
import cluster from 'node:cluster';
import { fileURLToPath } from 'node:url';
import { startCluster } from 'interplex';

import { answerBenchmark } from '../partner.ts';

export type VisitSubjectName = 'vipa' | 'cluster';

async function vipaPort(): Promise<number> {
  const hall = { run: ['hall'] };
  const started = await startCluster({
    applications: { hall: new URL('./visit-hall.ts', import.meta.url) },
    nodes: { edge: {}, 'hall-1': hall, 'hall-2': hall },
    vipas: {
      visits: {
        kind: 'distribute',
        address: '127.0.0.1',
        port: 0,
        owner: 'edge',
        to: 'hall',
        policy: 'roundRobin',
      },
    },
    log: { level: 'silent' },
  });
  return started.vipas()[0]?.port ?? 0;
}

/** It accepts here and gives each connection to the next worker, as `cluster` does by default. */
async function clusterPort(): Promise<number> {
  cluster.setupPrimary({ exec: fileURLToPath(new URL('./visit-worker.ts', import.meta.url)) });
  const listening = [cluster.fork(), cluster.fork()].map(
    (worker) =>
      new Promise<number>((resolve) => worker.once('listening', ({ port }) => resolve(port))),
  );
  const [port = 0] = await Promise.all(listening);
  return port;
}

const ports: Readonly<Record<string, () => Promise<number>>> = {
  vipa: vipaPort,
  cluster: clusterPort,
};

const port = ports[process.argv[2] ?? '']?.();
answerBenchmark<'port'>(() => port);
