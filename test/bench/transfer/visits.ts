/** New connections a second through a distributed VIPA, against Node's own `cluster`. */
import { Partner } from '../partner.ts';
import { more, type Result } from '../report.ts';
import { median } from '../statistics.ts';
import type { Group, Scale } from '../suite.ts';
import type { VisitCommand, Visits } from './visit-clients.ts';
import type { VisitSubjectName } from './visit-subject.ts';

interface Plan {
  /** Processes started anew: two processes of one program may differ for as long as they live. */
  readonly stages: number;
  readonly rounds: number;
  /** Of one round: a tenth of the ports that a host has for its clients. */
  readonly count: number;
}

const scales: Record<Scale, Plan> = {
  full: { stages: 3, rounds: 8, count: 2_500 },
  smoke: { stages: 1, rounds: 1, count: 20 },
};

const name = 'new connections through a distributed VIPA over 2 threads';
const subjectNames = ['vipa', 'cluster'] as const;
type Rates = Record<VisitSubjectName, number[]>;

export const visitsGroup: Group = {
  names: [name],
  measure: async (scale) => {
    const plan = scales[scale];
    const rates: Rates = { vipa: [], cluster: [] };
    for (let stage = 0; stage < plan.stages; stage += 1) await runStage(plan, rates);
    return [resultOf(rates)];
  },
};

const resultOf = ({ vipa, cluster }: Rates): Result =>
  more({
    name,
    unit: 'connections/s',
    value: median(vipa),
    peer: 'node:cluster, 2 processes',
    peerValue: median(cluster),
    target: 1,
  });

async function runStage({ rounds, count }: Plan, rates: Rates): Promise<void> {
  const clients = new Partner<VisitCommand>(new URL('./visit-clients.ts', import.meta.url));
  const script = new URL('./visit-subject.ts', import.meta.url);
  const subjects = {
    vipa: new Partner<'port'>(script, ['vipa']),
    cluster: new Partner<'port'>(script, ['cluster']),
  };
  try {
    for (let round = -2; round < rounds; round += 1) {
      for (const subject of round % 2 === 0 ? subjectNames : subjectNames.toReversed()) {
        const port = await subjects[subject].ask<number>('port');
        const { elapsedMs } = await clients.ask<Visits>({ port, count });
        if (round >= 0) rates[subject].push((count / elapsedMs) * 1_000); // Two warm up.
      }
    }
  } finally {
    await Promise.all([clients, ...Object.values(subjects)].map((partner) => partner.stop()));
  }
}
