/**
 * Goal: SP-1, SP-6, SP-8, SP-9, AF-9: every protocol and family has ports of its own; what cannot
 * be had is refused with its code and what to do, whoever asks: a lease, a binding or an agent.
 * Method: real sockets over loopback of both families, and options that are wrong in each way.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createSocket } from 'node:dgram';
import * as http from 'node:http';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { startCluster, startNode, type Node, type SharedPortsSettings } from 'interplex';
import { expect, onTestFinished, test } from 'vitest';
import type { EgressCommand } from '../support/applications/egress.ts';
import { matching } from '../support/matching.ts';
import { askThread } from '../support/thread-call.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const pool = { first: 24_000, last: 24_063, restMs: 0, portBlock: 16 };
const refused = (code: string, sentence: RegExp) =>
  expect.objectContaining({ code, message: matching(sentence) }) as Error;

async function nodeAt(subnet: string, sharedPorts: SharedPortsSettings = pool): Promise<Node> {
  const vipas = { out: { kind: 'range', subnet, sharedPorts } } as const;
  const node = await startNode({ id: 'a', applications: {}, vipas, log: { level: 'silent' } });
  onTestFinished(() => node.stop());
  return node;
}

async function listening(server: Server, host: string): Promise<number> {
  onTestFinished(() => void server.close());
  await once(server.listen(0, host), 'listening');
  return (server.address() as AddressInfo).port;
}
const sink = () => createServer((socket) => socket.on('error', () => socket.destroy()).resume());

test('SP-1 SP-9 IPv6 addresses share ports, by whichever way they are written', async () => {
  const port = await listening(sink(), '::1');
  const { ports } = await nodeAt('::1/128');
  const options = { host: '::1', port, localAddress: '0:0:0:0:0:0:0:1' };
  const socket = await ports.connect(options);
  expect([socket.localAddress, socket.remoteFamily]).toEqual(['::1', 'IPv6']);
  expect([...ports.destinations().keys()]).toEqual([`[::1]:${port}`]);
  const again = ports.bind({ address: '::1', port: socket.localPort! });
  await expect(again).rejects.toEqual(refused('IPX_PORT_TAKEN', /is node "a"'s/));
  const server = http.createServer((_, response) => void response.end());
  const web = await listening(server, '::1');
  const agent = new http.Agent({ ...ports.agentOptions({ localAddress: '::1' }), keepAlive: true });
  onTestFinished(() => agent.destroy());
  const [response] = (await once(http.get({ host: '::1', port: web, agent }), 'response')) as [
    http.IncomingMessage,
  ];
  expect(response.statusCode).toBe(200);
  expect(response.socket.localPort).toBeGreaterThanOrEqual(pool.first);
  response.resume();
  socket.destroy();
});

test('SP-1 UDP has ports of its own, and the kernel takes what is leased', async () => {
  const { ports } = await nodeAt('127.9.4.0/24', { ...pool, last: pool.first + 15 });
  const localAddress = '127.9.4.1';
  const all = async (protocol: 'tcp' | 'udp') => {
    const got = [];
    for (let index = 0; index < 16; index += 1) {
      got.push(await ports.lease({ localAddress, protocol }));
    }
    return got;
  };
  const [streams, datagrams] = [await all('tcp'), await all('udp')];
  const numbers = (leases: typeof streams) => new Set(leases.map(({ port }) => port));
  expect(numbers(streams)).toEqual(numbers(datagrams));
  const none = ports.lease({ localAddress, protocol: 'udp' });
  await expect(none).rejects.toEqual(refused('IPX_PORTS_EXHAUSTED', /No udp port/));
  const socket = createSocket('udp4');
  onTestFinished(() => void socket.close());
  socket.bind(datagrams[0]!.port, localAddress);
  await once(socket, 'listening');
});

test('SP-8 AF-9 a pool of nothing, or of what are no ports, is refused at the start', async () => {
  const wrong: readonly [SharedPortsSettings, string, RegExp][] = [
    [{ first: 24_000, last: 23_999 }, 'IPX_OPTION_INVALID', /no whole block of 64: widen/],
    [{ first: 24_000, last: 24_010 }, 'IPX_OPTION_INVALID', /no whole block of 64: widen/],
    [{ first: 0 }, 'IPX_OPTION_INVALID', /0 is no port/],
    [{ last: 65_536 }, 'IPX_OPTION_INVALID', /65536 is no port/],
    [{ portBlock: 24 }, 'IPX_OPTION_INVALID', /power of two/],
    [{ restMs: -1 }, 'IPX_OPTION_INVALID', /restMs/],
  ];
  for (const [sharedPorts, code, sentence] of wrong) {
    const starting = nodeAt('127.9.5.0/24', sharedPorts);
    await expect(starting).rejects.toEqual(refused(code, sentence));
  }
});

test('SP-9 AF-9 an agent’s error is its socket’s, and its port is free again', async () => {
  const localAddress = '127.9.6.1';
  const { ports } = await nodeAt('127.9.6.0/24', { ...pool, last: pool.first + 15 });
  const agent = new http.Agent(ports.agentOptions({ localAddress }));
  const server = sink();
  const port = await listening(server, '127.0.0.1');
  server.close();
  await once(server, 'close');
  for (let time = 0; time < 40; time += 1) {
    const asked = http.get({ host: '127.0.0.1', port, agent });
    const [error] = (await once(asked, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
    await until('its port is back', () => ports.destinations().size === 0);
  }
  const leases = [];
  for (let index = 0; index < 16; index += 1) leases.push(await ports.lease({ localAddress }));
  expect(new Set(leases.map((lease) => lease.port)).size).toBe(16);
});

test('SP-9 a socket that is destroyed before it has a port takes none', async () => {
  const localAddress = '127.9.8.1';
  const port = await listening(sink(), '127.0.0.1');
  const { ports } = await nodeAt('127.9.8.0/24', { ...pool, last: pool.first + 15 });
  const options = ports.agentOptions({ localAddress });
  for (let time = 0; time < 40; time += 1) {
    const socket = connect({ host: '127.0.0.1', port, ...options }); // The first must wait for one.
    socket.on('error', () => socket.destroy());
    socket.destroy();
    await once(socket, 'close');
  }
  await until('none is in use', () => ports.destinations().size === 0);
  const leases = [];
  for (let index = 0; index < 16; index += 1) leases.push(await ports.lease({ localAddress }));
  expect(new Set(leases.map((lease) => lease.port)).size).toBe(16);
});

test('SP-9 what is written to a socket that waits for its port arrives', async () => {
  const server = createServer((socket) => socket.on('error', () => {}).pipe(socket));
  const port = await listening(server, '127.0.0.1');
  const { ports } = await nodeAt('127.9.9.0/24');
  const options = ports.agentOptions({ localAddress: '127.9.9.1' });
  const socket = connect({ host: '127.0.0.1', port, ...options }).setEncoding('utf8');
  socket.write('hello');
  const [echoed] = (await once(socket, 'data')) as [string];
  expect(echoed).toBe('hello');
  expect(socket.localAddress).toBe('127.9.9.1');
  socket.destroy();
});

test('SP-8 a range switched on later: its live connections keep their ports', async () => {
  const egress = new URL('../support/applications/egress.ts', import.meta.url);
  const from = '127.9.10.3';
  const cluster = await startCluster({
    applications: { egress },
    nodes: { a: { actors: ['egress'] }, b: { actors: ['egress'] } },
    vipas: { out: { kind: 'range', subnet: '127.9.10.0/24' } },
    log: { level: 'silent' },
  });
  onTestFinished(() => cluster.stop());
  const [one, other] = [await listening(sink(), '127.0.0.1'), await listening(sink(), '127.0.0.1')];
  const tell = <Value>(node: string, command: EgressCommand) => askThread<Value>(node, command);
  const plain = { do: 'plain', localAddress: from, port: one, localPort: pool.first } as const;
  await tell('a', plain);
  await tell('b', { ...plain, port: other }); // The kernel lets it: it goes elsewhere.
  await tell('b', { ...plain, localPort: pool.first + 1 });
  const early = tell('a', { do: 'open', localAddress: from, port: one, count: 1 });
  await expect(early).rejects.toThrow(/set sharedPorts/);
  const conflicts = await cluster.sharePorts('out', pool);
  expect(conflicts).toMatchObject([{ address: from, port: pool.first }]);
  const open = { do: 'open', localAddress: from, port: one, count: 30 } as const;
  const got = await tell<number[]>('a', open);
  expect(new Set(got).size).toBe(30);
  expect(got).not.toContain(pool.first);
  expect(got).not.toContain(pool.first + 1);
  for (const node of ['a', 'b']) await tell(node, { do: 'close' });
});

test('SP-8 AF-9 a sharing that was refused can be asked for again, until the end', async () => {
  const address = '127.9.12.1';
  const other = await nodeAt(`${address}/32`);
  (await other.ports.lease({ localAddress: address })).release();
  const cluster = await startCluster({
    applications: { lobby: new URL('../support/applications/steered.ts', import.meta.url) },
    nodes: { b: {} },
    vipas: { out: { address, port: 0, routing: 'lobby', owner: 'b' } },
    log: { level: 'silent' },
  });
  onTestFinished(() => cluster.stop());
  const share = () => cluster.sharePorts('out', { ...pool, portBlock: 32 });
  const otherwise = refused('IPX_OPTION_INVALID', /say the same, or end it/);
  await expect(share()).rejects.toEqual(otherwise);
  await expect(share()).rejects.toEqual(otherwise);
  await other.stop();
  expect(await share()).toEqual([]);
  expect(cluster.ports()).toMatchObject([{ free: 64 }, { free: 64 }]);
  await cluster.stop();
  await expect(share()).rejects.toEqual(refused('IPX_CLUSTER_STOPPED', /start another/));
});

/** As another user, where this process may become one: root has every privilege. */
const unprivileged = `
process.setuid?.(65534);
const { startNode } = await import(process.argv.at(-1));
const refusalOf = (sharedPorts) => {
  const vipas = { out: { kind: 'range', subnet: '127.9.11.0/24', sharedPorts } };
  return startNode({ id: 'a', applications: {}, vipas, log: { level: 'silent' } }).then(
    (node) => node.stop(),
    ({ code, message }) => code + ' ' + message,
  );
};
process.stdout.write(String(await refusalOf({ first: 80, last: 1_200 })));
`;

test.runIf(process.getuid?.() === 0)('SP-6 AF-9 ports below 1024 need a privilege', async () => {
  const interplex = pathToFileURL(createRequire(import.meta.url).resolve('interplex')).href;
  const args = ['--input-type=module', '-e', unprivileged, interplex];
  const { stdout } = await run(process.execPath, args);
  expect(stdout).toMatch(
    /^IPX_PORT_PRIVILEGED .*below 1024 need CAP_NET_BIND_SERVICE: begin there/,
  );
});
