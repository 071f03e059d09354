/**
 * Goal: CT-14: no lease, no listener: a node whose lease another has taken does nothing for those
 * who still come to it, and one that cannot listen keeps no lease.
 * Method: one node in this thread; the other holder is forged in the memory that nodes share.
 */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { MessageChannel } from 'node:worker_threads';
import pino from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import type { NodeId } from '#actors/vocabulary';
import { parseConfiguration } from '#internal/cluster/configuration';
import { NodeRuntime } from '#internal/cluster/node-runtime';
import { sharedMemory } from '#internal/cluster/shared-memory';
import { LeaseKeys } from '#internal/ports/lease-keys';
import { holderIn, SharedLeases } from '#internal/ports/shared-leases';
import { Links } from '#internal/runtime/links';
import { TestClient } from '../support/test-client.ts';
import { until } from '../support/until.ts';
import { applicationAt } from '../support/application-at.ts';

const [edge, hall] = ['edge', 'hall'] as [NodeId, NodeId];
const nobody = -1;

/** The node `edge`, which owns an endpoint at that port; and what `hall` may do to its lease. */
function ownerAt(port: number, onEscalate?: (error: Error) => void) {
  const endpoint = { address: '127.0.0.1', port, routing: 'lobby', owner: 'edge' };
  const configuration = parseConfiguration({
    applications: { lobby: applicationAt('steered') },
    nodes: { edge: {}, hall: {} },
    vipas: { chat: { ...endpoint, backups: ['hall'] } },
  });
  const memory = sharedMemory(configuration);
  const ports: number[] = [];
  const node = new NodeRuntime({
    id: edge,
    configuration,
    memory,
    held: new Map(),
    living: [edge],
    log: pino({ level: 'silent' }),
    onFailure: () => undefined,
    onOpen: (_, opened) => ports.push(opened),
    ...(onEscalate && { onEscalate }),
  });
  onTestFinished(() => node.stop());
  const { vipas, ranges } = configuration;
  const forger = new SharedLeases({
    memory: memory.leases,
    node: hall,
    nodes: [edge, hall],
    living: [hall],
    keys: new LeaseKeys(vipas, ranges),
    links: new Links(hall),
  });
  return { node, ports, forger, holder: () => holderIn(memory.leases, 0) };
}

test('CT-14 an owner whose lease was taken serves nobody more, even before it knows', async () => {
  const { node, ports, forger, holder } = ownerAt(0);
  await node.start();
  const port = ports[0] ?? 0;
  const served = await TestClient.connect(port);
  expect(await served.ask({ do: 'who' })).toMatchObject({ node: 'edge' });
  const taken = await forger.acquire('chat');
  expect(taken).toMatchObject({ holder: hall, epoch: 2 });
  const late = await TestClient.connect(port);
  expect(await late.over()).toMatch(/end|reset/);
  expect(node.stack.clients.size).toBe(1);

  const { port1, port2 } = new MessageChannel(); // Now it is told.
  node.link(hall, port1);
  port2.postMessage([{ type: 'lease.changed', key: 'chat' }]);
  const isClosed = () =>
    TestClient.connect(port).then(
      ({ socket }) => !socket.destroy(),
      () => true,
    );
  await until('it listens no more', isClosed);
  expect(holder()).toBe(1); // What it gave back was not its own any more.
  expect(await served.ask({ do: 'echo', text: 'still' })).toBe('still');

  await forger.release({ key: 'chat', epoch: taken!.epoch });
  await until('it owns the endpoint again', () => ports.length === 2);
  expect(holder()).toBe(0);
  const client = await TestClient.connect(ports[1] ?? 0);
  expect(await client.ask({ do: 'who' })).toMatchObject({ node: 'edge' });
  served.socket.destroy();
  client.socket.destroy();
});

test('CT-14 AF-9 a node that cannot listen says why, and keeps no lease', async () => {
  const other = createServer();
  await once(other.listen(0, '127.0.0.1'), 'listening');
  const { port } = other.address() as AddressInfo;
  const { node, ports, holder } = ownerAt(port);
  await expect(node.start()).rejects.toMatchObject({ code: 'IPX_PORT_HELD' });
  expect([ports, holder()]).toEqual([[], nobody]);
  other.close();
  await once(other, 'close');
});

test('CT-14 AF-5 a node that cannot listen when it is its turn again has crashed', async () => {
  const other = createServer();
  await once(other.listen(0, '127.0.0.1'), 'listening');
  const { port } = other.address() as AddressInfo;
  other.close();
  await once(other, 'close');
  const crashes: Error[] = [];
  const { node, ports, forger, holder } = ownerAt(port, (error) => crashes.push(error));
  await node.start();
  const taken = await forger.acquire('chat');
  const { port1, port2 } = new MessageChannel();
  node.link(hall, port1);
  port2.postMessage([{ type: 'lease.changed', key: 'chat' }]);
  const listens = () =>
    new Promise<boolean>((resolve) => {
      other.once('listening', () => resolve(true)).once('error', () => resolve(false));
      other.listen(port, '127.0.0.1');
    });
  await until('the port is free for another', listens);
  await forger.release({ key: 'chat', epoch: taken!.epoch });
  await until('it has tried and failed', () => crashes.length > 0);
  expect(crashes).toMatchObject([{ code: 'IPX_PORT_HELD' }]);
  expect([ports, holder()]).toEqual([[port], nobody]);
  port2.close();
  other.close();
});

test('CT-14 a node that has stopped has given its lease back', async () => {
  const { node, holder } = ownerAt(0);
  await node.start();
  expect(holder()).toBe(0);
  await node.stop();
  expect(holder()).toBe(nobody);
});
