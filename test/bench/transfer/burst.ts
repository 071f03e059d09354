/** Many connections transferred at once: how many a second, and whether more cost more each. */
import { less, more, type Result } from '../report.ts';
import { median } from '../statistics.ts';
import type { Group, Scale } from '../suite.ts';
import type { Pace } from './commands.ts';
import { onStage, type Subject } from './stage.ts';

const scales: Record<Scale, { rounds: number; many: number; few: number; warmUp: number }> = {
  full: { rounds: 5, many: 8_000, few: 2_000, warmUp: 2 },
  smoke: { rounds: 1, many: 80, few: 20, warmUp: 0 },
};

const queued = 'connections transferred at once, all queued by the peer';
const windowed = 'connections transferred at once, one by one by the peer';
const linear = 'time per transfer, 2,000 at once over 8,000 at once';

export const burstGroup: Group = {
  names: [queued, windowed, linear],
  measure: (scale) =>
    onStage(['cluster', 'send'], async (cluster, send) => {
      if (!cluster || !send) return [];
      const { rounds, many, few, warmUp } = scales[scale];
      const times = { many: [0], few: [0], queued: [0], windowed: [0] };
      for (const list of Object.values(times)) list.pop();
      for (let round = -warmUp; round < rounds; round += 1) {
        const found = {
          many: await timeEach(cluster, many, 'all at once'),
          windowed: await timeEach(send, round < 0 ? few : many, 'one by one'),
          few: await timeEach(cluster, few, 'all at once'),
          queued: await timeEach(send, round < 0 ? few : many, 'all at once'),
        };
        if (round < 0) continue;
        for (const key of ['many', 'windowed', 'few', 'queued'] as const) {
          times[key].push(found[key]);
        }
      }
      return resultsOf(times);
    }),
};

/** Milliseconds per transfer. */
async function timeEach(subject: Subject, count: number, pace: Pace): Promise<number> {
  const { elapsedMs } = await subject.move(count, pace);
  return elapsedMs / count;
}

type Times = Readonly<Record<'many' | 'few' | 'queued' | 'windowed', readonly number[]>>;

function resultsOf(times: Times): readonly Result[] {
  const perSecond = (each: readonly number[]) => 1_000 / median(each);
  const rate = { unit: 'transfers/s', value: perSecond(times.many) };
  const send = 'child_process send(socket)';
  return [
    more({
      ...rate,
      name: queued,
      peer: `${send}, all queued`,
      peerValue: perSecond(times.queued),
      target: 3,
    }),
    more({
      ...rate,
      name: windowed,
      peer: `${send}, one by one`,
      peerValue: perSecond(times.windowed),
      target: 1,
    }),
    less({
      name: linear,
      unit: 'µs',
      value: median(times.many) * 1_000,
      peer: 'itself, 2,000 at once',
      peerValue: median(times.few) * 1_000,
      target: 0.87,
    }),
  ];
}
