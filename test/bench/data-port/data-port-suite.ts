/**
 * Data ports between two threads, against zeromq, plain sockets, and bounds that the field knows.
 * Rounds of ours and of a peer alternate; lines that fail are proxies in this thread.
 */
import type { NodeAddress, OpenDataPortOptions } from 'interplex';
import { askThread, startThread } from '../../support/thread-call.ts';
import type { StreamFaults } from '../../support/faults/lane.ts';
import { TcpProxy } from '../../support/faults/tcp-proxy.ts';
import { less, more, type Result } from '../report.ts';
import { median, quantile } from '../statistics.ts';
import type { Group, Scale, Suite } from '../suite.ts';
import type { Command, Way } from './thread.ts';

const tell = <Value = void>(thread: string, command: Command) => askThread<Value>(thread, command);
const threads: string[] = [];

/** A thread of its own, by a new name: one that was used keeps what it had. */
async function threadOf(role: string): Promise<string> {
  const name = `${role}-${threads.length}`;
  threads.push(name);
  await startThread(new URL('./thread.ts', import.meta.url), name);
  return name;
}

interface Pair {
  readonly hall: string;
  readonly edge: string;
  readonly at: NodeAddress;
}
async function pairOf(way: Way): Promise<Pair> {
  const [hall, edge] = [await threadOf('hall'), await threadOf('edge')];
  const at = await tell<NodeAddress>(hall, { type: 'serve', way });
  if (way !== 'port') await tell(edge, { type: 'connect', way, port: at.port });
  return { hall, edge, at };
}
const open = ({ hall, edge, at }: Pair, options: Partial<OpenDataPortOptions>) =>
  tell(edge, { type: 'open', options: { to: { node: hall, ...at }, ...options } });

/** Messages a millisecond, until the last one has come, and ours is acknowledged. */
async function rateOf({ hall, edge }: Pair, way: Way, count: number, length: number) {
  const heard = tell(hall, { type: 'expect', bytes: count * length });
  const begunAt = performance.now();
  await Promise.all([tell(edge, { type: 'send', way, count, length }), heard]);
  return count / (performance.now() - begunAt);
}

