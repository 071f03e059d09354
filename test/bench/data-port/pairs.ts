/** Pairs of threads with a port, or a peer's connection, between them. */
import type { NodeAddress, OpenDataPortOptions } from 'interplex';
import { askThread, startThread } from '../../support/thread-call.ts';
import type { StreamFaults } from '../../support/faults/lane.ts';
import { TcpProxy } from '../../support/faults/tcp-proxy.ts';
import { median } from '../statistics.ts';
import type { Group } from '../suite.ts';
import type { Command, Way } from './thread.ts';

export const tell = <Value = void>(thread: string, command: Command) =>
  askThread<Value>(thread, command);
const threads: string[] = [];

/** A thread of its own, by a new name: one that was used keeps what it had. */
async function threadOf(role: string): Promise<string> {
  const name = `${role}-${threads.length}`;
  threads.push(name);
  await startThread(new URL('./thread.ts', import.meta.url), name);
  return name;
}

/** Bytes of a message of bulk. */
export const chunk = 65_536;

export interface Pair {
  readonly hall: string;
  readonly edge: string;
  readonly at: NodeAddress;
}
export async function pairOf(way: Way): Promise<Pair> {
  const [hall, edge] = [await threadOf('hall'), await threadOf('edge')];
  const at = await tell<NodeAddress>(hall, { type: 'serve', way });
  if (way !== 'port') await tell(edge, { type: 'connect', way, port: at.port });
  return { hall, edge, at };
}
export const open = ({ hall, edge, at }: Pair, options: Partial<OpenDataPortOptions>) =>
  tell(edge, { type: 'open', options: { to: { node: hall, ...at }, ...options } });

/** Messages a millisecond, until the last one has come, and ours is acknowledged. */
export async function rateOf({ hall, edge }: Pair, way: Way, count: number, length: number) {
  const heard = tell(hall, { type: 'expect', bytes: count * length });
  const begunAt = performance.now();
  await Promise.all([tell(edge, { type: 'send', way, count, length }), heard]);
  return count / (performance.now() - begunAt);
}

export interface Measured {
  readonly way: Way;
  readonly links?: number;
  readonly count: number;
}
/** The median of each, round by round in turn; the first round warms all. */
export async function rates(ways: readonly Measured[], length: number, rounds: number) {
  const pairs: Pair[] = [];
  for (const { way, links } of ways) {
    const pair = await pairOf(way);
    if (way === 'port') await open(pair, { links: links ?? 1 });
    pairs.push(pair);
  }
  const found: number[][] = ways.map(() => []);
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, { way, count }] of ways.entries()) {
      const rate = await rateOf(pairs[index]!, way, count, length);
      if (round > 0) found[index]!.push(rate);
    }
  }
  return found.map((samples) => median(samples));
}

/** A port over lines of this thread, which are stopped afterwards. */
export async function overLines<Value>(
  count: number,
  options: Partial<OpenDataPortOptions>,
  measure: (pair: Pair, lines: readonly TcpProxy[]) => Promise<Value>,
  faults: readonly StreamFaults[] = [],
): Promise<Value> {
  const pair = await pairOf('port');
  const lines = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      TcpProxy.start({ server: pair.at, faults: faults[index] ?? {} }),
    ),
  );
  const addresses = lines.map(({ front }) => front);
  const to = { node: pair.hall, addresses };
  await tell(pair.edge, { type: 'open', options: { to, links: count, ...options } });
  try {
    return await measure(pair, lines);
  } finally {
    await tell(pair.edge, { type: 'close' });
    await Promise.all(lines.map((line) => line.stop()));
  }
}

/** The threads of a group end with it: the next one has the processors to itself. */
export const alone = (group: Group): Group => ({
  names: group.names,
  measure: async (scale) => {
    const before = threads.length;
    try {
      return await group.measure(scale);
    } finally {
      await Promise.all(threads.slice(before).map((name) => tell(name, { type: 'end' })));
    }
  },
});
