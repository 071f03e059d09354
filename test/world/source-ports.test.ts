/**
 * Goal: SP-1, SP-4, SP-5, SP-6, SP-8, SP-9: nodes that connect from one address never take each
 * other's ports, whatever opens the connection, and the ports of a node that dies come back.
 * Method: real connections to real servers on loopback, from one node, and from four in threads.
 */
import { once } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { startCluster, startNode, type Node, type SharedPortsSettings } from 'interplex';
import { Agent, request } from 'undici';
import { expect, onTestFinished, test } from 'vitest';
import type { EgressCommand } from '../support/applications/egress.ts';
import { matching } from '../support/matching.ts';
import { askThread } from '../support/thread-call.ts';
import { until } from '../support/until.ts';

const [address, host] = ['127.9.0.1', '127.0.0.1'];
const first = 21_000;
const pool = { first, last: first + 255, restMs: 0, portBlock: 16 };
const range = { kind: 'range', subnet: '127.9.0.0/24' } as const;

async function listening<Listener extends Server>(server: Listener): Promise<number> {
  onTestFinished(() => void server.close());
  await once(server.listen(0, host), 'listening');
  return (server.address() as AddressInfo).port;
}

/** Answers each request with the port that it came from. */
const tellPort: http.RequestListener = ({ socket }, response) =>
  void response.end(`${socket.remotePort}`);
/** What fails is an error that says as much. */
const refused = (code: string, sentence: RegExp) =>
  expect.objectContaining({ code, message: matching(sentence) }) as Error;

async function nodeWith(sharedPorts: SharedPortsSettings): Promise<Node> {
  const vipas = { out: { ...range, sharedPorts } };
  const node = await startNode({ id: 'a', applications: {}, vipas, log: { level: 'silent' } });
  onTestFinished(() => node.stop());
  return node;
}

const isInPool = (port: unknown) => Number(port) >= pool.first && Number(port) <= pool.last;

test('SP-9 a connection has a port of the pool, and gives it back at its close', async () => {
  const port = await listening(createServer((socket) => socket.on('error', () => {}).resume()));
  const { ports } = await nodeWith(pool);
  const sockets: Socket[] = [];
  for (let index = 0; index < 256; index += 1) {
    sockets.push(await ports.connect({ host, port, localAddress: address }));
  }
  expect(new Set(sockets.map(({ localPort }) => localPort)).size).toBe(256);
  expect(sockets.every(({ localPort }) => isInPool(localPort))).toBe(true);
  expect(sockets[0]?.localAddress).toBe(address);
  expect([...ports.destinations()]).toEqual([[`${host}:${port}`, 256]]);
  const options = { host, port, localAddress: address };
  await expect(ports.connect(options)).rejects.toEqual(
    refused('IPX_PORTS_EXHAUSTED', /a holds 256/),
  );
  const last = sockets.pop()!;
  const { localPort } = last;
  last.resetAndDestroy(); // Else the kernel would keep it to itself for a second.
  await once(last, 'close');
  sockets.push(await ports.connect(options));
  expect(sockets.at(-1)?.localPort).toBe(localPort);
  for (const socket of sockets) socket.destroy();
});

