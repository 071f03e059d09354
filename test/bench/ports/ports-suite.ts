/**
 * Source ports against the kernel's own choice. Quarantine is 0 throughout: what is measured is
 * obtaining and giving back, not waiting. Ours and the peer alternate, in one run.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { startNode } from 'interplex';
import { portBlockLogic, portLockLogic } from 'interplex/actors';
import { LeasedBlocks } from '#internal/ports/leased-blocks';
import { PoolLock } from '#internal/ports/pool-lock';
import { poolMemory, PoolWords, type PoolShape } from '#internal/ports/pool-words';
import { limits } from '#internal/limits';
import { more } from '../report.ts';
import { median } from '../statistics.ts';
import type { Group, Scale, Suite } from '../suite.ts';
import { lockGroup, threadGroup } from './contention.ts';
import { rangeGroup } from './small-range.ts';

const kernel = 'bind(0) of dgram, then close';
const [address, host] = ['127.9.0.1', '127.0.0.1'];

/** Thousands a second. */
async function bindRate(count: number): Promise<number> {
  const begunAt = performance.now();
  for (let time = 0; time < count; time += 1) {
    const socket = createSocket('udp4');
    socket.bind(0, host);
    await once(socket, 'listening');
    const closed = once(socket, 'close');
    socket.close();
    await closed;
  }
  return count / (performance.now() - begunAt);
}

const shape: PoolShape = {
  structure: 'bitmap',
  first: 1_024,
  count: 64_512,
  block: 64,
  stacks: 4,
  guests: limits.portGuestsMax,
};

/** Blocks of which such a share of all ports is taken. */
function blocksAt(share: number): LeasedBlocks {
  const pool = new PoolWords(shape, new Int32Array(poolMemory(shape)));
  pool.begin(0);
  const lock = new PoolLock({ pool, stack: 0, logic: portLockLogic });
  const blocks = new LeasedBlocks({ pool, stack: 0, lock }, portBlockLogic);
  for (let port = 0; port < Math.floor(shape.count * share); port += 1) blocks.obtain();
  return blocks;
}

function pairRate(blocks: LeasedBlocks, count: number): number {
  const begunAt = performance.now();
  for (let time = 0; time < count; time += 1) blocks.release(blocks.obtain());
  return count / (performance.now() - begunAt);
}

/** Medians of rounds that alternate; the first warms both. */
async function alternate(
  scale: Scale,
  ours: () => number | Promise<number>,
  theirs: () => number | Promise<number>,
): Promise<{ value: number; peerValue: number }> {
  const rounds = scale === 'full' ? 9 : 1;
  const values: number[] = [];
  const peers: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const [value, peer] = [await ours(), await theirs()];
    if (round === 0) continue;
    values.push(value);
    peers.push(peer);
  }
  return { value: median(values), peerValue: median(peers) };
}

const blockName = 'obtain and return inside blocks, one thread, 50 % taken';
const fullName = 'the same at 99.9 %';
const blockGroup: Group = {
  names: [blockName, fullName],
  measure: async (scale) => {
    const [pairs, binds] = scale === 'full' ? [3_000_000, 3_000] : [10_000, 20];
    const [empty, half, full] = [blocksAt(0), blocksAt(0.5), blocksAt(0.999)];
    const first = await alternate(
      scale,
      () => pairRate(half, pairs),
      () => bindRate(binds),
    );
    const second = await alternate(
      scale,
      () => pairRate(full, pairs),
      () => pairRate(empty, pairs),
    );
    const unit = 'thousand/s';
    return [
      more({ name: blockName, unit, ...first, peer: kernel, target: 500 }),
      more({ name: fullName, unit, ...second, peer: 'itself at 0 %', target: 0.33 }),
    ];
  },
};

async function withNode<Value>(
  measure: (node: Awaited<ReturnType<typeof startNode>>) => Promise<Value>,
) {
  const sharedPorts = { first: 10_240, last: 32_767, restMs: 0 };
  const vipas = { out: { kind: 'range', subnet: '127.9.0.0/24', sharedPorts } } as const;
  const log = { level: 'silent' } as const;
  const node = await startNode({ id: 'a', applications: {}, vipas, log });
  try {
    return await measure(node);
  } finally {
    await node.stop();
  }
}

const leaseName = 'node.ports.lease() and return, the whole API';
const leaseGroup: Group = {
  names: [leaseName],
  measure: (scale) =>
    withNode(async ({ ports }) => {
      const [leases, binds] = scale === 'full' ? [300_000, 3_000] : [1_000, 20];
      const leaseRate = async () => {
        const begunAt = performance.now();
        for (let time = 0; time < leases; time += 1) {
          const lease = await ports.lease({ localAddress: address });
          lease.release({ wasUsed: false });
        }
        return leases / (performance.now() - begunAt);
      };
      const figures = await alternate(scale, leaseRate, () => bindRate(binds));
      return [more({ name: leaseName, unit: 'thousand/s', ...figures, peer: kernel, target: 20 })];
    }),
};

const connectName = 'a whole connect with a leased port';
const connectGroup: Group = {
  names: [connectName],
  measure: (scale) =>
    withNode(async ({ ports }) => {
      const server = createServer((socket) => socket.on('error', () => socket.destroy()).resume());
      await once(server.listen(0, host), 'listening');
      const { port } = server.address() as AddressInfo;
      const count = scale === 'full' ? 1_000 : 10;
      const rateOf = async (open: () => Promise<Socket>) => {
        const begunAt = performance.now();
        for (let time = 0; time < count; time += 1) {
          const socket = await open();
          const closed = once(socket, 'close');
          socket.resetAndDestroy(); // No TIME_WAIT, for neither of them.
          await closed;
        }
        return count / (performance.now() - begunAt);
      };
      const plain = async () => {
        const socket = connect({ host, port, localAddress: address });
        await once(socket, 'connect');
        return socket;
      };
      const leased = () => ports.connect({ host, port, localAddress: address });
      const figures = await alternate(
        scale,
        () => rateOf(leased),
        () => rateOf(plain),
      );
      server.close();
      const peer = 'net.connect with localAddress';
      return [more({ name: connectName, unit: 'thousand/s', ...figures, peer, target: 0.98 })];
    }),
};

export const portsSuite: Suite = {
  groups: [blockGroup, leaseGroup, threadGroup, connectGroup, rangeGroup, lockGroup],
};
