/** HTTP requests a second on transferred connections, against the same server alone. */
import { Partner } from '../partner.ts';
import { more, type Result } from '../report.ts';
import { median } from '../statistics.ts';
import type { Group, Scale } from '../suite.ts';
import type { HttpClientCommand, Load } from './http-clients.ts';
import type { HttpSubjectName } from './http-subject.ts';

interface Plan {
  /** Processes started anew: two processes of one program may differ for as long as they live. */
  readonly stages: number;
  readonly rounds: number;
  readonly ms: number;
  readonly clients: number;
}

const scales: Record<Scale, Plan> = {
  full: { stages: 5, rounds: 8, ms: 400, clients: 16 },
  smoke: { stages: 1, rounds: 1, ms: 20, clients: 2 },
};

const name = 'HTTP requests, keep-alive, on transferred connections';
const subjectNames = ['cluster', 'alone'] as const;
type Rates = Record<HttpSubjectName, number[]>;

export const httpGroup: Group = {
  names: [name],
  measure: async (scale) => {
    const plan = scales[scale];
    const rates: Rates = { cluster: [], alone: [] };
    for (let stage = 0; stage < plan.stages; stage += 1) await runStage(plan, rates);
    return [resultOf(rates)];
  },
};

const resultOf = ({ cluster, alone }: Rates): Result =>
  more({
    name,
    unit: 'requests/s',
    value: median(cluster),
    peer: 'the same http.Server alone',
    peerValue: median(alone),
    target: 0.95,
  });

async function runStage(plan: Plan, rates: Rates): Promise<void> {
  const clients = new Partner<HttpClientCommand>(new URL('./http-clients.ts', import.meta.url));
  const subjects = subjectNames.map(
    (subject) => new Partner<'port'>(new URL('./http-subject.ts', import.meta.url), [subject]),
  );
  try {
    for (const [index, set] of subjectNames.entries()) {
      const port = (await subjects[index]?.ask<number>('port')) ?? 0;
      await clients.ask({ type: 'open', set, port, count: plan.clients });
    }
    for (let round = -1; round < plan.rounds; round += 1) {
      for (const set of round % 2 === 0 ? subjectNames : subjectNames.toReversed()) {
        const { requests, elapsedMs } = await clients.ask<Load>({ type: 'load', set, ms: plan.ms });
        if (round >= 0) rates[set].push((requests / elapsedMs) * 1_000); // The first warms up.
      }
    }
  } finally {
    await Promise.all([clients, ...subjects].map((partner) => partner.stop()));
  }
}
