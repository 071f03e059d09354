/**
 * Source ports shared by many: four nodes open thousands of connections from one address to one
 * destination, and one is killed meanwhile. No two clash, and all of its ports come back.
 * Run: npx tsx examples/09-egress.ts
 */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';
import { startCluster, type ApplicationNode } from 'interplex';

const [address, each] = ['127.9.0.1', 1_500];

/** Called in each node. Its sockets stay open until the other side closes them. */
export async function actors({ id, ports }: ApplicationNode): Promise<void> {
  const port = Number(new URL(import.meta.url).searchParams.get('port'));
  for (let opened = 0; opened < each; opened += 1) {
    const socket = await ports.connect({ host: '127.0.0.1', port, localAddress: address });
    socket.resume();
    socket.on('error', (error) => console.log(`${id}: ${error.message}`));
  }
}

if (isMainThread) {
  const open = new Map<number, Socket>();
  let clashes = 0;
  const server = createServer((socket) => {
    const port = socket.remotePort ?? 0;
    if (open.has(port)) clashes += 1;
    open.set(port, socket.on('close', () => open.delete(port)).resume());
    socket.on('error', (error) => console.log(error.message));
  });
  await once(server.listen(0, '127.0.0.1', 4_096), 'listening');
  const egress = new URL(`?port=${(server.address() as AddressInfo).port}`, import.meta.url);
  const running = { actors: ['egress'] };
  const cluster = await startCluster({
    applications: { egress },
    nodes: { a: running, b: running, c: running, d: running },
    vipas: { out: { kind: 'range', subnet: '127.9.0.0/24', sharedPorts: { restMs: 1_000 } } },
  });
  const pool = () => cluster.ports().find(({ protocol }) => protocol === 'tcp');
  const total = (pool()?.last ?? 0) - (pool()?.first ?? 0) + 1;
  const inUse = () => {
    const { reclaimed = 0, holdings = [] } = pool() ?? {};
    return holdings.reduce((sum, { used, resting }) => sum + used + resting, reclaimed);
  };
  while (open.size < 4 * each) await pause(10); // Connected, they are still to be accepted.
  console.log(`${open.size} connections from ${address}, ${clashes} clashes`);
  await cluster.kill('b');
  console.log(`b was killed: ${open.size} are left, ${pool()?.reclaimed} ports of its blocks rest`);
  for (const socket of open.values()) socket.destroy();
  while (inUse() > 0) await pause(100);
  console.log(`none of ${total} ports is in use or rests any more`);
  await cluster.stop();
  server.close();
}
