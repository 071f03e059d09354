/** What a transferred connection carries: requests a second, and bytes a second. */
import { more, type Result } from '../report.ts';
import { median } from '../statistics.ts';
import type { Group, Scale } from '../suite.ts';
import type { Echoed } from './commands.ts';
import { onStage, type Subject, type SubjectName } from './stage.ts';

interface Plan {
  /** Processes started anew: two processes of one program may differ for as long as they live. */
  readonly stages: number;
  readonly rounds: number;
  readonly ms: number;
  readonly clients: number;
}

const scales: Record<Scale, Plan> = {
  full: { stages: 4, rounds: 4, ms: 1_000, clients: 16 },
  smoke: { stages: 1, rounds: 1, ms: 20, clients: 2 },
};

/**
 * glibc gives freed memory back to the kernel, or does not, by how it happens to lie: a process
 * that moves bulk is then up to twice as fast as the same program started again. None of them does
 * it here, so that this is not what is compared (mallopt(3), M_TRIM_THRESHOLD).
 */
const allocator = { MALLOC_TRIM_THRESHOLD_: String(64 * 1024 * 1024) };

const peers = {
  plain: { peer: 'plain net server in a thread', target: 0.95 },
  relay: { peer: 'byte relay through the routing thread', target: 1.5 },
} as const;

/** Each measure, with how its rate is told. */
const measures = {
  echo: { unit: 'requests/s', rate: ({ requests, elapsedMs }: Echoed) => requests / elapsedMs },
  bulk: { unit: 'MB/s', rate: ({ bytes, elapsedMs }: Echoed) => bytes / elapsedMs / 1e6 },
};
type Measure = keyof typeof measures;
type PeerName = keyof typeof peers;

const measureNames = ['echo', 'bulk'] as const;
const peerNames = ['plain', 'relay'] as const;
const nameOf = (measure: Measure, peer: PeerName) =>
  `${measure} on a transferred connection, against a ${peer} server`;

/** Rates by measure and subject, one of each round. */
type Rates = Map<string, number[]>;

export const throughputGroup: Group = {
  names: measureNames.flatMap((measure) => peerNames.map((peer) => nameOf(measure, peer))),
  measure: async (scale) => {
    const plan = scales[scale];
    const rates: Rates = new Map();
    for (let stage = 0; stage < plan.stages; stage += 1) {
      const measure = (...subjects: Subject[]) => run(subjects, plan, rates);
      await onStage(['cluster', 'plain', 'relay'], measure, allocator);
    }
    return measureNames.flatMap((measure) => resultsOf(measure, rates));
  },
};

async function run(subjects: readonly Subject[], plan: Plan, rates: Rates): Promise<void> {
  for (const subject of subjects) {
    await subject.serve(plan.clients);
    // Each has had a full collection, as any server has that is some seconds old: only then does
    // V8 count the buffers of bulk against a heap of the size that it has.
    await subject.memory(0);
  }
  for (let round = -1; round < plan.rounds; round += 1) {
    // Each has each place in turn: what runs before leaves its traces.
    const first = (round + subjects.length) % subjects.length;
    const order = [...subjects.slice(first), ...subjects.slice(0, first)];
    for (const type of measureNames) {
      for (const { name, clients } of order) {
        const echoed = await clients.ask<Echoed>({ type, set: name, ms: plan.ms });
        if (round >= 0) note(rates, keyOf(type, name), measures[type].rate(echoed) * 1_000);
      }
    }
  }
}

const keyOf = (measure: Measure, subject: SubjectName) => `${measure} ${subject}`;

function note(rates: Rates, key: string, rate: number): void {
  const known = rates.get(key) ?? [];
  known.push(rate);
  rates.set(key, known);
}

function resultsOf(measure: Measure, rates: Rates): readonly Result[] {
  const rateOf = (subject: SubjectName) => median(rates.get(keyOf(measure, subject)) ?? []);
  return peerNames.map((peer) =>
    more({
      ...peers[peer],
      name: nameOf(measure, peer),
      unit: measures[measure].unit,
      value: rateOf('cluster'),
      peerValue: rateOf(peer),
    }),
  );
}
