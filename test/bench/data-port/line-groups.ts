/** Data ports over lines that fail: proxies in this thread. */
import { setTimeout as pause } from 'node:timers/promises';
import type { TcpProxy } from '../../support/faults/tcp-proxy.ts';
import { less, more } from '../report.ts';
import { median, quantile } from '../statistics.ts';
import type { Group } from '../suite.ts';
import { chunk, overLines, pairOf, rateOf, tell, type Pair } from './pairs.ts';

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

const onceName = 'messages once and in order, while paths fail';
/** One path after the other: reset, silent, or with wrong bits. */
async function disturb(line: TcpProxy, round: number): Promise<void> {
  if (round % 3 === 0) line.reset();
  else line.faults = round % 3 === 1 ? { isCut: true } : { corrupt: 0.05 };
  await pause(round % 3 === 0 ? 50 : 400);
  line.faults = {};
  await pause(50);
}
const once: Group = {
  names: [onceName],
  measure: async (scale) => {
    const rounds = scale === 'full' ? 90 : 3;
    const value = await overLines(4, {}, async ({ hall, edge }: Pair, lines) => {
      const end = new AbortController();
      let sent = 0;
      const sending = (async () => {
        while (!end.signal.aborted) {
          await tell(edge, { type: 'sendNumbers', from: sent, count: 500 });
          sent += 500;
        }
      })();
      for (let round = 0; round < rounds; round += 1) await disturb(lines[round % 4]!, round);
      end.abort();
      await sending;
      const { right, wrong } = await tell<{ right: number; wrong: number }>(hall, {
        type: 'numbers',
      });
      return (100 * (right - wrong)) / sent;
    });
    const [name, unit, peer] = [onceName, '%', 'all of them; lb-tcp loses the session'];
    return [more({ name, unit, value, peer, peerValue: 100, target: 1 })];
  },
};

export const lineGroups: readonly Group[] = [stall, unequal, failover, once];
