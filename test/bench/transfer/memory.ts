/** What an idle connection costs in its server, by the difference that thousands of them make. */
import { less, type Result } from '../report.ts';
import { median } from '../statistics.ts';
import type { Group, Scale } from '../suite.ts';
import type { Memory } from './commands.ts';
import { onStage, type SubjectName } from './stage.ts';

interface Plan {
  readonly stages: number;
  readonly clients: number;
  readonly warmUp: number;
  /** V8 gives back what a start has used in steps, the last of them after fourteen seconds. */
  readonly startMs: number;
  readonly idleMs: number;
}

const scales: Record<Scale, Plan> = {
  full: { stages: 3, clients: 7_000, warmUp: 2_000, startMs: 16_000, idleMs: 4_000 },
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
    const ours: Memory[] = [];
    const theirs: Memory[] = [];
    for (let stage = 0; stage < plan.stages; stage += 1) {
      const [our, their] = await Promise.all([costOf('cluster', plan), costOf('plain', plan)]);
      ours.push(our);
      theirs.push(their);
    }
    return (['heap', 'resident'] as const).map((part) => resultOf(part, ours, theirs));
  },
};

/** Of one connection, in a process that has served a few before. */
const costOf = (name: SubjectName, { clients, warmUp, startMs, idleMs }: Plan): Promise<Memory> =>
  onStage([name], async (subject) => {
    if (!subject) throw new Error(`${name} was not started.`);
    await subject.serve(warmUp);
    await subject.clear();
    const before = await subject.memory(startMs);
    await subject.serve(clients);
    const after = await subject.memory(idleMs);
    return {
      heap: (after.heap - before.heap) / clients,
      resident: (after.resident - before.resident) / clients,
    };
  });

const resultOf = (part: keyof Memory, ours: readonly Memory[], theirs: readonly Memory[]): Result =>
  less({
    ...parts[part],
    unit: 'bytes',
    value: median(ours.map((memory) => memory[part])),
    peer: 'plain net server in a thread',
    peerValue: median(theirs.map((memory) => memory[part])),
  });