interface Measured {
  readonly way: Way;
  readonly links?: number;
  readonly count: number;
}
/** The median of each, round by round in turn; the first round warms all. */
async function rates(ways: readonly Measured[], length: number, rounds: number) {
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

const smallZeromq = '64 B messages, acknowledged';
const smallEach = '64 B messages, acknowledged, against one write each';
const small: Group = {
  names: [smallZeromq, smallEach],
  measure: async (scale) => {
    const [rounds, scaled] = scale === 'full' ? [7, 1] : [1, 0.01];
    const ways: Measured[] = [
      { way: 'port', count: 1_000_000 * scaled },
      { way: 'zeromq', count: 200_000 * scaled },
      { way: 'plain', count: 200_000 * scaled },
    ];
    const [value = 0, zeromq = 0, plain = 0] = await rates(ways, 64, rounds);
    const unit = 'thousand/s';
    const [pushing, writing] = ['zeromq PUSH/PULL', 'one socket.write each'];
    return [
      more({ name: smallZeromq, unit, value, peer: pushing, peerValue: zeromq, target: 4 }),
      more({ name: smallEach, unit, value, peer: writing, peerValue: plain, target: 5 }),
    ];
  },
};

const chunk = 65_536;
const bulkNames = ['bulk over 1 path', 'bulk over 4 paths'];
const bulk: Group = {
  names: bulkNames,
  measure: async (scale) => {
    const [rounds, count] = scale === 'full' ? [7, 16_000] : [1, 160];
    const ways: Measured[] = [
      { way: 'port', links: 1, count },
      { way: 'port', links: 4, count },
      { way: 'plain', count },
    ];
    const [one = 0, four = 0, plain = 0] = await rates(ways, chunk, rounds);
    const mb = (rate: number) => (rate * chunk) / 1_000;
    const peer = 'one plain stream, the same chunks';
    return [one, four].map((rate, index) => {
      const name = bulkNames[index]!;
      const [value, peerValue] = [mb(rate), mb(plain)];
      return more({ name, unit: 'MB/s', value, peer, peerValue, target: 0.85 });
    });
  },
};

const controlName = 'control round trip under bulk, p99';
const control: Group = {
  names: [controlName],
  measure: async (scale) => {
    const [count, length] = scale === 'full' ? [2_000, 40_000] : [50, 500];
    const pair = await pairOf('port');
    await open(pair, { links: 4 });
    await tell(pair.edge, { type: 'control', count: 200 });
    const idle = await tell<number[]>(pair.edge, { type: 'control', count });
    const bulkRate = rateOf(pair, 'port', length, chunk);
    const busy = await tell<number[]>(pair.edge, { type: 'control', count: count / 4 });
    const chunkMs = 1 / (await bulkRate);
    const peerValue = chunkMs + 2 * quantile(idle, 0.99);
    const peer = 'a chunk and twice the idle p99';
    const value = quantile(busy, 0.99);
    return [less({ name: controlName, unit: 'ms', value, peer, peerValue, target: 1 })];
  },
};

/** A port over lines of this thread, which are stopped afterwards. */
async function overLines<Value>(
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

const stallName = 'stall when one of 4 paths goes silent, p99';
const stall: Group = {
  names: [stallName],
  measure: async (scale) => {
    const rounds = scale === 'full' ? 30 : 2;
    const longest = await overLines(4, {}, async (pair, lines) => {
      const found: number[] = [];
      const end = new AbortController();
      const sending = (async () => {
        while (!end.signal.aborted) {
          await tell(pair.edge, { type: 'send', way: 'port', count: 50, length: 64 });
        }
      })();
      for (let round = 0; round < rounds; round += 1) {
        const line = lines[round % 4]!;
        line.faults = { isCut: true };
        found.push(await tell<number>(pair.hall, { type: 'gaps', forMs: 500 }));
        line.faults = {};
        await tell<number>(pair.hall, { type: 'gaps', forMs: 700 });
      }
      end.abort();
      await sending;
      return found;
    });
    const value = quantile(longest, 0.99);
    const peer = 'knet on two nodes (its defaults)';
    return [less({ name: stallName, unit: 'ms', value, peer, peerValue: 1_500, target: 6 })];
  },
};

const shareName = 'paths of 30 and 10 Mbit/s, 1 and 50 ms';
const turnsName = 'the same, against paths in turn';
const mbit = 125_000;
const slowLines = [
  { rate: 30 * mbit, delayMs: 1 },
  { rate: 10 * mbit, delayMs: 50 },
];
const unequalMbit = (policy: 'drain' | 'turns', count: number) =>
  overLines(
    2,
    { policy },
    async (pair) => {
      await rateOf(pair, 'port', 40, chunk);
      return ((await rateOf(pair, 'port', count, chunk)) * chunk * 1_000) / mbit;
    },
    slowLines,
  );
const unequal: Group = {
  names: [shareName, turnsName],
  measure: async (scale) => {
    const [rounds, count] = scale === 'full' ? [3, 256] : [1, 16];
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      ours.push(await unequalMbit('drain', count));
      theirs.push(await unequalMbit('turns', count));
    }
    const [value, peerValue] = [median(ours), median(theirs)];
    const [unit, peer] = ['Mbit/s', 'the sum of both'];
    return [
      more({ name: shareName, unit, value, peer, peerValue: 40, target: 0.9 }),
      more({ name: turnsName, unit, value, peer: 'in turn', peerValue, target: 1.8 }),
    ];
  },
};

const failoverName = 'target killed to first message at its backup';
const failover: Group = {
  names: [failoverName],
  measure: async (scale) => {
    const rounds = scale === 'full' ? 20 : 2;
    const found: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const spare = await pairOf('port');
      const backups = [{ node: spare.hall, ...spare.at }];
      await overLines(2, { backups }, async (pair, lines) => {
        await tell(pair.edge, { type: 'untilBackup' });
        const begunAt = performance.now();
        // As at the end of a process: its sockets are reset, and nobody listens any more.
        for (const line of lines) line.greeting = 'refuse';
        for (const line of lines) line.reset();
        await tell(pair.edge, { type: 'untilBackup' });
        found.push(performance.now() - begunAt);
      });
    }
    const [name, unit, peer] = [failoverName, 'ms', 'the bound of 500 ms'];
    return [less({ name, unit, value: quantile(found, 0.99), peer, peerValue: 500, target: 1 })];
  },
};

const memoryName = 'memory while the target stands still';
const memory: Group = {
  names: [memoryName],
  measure: async (scale: Scale): Promise<readonly Result[]> => {
    const seconds = scale === 'full' ? 30 : 1;
    const grown = await overLines(2, {}, async (pair, lines) => {
      for (const line of lines) line.forward.faults = { rate: 1_000 };
      return tell<number>(pair.edge, { type: 'memory', seconds });
    });
    const [name, unit, peer] = [memoryName, 'MB', 'twice its window'];
    const value = Math.max(grown / 1e6, 0.1);
    return [less({ name, unit, value, peer, peerValue: 16.8, target: 1 })];
  },
};

/** The threads of a group end with it: the next one has the processors to itself. */
const alone = (group: Group): Group => ({
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

export const dataPortSuite: Suite = {
  groups: [small, bulk, control, stall, unequal, failover, memory].map((group) => alone(group)),
};
