/**
 * Goal: SP-8, AF-9: a pool that the kernel may give out by itself is warned of, with the setting to
 * make; one that it cannot, is not.
 * Method: pools around the range that this system has.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { overlapOf } from '#internal/cluster/port-settings';
import { sharedPools, type SharedPool } from '#internal/ports/shared-pool';

const path = '/proc/sys/net/ipv4/ip_local_port_range';
const [from = 0, to = 0] = readFileSync(path, 'utf8').split(/\s+/).map(Number);

function poolAt(first: number, count: number): SharedPool {
  const shape = { structure: 'bitmap', first, count, block: 16, stacks: 1, guests: 0 } as const;
  const settings = { vipa: 'out', address: '127.0.0.9', isRange: false, restMs: 0 };
  return sharedPools({ ...settings, shape })[0]!;
}

test('SP-8 AF-9 a pool within the kernel’s own range is warned of, with the sysctl to set', () => {
  expect(overlapOf(poolAt(from, 64))).toContain(
    `the kernel gives out ports ${from} to ${to} by itself, ${from} to ${from + 63} of the pool ` +
      `too: set sysctl net.ipv4.ip_local_reserved_ports=${from}-${from + 63}`,
  );
  expect(overlapOf(poolAt(from - 32, 64))).toContain(
    `ip_local_reserved_ports=${from}-${from + 31}`,
  );
});

test('SP-8 a pool beside it is not', () => {
  expect(overlapOf(poolAt(from - 64, 64))).toBeUndefined();
});
