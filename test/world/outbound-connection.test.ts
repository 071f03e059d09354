/**
 * Goal: SP-4, SP-9: whatever becomes of a connection, its port is given back once, and who asked
 * for it is told.
 * Method: real connections on loopback from a pool of sixteen ports: any that is kept shows.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNode, type Node } from 'interplex';
import { expect, onTestFinished, test } from 'vitest';
import { matching } from '../support/matching.ts';

const [localAddress, host] = ['127.9.0.1', '127.0.0.1'];

async function begin(): Promise<{
  ports: Node['ports'];
  port: number;
  node: Node;
  free: () => Promise<number>;
}> {
  const sharedPorts = { first: 22_000, last: 22_015, restMs: 0, portBlock: 16 };
  const vipas = { out: { kind: 'range', subnet: '127.9.0.0/24', sharedPorts } } as const;
  const node = await startNode({ id: 'a', applications: {}, vipas, log: { level: 'silent' } });
  onTestFinished(() => node.stop());
  const server = createServer((socket) => socket.on('error', () => socket.destroy()).resume());
  onTestFinished(() => void server.close());
  await once(server.listen(0, host), 'listening');
  const { port } = server.address() as AddressInfo;
  return { ports: node.ports, port, node, free: () => freeOf(node.ports) };
}

/** How many can be had, each of which is given back. */
async function freeOf(ports: Node['ports']): Promise<number> {
  const leases = [];
  for (let count = 0; count <= 16; count += 1) {
    const lease = await ports.lease({ localAddress }).catch(() => undefined);
    if (!lease) break;
    leases.push(lease);
  }
  for (const lease of leases) lease.release({ wasUsed: false });
  return leases.length;
}

test('SP-4 SP-9 a connection that is refused gives its port back, and says why', async () => {
  const { ports, port, free } = await begin();
  const closed = createServer();
  await once(closed.listen(0, host), 'listening');
  const nobody = (closed.address() as AddressInfo).port;
  await new Promise((resolve) => closed.close(resolve));
  for (let time = 0; time < 20; time += 1) {
    const refused = ports.connect({ host, port: nobody, localAddress });
    await expect(refused).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  }
  expect(await free()).toBe(16);
  expect(ports.destinations().size).toBe(0);
  const socket = await ports.connect({ host, port, localAddress });
  expect([...ports.destinations()]).toEqual([[`${host}:${port}`, 1]]);
  socket.resetAndDestroy();
  await once(socket, 'close');
  expect(await free()).toBe(16);
});

test('SP-4 SP-9 so does one that is given up, or whose options Node refuses', async () => {
  const { ports, port, free } = await begin();
  const given = new AbortController();
  const connecting = ports.connect({ host, port, localAddress, signal: given.signal });
  given.abort();
  await expect(connecting).rejects.toMatchObject({ name: 'AbortError' });
  const wrong = { host, port, localAddress, timeout: 'soon' as unknown as number };
  await expect(ports.connect(wrong)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
  expect(await free()).toBe(16);
  expect(ports.destinations().size).toBe(0);
});

test('SP-9 a host is named, too, and looked up in the family of the address', async () => {
  const { ports, port } = await begin();
  const socket = await ports.connect({ host: 'localhost', port, localAddress });
  expect([socket.localAddress, socket.remoteAddress]).toEqual([localAddress, host]);
  socket.destroy();
});

test('SP-4 a socket that was closed and connects anew gives back nothing', async () => {
  const { ports, port, free } = await begin();
  const socket = await ports.connect({ host, port, localAddress });
  const { localPort: leased = 0 } = socket;
  socket.resetAndDestroy();
  await once(socket, 'close');
  const again = await ports.bind({ address: localAddress, port: leased });
  socket.connect({ host, port });
  await once(socket, 'connect');
  socket.resetAndDestroy();
  await once(socket, 'close');
  expect(await free()).toBe(15); // What another has by now is still that other's.
  again.release();
  expect(await free()).toBe(16);
});

test('SP-9 an error of an open connection is heard by its owner or nobody', async () => {
  const { ports, port } = await begin();
  const plain = connect({ host, port });
  await once(plain, 'connect');
  const leased = await ports.connect({ host, port, localAddress });
  expect(leased.listenerCount('error')).toBe(plain.listenerCount('error'));
  expect(leased.listenerCount('connect')).toBe(plain.listenerCount('connect'));
  plain.destroy();
  leased.destroy();
});

test('SP-9 AF-9 what is no host, or of the other family, is refused with what to do', async () => {
  const { ports, port, free } = await begin();
  const to = (name: unknown) => ports.connect({ host: name as string, port, localAddress });
  for (const none of [undefined, '', 5]) {
    const [code, message] = ['IPX_OPTION_INVALID', matching(/is no host: give a name/)];
    await expect(to(none)).rejects.toMatchObject({ code, message });
  }
  const message = matching(/^::1 cannot be reached from 127.9.0.1: give an IPv6 localAddress/);
  const refused = { code: 'IPX_OPTION_INVALID', message };
  await expect(to('::1')).rejects.toMatchObject(refused);
  const socket = connect({ host: '::1', port, ...ports.agentOptions({ localAddress }) });
  expect(await once(socket, 'error')).toMatchObject([refused]);
  expect(await free()).toBe(16);
});

test('SP-9 a Unix socket of an agent takes no port', async () => {
  const { ports, free } = await begin();
  const path = join(tmpdir(), `no-port-${process.pid}.sock`);
  const server = createServer((socket) => socket.resume());
  onTestFinished(() => void server.close());
  await once(server.listen(path), 'listening');
  const socket = connect({ path, ...ports.agentOptions({ localAddress }) });
  await once(socket, 'connect');
  expect([await free(), ports.destinations().size]).toEqual([16, 0]);
  socket.destroy();
});

test('AF-9 a node that has stopped gives out no ports, and says so at once', async () => {
  const { ports, port, node } = await begin();
  const lease = await ports.lease({ localAddress });
  await node.stop();
  lease.release();
  const begunMs = performance.now();
  const asked = [
    ports.lease({ localAddress }),
    ports.lease({ localAddress: '127.9.0.2' }),
    ports.bind({ address: localAddress, port: 22_001 }),
    ports.connect({ host, port, localAddress }),
  ];
  for (const one of asked) await expect(one).rejects.toMatchObject({ code: 'IPX_NODE_STOPPED' });
  expect(performance.now() - begunMs).toBeLessThan(1_000); // A coordinator is waited for longer.
});
