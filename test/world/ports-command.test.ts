/**
 * Goal: SP-2: whoever runs a cluster sees who holds which source ports, from a command beside it.
 * Method: a cluster whose nodes have some, and the command in a process of its own.
 */
import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { startCluster, startNode } from 'interplex';
import { expect, onTestFinished, test } from 'vitest';
import type { EgressCommand } from '../support/applications/egress.ts';
import { askThread } from '../support/thread-call.ts';

const run = promisify(execFile);
const command = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
const ports = async (...args: string[]) =>
  (await run(process.execPath, [command, 'ports', ...args])).stdout;

test('SP-2 interplex ports shows each pool, and who holds what of it', async () => {
  const sharedPorts = { first: 22_000, last: 22_255, restMs: 60_000 };
  const cluster = await startCluster({
    applications: { egress: new URL('../support/applications/egress.ts', import.meta.url) },
    nodes: { one: { actors: ['egress'] } },
    vipas: { out: { kind: 'range', subnet: '127.9.1.0/24', sharedPorts } },
    log: { level: 'silent' },
  });
  onTestFinished(() => cluster.stop());
  const server = createServer((socket) => socket.on('error', () => socket.destroy()).resume());
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const open: EgressCommand = { do: 'open', localAddress: '127.9.1.1', port, count: 5 };
  await askThread('one', open);
  const { clusters } = JSON.parse(await ports('--json')) as { clusters: { pid: number }[] };
  const ours = clusters.find(({ pid }) => pid === process.pid);
  expect(ours).toMatchObject({
    pools: [{ vipa: 'out', address: '127.9.1.1', protocol: 'tcp', free: 192, reclaimed: 0 }],
  });
  expect(await ports()).toContain(
    `tcp 127.9.1.1 (out, process ${process.pid}): bitmap 22000-22255, 192 free`,
  );
  expect(await ports()).toMatch(/one: 64 leased, 5 in use, 0 at rest, 0 foreign, 0 conflicts/);
  expect(ours).toMatchObject({
    destinations: [
      { stack: 'one', address: '127.9.1.1', destination: `127.0.0.1:${port}`, count: 5 },
    ],
  });
  expect(ours).toMatchObject({ destinations: await cluster.portDestinations() });
  expect(await ports()).toContain(`    5 to 127.0.0.1:${port}\n`);
  expect(await ports()).toMatch(new RegExp(`  process ${process.pid}: \\d+ leased, coordinates`));
  await askThread('one', { do: 'close' } satisfies EgressCommand);
  await cluster.stop();
  expect(await ports('--json')).not.toContain('127.9.1.1');
});

test('SP-2 it shows a node of a program of its own, too', async () => {
  const sharedPorts = { first: 22_000, last: 22_255 };
  const vipas = { out: { kind: 'range', subnet: '127.9.2.0/24', sharedPorts } } as const;
  const node = await startNode({ id: 'lone', applications: {}, vipas, log: { level: 'silent' } });
  onTestFinished(() => node.stop());
  const server = createServer((socket) => socket.on('error', () => socket.destroy()).resume());
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const to = { host: '127.0.0.1', port };
  const socket = await node.ports.connect({ ...to, localAddress: '127.9.2.1' });
  expect(await ports()).toContain(
    '  lone: 64 leased, 1 in use, 0 at rest, 0 foreign, 0 conflicts\n' +
      `    1 to 127.0.0.1:${port}\n`,
  );
  socket.destroy();
  await node.stop();
  expect(await ports('--json')).not.toContain('127.9.2.1');
});

test('SP-2 AF-9 who stands still is named, not left out', async () => {
  const sharedPorts = { first: 22_000, last: 22_255 };
  const vipas = { out: { kind: 'range', subnet: '127.9.3.0/24', sharedPorts } } as const;
  const node = await startNode({ id: 'lone', applications: {}, vipas, log: { level: 'silent' } });
  onTestFinished(() => node.stop());
  const asked = spawnSync(process.execPath, [command, 'ports', '--json'], { encoding: 'utf8' });
  expect(asked.stderr).toContain(`Process ${process.pid} stands still, and is not shown`);
  expect((JSON.parse(asked.stdout) as { silent: number[] }).silent).toContain(process.pid);
});