const psk = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
const suite = { ciphers: 'PSK', minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;

/** The port that the server saw. */
async function portBy(options: http.RequestOptions, get: typeof http.get): Promise<number> {
  const asked = get({ host, ...options });
  const [response] = (await once(asked, 'response')) as [http.IncomingMessage];
  response.setEncoding('utf8');
  return Number((await response.toArray()).join(''));
}

test('SP-9 agents of http and https, net and undici: to each socket its port', async () => {
  const { ports } = await nodeWith(pool);
  const leased = ports.agentOptions({ localAddress: address });
  const plain = await listening(http.createServer(tellPort));
  const keyed = { ...suite, pskCallback: () => psk };
  const secure = await listening(https.createServer(keyed, tellPort));
  const client = { ...suite, pskCallback: () => ({ psk, identity: 'test' }) };
  const agent = new http.Agent({ ...leased, keepAlive: true });
  const secureAgent = new https.Agent({
    ...leased,
    ...client,
    checkServerIdentity: () => undefined,
  });
  const dispatcher = new Agent({ connect: leased });
  onTestFinished(async () => {
    agent.destroy();
    await dispatcher.close();
  });
  const seen = await Promise.all([
    portBy({ port: plain, agent }, http.get),
    portBy({ port: plain, agent }, http.get),
    portBy({ port: secure, agent: secureAgent }, https.get),
    request(`http://${host}:${plain}`, { dispatcher }).then(({ body }) => body.text()),
  ]);
  const numbers = seen.map(Number);
  expect(numbers.every(isInPool)).toBe(true);
  expect(new Set(numbers).size).toBe(4);
  await until('a connection is kept', () => Object.keys(agent.freeSockets).length > 0);
  const kept = await portBy({ port: plain, agent }, http.get);
  expect(numbers).toContain(kept); // A kept connection keeps its port.
  const socket = connect({ host, port: plain, ...leased });
  await once(socket, 'connect');
  expect(isInPool(socket.localPort)).toBe(true);
  socket.destroy();
  await once(socket, 'close');
  const others = connect({ host, port: plain });
  await once(others, 'connect');
  expect(isInPool(others.localPort)).toBe(false); // Without the option all is as ever.
  others.destroy();
});

test('SP-9 an agent whose ports are used up fails its request, and says so', async () => {
  const { ports } = await nodeWith({ ...pool, last: first + 15 });
  const port = await listening(http.createServer(tellPort));
  const leases = [];
  for (let index = 0; index < 16; index += 1) {
    leases.push(await ports.lease({ localAddress: address }));
  }
  const agent = new http.Agent(ports.agentOptions({ localAddress: address }));
  const asking = portBy({ port, agent }, http.get);
  await expect(asking).rejects.toEqual(refused('IPX_PORTS_EXHAUSTED', /a holds 16, 16 in use/));
  leases[3]!.release();
  expect(await portBy({ port, agent }, http.get)).toBe(leases[3]!.port);
});

test('SP-4 a lease is given back once', async () => {
  const { ports } = await nodeWith(pool);
  const lease = await ports.lease({ localAddress: address, protocol: 'udp' });
  expect({ address: lease.address, protocol: lease.protocol }).toEqual({
    address,
    protocol: 'udp',
  });
  lease.release({ wasUsed: false });
  expect(() => lease.release()).toThrow(refused('IPX_PORT_RETURNED', /was given back already/));
});

test('SP-6 AF-9 what cannot be bound is refused, with what to do', async () => {
  const { ports } = await nodeWith({ ...pool, first: 80, portBlock: 1 });
  const lease = await ports.bind({ address, port: first });
  const again = ports.bind({ address, port: first });
  await expect(again).rejects.toEqual(refused('IPX_PORT_TAKEN', /is node "a"'s/));
  lease.release();
  expect((await ports.bind({ address, port: first })).port).toBe(first);
  const wrong = [
    [{ address, port: 0 }, 'IPX_PORT_INVALID', /0 is no port/],
    [{ address, port: 65_536 }, 'IPX_PORT_INVALID', /1 to 65535/],
    [{ address, port: 79 }, 'IPX_PORT_OUTSIDE', /from 80 to/],
    [{ address: '127.8.0.1', port: first }, 'IPX_PORTS_UNSHARED', /set sharedPorts/],
    [{ address: 'here', port: first }, 'IPX_OPTION_INVALID', /no IPv4 or IPv6 address/],
  ] as const;
  for (const [options, code, sentence] of wrong) {
    await expect(ports.bind(options)).rejects.toEqual(refused(code, sentence));
  }
  const protocol = 'sctp' as 'tcp';
  const lost = ports.lease({ localAddress: address, protocol });
  await expect(lost).rejects.toEqual(refused('IPX_OPTION_INVALID', /tcp or udp/));
});

test('SP-6 AF-9 an address that is not of this host is refused', async () => {
  const vipas = { out: { kind: 'range', subnet: '203.0.113.0/24', sharedPorts: pool } } as const;
  const node = await startNode({ id: 'a', applications: {}, vipas, log: { level: 'silent' } });
  onTestFinished(() => node.stop());
  const [elsewhere, port] = ['203.0.113.7', await listening(createServer())];
  const notLocal = refused('IPX_ADDRESS_UNUSABLE', /no address of this host/);
  const bound = node.ports.bind({ address: elsewhere, port: first });
  await expect(bound).rejects.toEqual(notLocal);
  const connecting = node.ports.connect({ host, port, localAddress: elsewhere });
  await expect(connecting).rejects.toEqual(notLocal);
});

test('SP-1 a port that another program has is passed over, and counted', async () => {
  const { ports } = await nodeWith({ ...pool, last: first + 15 });
  const port = await listening(createServer((socket) => socket.resume()));
  const others: Server[] = [];
  for (let taken = first; taken < first + 4; taken += 1) {
    const other = createServer().listen(taken, address);
    await once(other, 'listening');
    others.push(other);
  }
  onTestFinished(() => others.forEach((other) => void other.close()));
  const got: (number | undefined)[] = [];
  for (let index = 0; index < 12; index += 1) {
    const socket = await ports.connect({ host, port, localAddress: address });
    got.push(socket.localPort);
    onTestFinished(() => void socket.destroy());
  }
  expect(Math.min(...got.map(Number))).toBe(first + 4);
});

const nodes = ['a', 'b', 'c', 'd'];
const tell = <Value>(node: string, command: EgressCommand) => askThread<Value>(node, command);

test('SP-1 SP-5 SP-8 four nodes, one killed: none clashes, and its ports come back', async () => {
  const egress = new URL('../support/applications/egress.ts', import.meta.url);
  const cluster = await startCluster({
    applications: { egress },
    nodes: Object.fromEntries(nodes.map((node) => [node, { actors: ['egress'] }])),
    vipas: { out: { ...range, sharedPorts: { ...pool, last: first + 639 } } },
    log: { level: 'silent' },
  });
  onTestFinished(() => cluster.stop());
  const open = new Set<number | undefined>();
  let clashes = 0;
  const port = await listening(
    createServer((socket) => {
      if (open.has(socket.remotePort)) clashes += 1;
      open.add(socket.remotePort);
      socket.on('close', () => open.delete(socket.remotePort)).on('error', () => socket.destroy());
      socket.resume();
    }),
  );
  const command = { do: 'open', localAddress: address, port, count: 100 } as const;
  const got = await Promise.all(nodes.map((node) => tell<number[]>(node, command)));
  expect(new Set(got.flat()).size).toBe(400);
  await cluster.kill('b');
  const tcp = () => cluster.ports().find(({ protocol }) => protocol === 'tcp');
  expect(tcp()?.holdings.map(({ stack }) => stack)).toEqual(['a', 'c', 'd', 'the coordinator']);
  await until('the sockets of b are closed', () => open.size === 300);
  const many = { ...command, count: 210 }; // More than were left before.
  const more = await tell<number[]>('c', many); // Its ports are to be had again, by anybody.
  expect(more.some((one) => got[1]?.includes(one))).toBe(true);
  await cluster.restart('b');
  expect(await tell<number[]>('b', { ...command, count: 20 })).toHaveLength(20);
  const bound = tell('b', { do: 'bind', address, port: got[2]![0]! });
  await expect(bound).rejects.toThrow(/is node "c"'s/);
  for (const node of nodes) await tell(node, { do: 'close' });
  await until('none is in use', () => tcp()?.holdings.every(({ used }) => used === 0) === true);
  expect(clashes).toBe(0);
});

test('SP-8 switched on later, live connections keep their ports; conflicts are named', async () => {
  const egress = new URL('../support/applications/egress.ts', import.meta.url);
  const steered = new URL('../support/applications/steered.ts', import.meta.url);
  const from = '127.0.0.8';
  const cluster = await startCluster({
    applications: { egress, lobby: steered },
    nodes: { a: { actors: ['egress'] }, b: { actors: ['egress'] } },
    vipas: { out: { address: from, port: 0, routing: 'lobby', owner: 'a' } },
    log: { level: 'silent' },
  });
  onTestFinished(() => cluster.stop());
  const sink = () => createServer((socket) => socket.on('error', () => socket.destroy()).resume());
  const [one, other] = [await listening(sink()), await listening(sink())];
  const plain = { do: 'plain', localAddress: from, port: one, localPort: first } as const;
  await tell('a', plain);
  await tell('b', { ...plain, port: other }); // The kernel lets it: it goes elsewhere.
  await tell('b', { ...plain, localPort: first + 1 });
  const sharing = { ...pool, last: first + 63 };
  const conflicts = await cluster.sharePorts('out', sharing);
  expect(conflicts).toHaveLength(1);
  expect(conflicts[0]).toMatchObject({ address: from, port: first });
  expect(conflicts[0]?.reason).toMatch(/is node "[ab]"'s/);
  const open = { do: 'open', localAddress: from, port: one, count: 40 } as const;
  const got = await tell<number[]>('a', open);
  expect(new Set(got).size).toBe(40);
  expect(got).not.toContain(first);
  expect(got).not.toContain(first + 1);
  const tcp = () => cluster.ports().find(({ protocol }) => protocol === 'tcp');
  const flagged = () => tcp()?.holdings.reduce((sum, { conflicts: count }) => sum + count, 0);
  expect(flagged()).toBe(1);
  for (const node of ['a', 'b']) await tell(node, { do: 'close' });
  await until('no conflict is left', () => flagged() === 0);
});
