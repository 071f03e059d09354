/**
 * How long nobody reads a client that is transferred, against the round trip by which a child
 * process is given a socket. A client speaks and is moved at once; the next is the peer's, and
 * begins when nothing of the first is left to be done.
 */
import { less, type Result } from '../report.ts';
import { quantile } from '../statistics.ts';
import type { Group, Scale } from '../suite.ts';
import { onStage, type Subject } from './stage.ts';

const scales: Record<Scale, { rounds: number; clients: number; warmUp: number }> = {
  full: { rounds: 11, clients: 500, warmUp: 6 },
  smoke: { rounds: 2, clients: 5, warmUp: 1 },
};

const shares = { 'client frozen, p50': 0.5, 'client frozen, p99': 0.99 };

export const freezeGroup: Group = {
  names: Object.keys(shares),
  measure: (scale) =>
    onStage(['cluster', 'send'], async (cluster, send) => {
      if (!cluster || !send) return [];
      const { rounds, clients, warmUp } = scales[scale];
      const ours: number[] = [];
      const theirs: number[] = [];
      for (let round = -warmUp; round < rounds; round += 1) {
        await alternate([cluster, send], clients);
        const [moved, sent] = [await cluster.moved(), await send.moved()];
        if (round < 0) continue;
        ours.push(...moved.frozenMs);
        theirs.push(...sent.frozenMs);
      }
      return resultsOf(ours, theirs);
    }),
};

async function alternate(subjects: readonly Subject[], clients: number): Promise<void> {
  for (const subject of subjects) await subject.awaitWords(clients);
  for (let count = 1; count <= clients; count += 1) {
    for (const subject of subjects) await subject.moveNext(count);
  }
}

function resultsOf(ours: readonly number[], theirs: readonly number[]): readonly Result[] {
  return Object.entries(shares).map(([name, share]) =>
    less({
      name,
      unit: 'µs',
      value: quantile(ours, share) * 1_000,
      peer: 'child_process send(socket), round trip',
      peerValue: quantile(theirs, share) * 1_000,
      target: 1.25,
    }),
  );
}
