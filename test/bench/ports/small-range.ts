/**
 * Connections to one destination from a small range of which half is taken, in a network namespace
 * of its own, so that the kernel chooses from the same range: it takes even ports first, and then
 * searches all of them before an odd one (Linux since 4.2).
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { less, type Result } from '../report.ts';
import type { Group } from '../suite.ts';

const halfName = 'connect to one destination with half of a small range taken, p50';
const fullName = 'the same with 99 % taken, p50';

interface Times {
  readonly ours: number;
  readonly theirs: number;
}
export interface RangeTimes {
  readonly half: Times;
  readonly full: Times;
}

export const rangeGroup: Group = {
  names: [halfName, fullName],
  measure: async (scale) => {
    const script = fileURLToPath(new URL('./small-range-process.ts', import.meta.url));
    const node = [process.execPath, '--import', 'tsx', script, scale].join(' ');
    const range = scale === 'full' ? '20000 27999' : '20000 21023';
    const setUp = `ip link set lo up && echo ${range} > /proc/sys/net/ipv4/ip_local_port_range`;
    const text = execFileSync('unshare', ['-n', 'sh', '-c', `${setUp} && exec ${node}`], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const { half, full } = JSON.parse(text) as RangeTimes;
    return [resultOf(halfName, half), resultOf(fullName, full)];
  },
};

const resultOf = (name: string, { ours: value, theirs: peerValue }: Times): Result =>
  less({ name, unit: 'µs', value, peer: 'net.connect, the kernel chooses', peerValue, target: 1 });
