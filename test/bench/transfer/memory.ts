/** What an idle connection costs in its server, by the difference that thousands of them make. */
import { less, type Result } from '../report.ts';
import { median } from '../statistics.ts';
import type { Group, Scale } from '../suite.ts';
import type { Memory } from './commands.ts';
import { onStage, type SubjectName } from './stage.ts';

interface Plan {
  readonly stages: number;
  readonly clients: number;
  /** These come first and stay: what is compared begins where code is warm and memory full. */
  readonly warmUp: number;
  /** What a start has used is given back within fifteen seconds; on a busy machine, in more. */
  readonly startMs: number;
  readonly idleMs: number;
}

const scales: Record<Scale, Plan> = {
  full: { stages: 3, clients: 7_000, warmUp: 1_000, startMs: 30_000, idleMs: 4_000 },
  smoke: { stages: 1, clients: 300, warmUp: 10, startMs: 0, idleMs: 0 },
};

const parts = {
  heap: { name: 'heap of an idle connection', target: 0.5 },
  resident: { name: 'resident memory of an idle connection', target: 0.67 },
};

export const memoryGroup: Group = {
  names: Object.values(parts).map(({ name }) => name),
  measure: async (scale) => {
    const plan = scales[scale];
    const stages = Array.from({ length: plan.stages }, () => 0);
    const costs = (name: SubjectName) => Promise.all(stages.map(() => costOf(name, plan)));
    // Side by side: most of the time they wait, and each is told what is its own.
    const [ours, theirs] = await Promise.all([costs('cluster'), costs('plain')]);
    return (['heap', 'resident'] as const).map((part) => resultOf(part, ours, theirs));
  },
};

/** Of one connection, in a process that has served others before. */
const costOf = (name: SubjectName, { clients, warmUp, startMs, idleMs }: Plan): Promise<Memory> =>
  onStage([name], async (subject) => {
    if (!subject) throw new Error(`${name} was not started.`);
    await inTurn(() => subject.serve(warmUp));
    const before = await subject.memory(startMs);
    await inTurn(() => subject.serve(clients));
    const after = await subject.memory(idleMs);
    return {
      heap: (after.heap - before.heap) / clients,
      resident: (after.resident - before.resident) / clients,
    };
  });

let last: Promise<void> = Promise.resolve();

/** What is work for both processors is done by one process after the other. */
function inTurn(work: () => Promise<void>): Promise<void> {
  last = last.then(work);
  return last;
}

const resultOf = (part: keyof Memory, ours: readonly Memory[], theirs: readonly Memory[]): Result =>
  less({
    ...parts[part],
    unit: 'bytes',
    value: median(ours.map((memory) => memory[part])),
    peer: 'plain net server in a thread',
    peerValue: median(theirs.map((memory) => memory[part])),
  });
