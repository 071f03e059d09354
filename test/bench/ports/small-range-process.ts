/** Run in a network namespace: connects from one range, by the kernel's choice and by ours. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { startNode } from 'interplex';
import { median } from '../statistics.ts';
import type { RangeTimes } from './small-range.ts';

const [first = 0, last = 0] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
  .trim()
  .split(/\s+/)
  .map(Number);
const host = '127.0.0.1';
const ourAddress = '127.9.0.1';
const times = process.argv[2] === 'full' ? 300 : 10;

const sharedPorts = { first, last, restMs: 0, portBlock: 16 };
const vipas = { out: { kind: 'range', subnet: '127.9.0.0/24', sharedPorts } } as const;
const log = { level: 'silent' } as const;
const node = await startNode({ id: 'a', applications: {}, vipas, log });
const server = createServer((socket) => socket.on('error', () => socket.destroy()).resume());
await once(server.listen({ host, port: 9_000, backlog: 4_096 }), 'listening');
const { port } = server.address() as AddressInfo;

async function connectPlainly(): Promise<Socket> {
  const socket = connect({ host, port, family: 4 });
  await once(socket, 'connect');
  return socket;
}
const connectOurs = () => node.ports.connect({ host, port, localAddress: ourAddress });

async function timeOf(open: () => Promise<Socket>): Promise<number> {
  const begunAt = performance.now();
  const socket = await open();
  const us = (performance.now() - begunAt) * 1_000;
  const closed = once(socket, 'close');
  socket.resetAndDestroy();
  await closed;
  return us;
}

/** The median with such a share of the range taken. */
async function measure(open: () => Promise<Socket>, share: number): Promise<number> {
  const held: Socket[] = [];
  while (held.length < Math.floor((last - first + 1) * share)) {
    const socket = await open();
    held.push(socket.on('error', () => socket.destroy()));
  }
  const found: number[] = [];
  for (let time = 0; time < times; time += 1) found.push(await timeOf(open));
  for (const socket of held) socket.resetAndDestroy();
  await Promise.all(held.map((socket) => once(socket, 'close')));
  return median(found);
}

/** One after the other: the kernel passes over ports that are bound at any address. */
const timesAt = async (share: number) => ({
  ours: await measure(connectOurs, share),
  theirs: await measure(connectPlainly, share),
});

const half = await timesAt(0.5);
const full = await timesAt(0.99);
const found: RangeTimes = { half, full };
process.stdout.write(JSON.stringify(found), () => process.exit(0));
