/**
 * Goal: AF-3, AF-5: each node is a thread of its own: it can be killed, crash, be restarted and be
 * drained, and the others go on.
 * Method: real threads; a client at each node shows that it lives.
 */
import { once } from 'node:events';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { canListDescriptors, threadCount } from '../support/descriptors.ts';
import { arrivalAt, closeGate } from '../support/gates.ts';
import { TestClient } from '../support/test-client.ts';
import { Testbed, type TestbedOptions } from '../support/testbed.ts';
import { until } from '../support/until.ts';
import { applicationAt } from '../support/application-at.ts';

async function bedWith(options?: TestbedOptions): Promise<Testbed> {
  const bed = await Testbed.start(options);
  onTestFinished(() => bed.stop());
  return bed;
}

test('AF-3 a killed node ends for certain; the others and their clients go on', async () => {
  const bed = await bedWith();
  const told: unknown[] = [];
  bed.cluster.on('node.ended', (end) => told.push(end));
  const dying = await bed.connectTo('hall-1');
  const living = await bed.connectTo('hall-2');
  await bed.cluster.kill('hall-1');
  expect(told).toEqual([{ node: 'hall-1', cause: 'killed', relayedClients: 0 }]);
  expect(bed.cluster.nodes()).toEqual(['edge', 'hall-2']);
  expect(await dying.over()).toBe('end');
  expect(await living.ask({ do: 'echo', text: 'alive' })).toBe('alive');
  await bed.connectTo('hall-2');
  await expect(bed.cluster.health('hall-1')).rejects.toMatchObject({ code: 'IPX_NODE_UNKNOWN' });
  await expect(bed.cluster.kill('hall-1')).rejects.toMatchObject({ code: 'IPX_NODE_UNKNOWN' });
});

test('AF-3 figures of all nodes come in the order of nodes(), whoever began first', async () => {
  const bed = await bedWith();
  const told = () => bed.cluster.vitals().map(({ node }) => node);
  await until('all have told', () => told().length === 3);
  expect(told()).toEqual(bed.cluster.nodes());
  await bed.cluster.kill('hall-1');
  await bed.cluster.restart('hall-1');
  await until('all have told again', () => told().length === 3);
  expect(told()).toEqual(bed.cluster.nodes());
});

test.runIf(canListDescriptors)('AF-3 of a node that was killed, no thread is left', async () => {
  const bed = await bedWith();
  const threadsAtRest = threadCount();
  for (let kills = 0; kills < 5; kills += 1) {
    await bed.cluster.kill('edge');
    await bed.cluster.restart('edge');
  }
  await until('their threads have left', () => threadCount() <= threadsAtRest);
  expect(threadCount()).toBeLessThanOrEqual(threadsAtRest);
});

test('AF-3 a restarted node has a thread of its own and serves again', async () => {
  const bed = await bedWith();
  const first = (await bed.cluster.health('hall-1')).threadId;
  await expect(bed.cluster.restart('hall-1')).rejects.toMatchObject({ code: 'IPX_NAME_TAKEN' });
  await expect(bed.cluster.restart('none')).rejects.toMatchObject({ code: 'IPX_NODE_UNKNOWN' });
  await bed.cluster.kill('hall-1');
  const started = once(bed.cluster, 'node.started');
  await bed.cluster.restart('hall-1');
  expect(await started).toMatchObject([{ node: 'hall-1' }]);
  expect((await bed.cluster.health('hall-1')).threadId).not.toBe(first);
  await bed.connectTo('hall-1');
});

test('AF-3 what an application throws past us crashes its node alone, and is told', async () => {
  const bed = await bedWith();
  const living = await bed.connectTo('hall-2');
  const crashing = await bed.connectTo('hall-1');
  const ended = once(bed.cluster, 'node.ended');
  crashing.tell({ do: 'crash' });
  expect(await ended).toMatchObject([
    { node: 'hall-1', cause: 'crashed', reason: 'the application has crashed' },
  ]);
  expect(await crashing.over()).toBe('end');
  expect(await living.ask({ do: 'echo', text: 'alive' })).toBe('alive');
  await bed.cluster.restart('hall-1');
  await bed.connectTo('hall-1');
});

test('AF-3 what serve() throws ends its client alone', async () => {
  const bed = await bedWith();
  const failed = once(bed.cluster, 'application.failed');
  const living = await bed.connectTo('hall-1');
  const failing = await bed.connectTo('hall-1');
  failing.tell({ do: 'throw' });
  expect(await failing.over()).toBe('end');
  expect(await failed).toMatchObject([{ node: 'hall-1', reason: 'the application has thrown' }]);
  expect(await living.ask({ do: 'echo', text: 'alive' })).toBe('alive');
});

test('AF-9 a restart that fails leaves no half of a node, and can be tried again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'interplex-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [module, away] = [join(folder, 'idle.mjs'), join(folder, 'away.mjs')];
  await writeFile(module, 'export const target = { transition() {}, getInitialSnapshot() {} };');
  const nodes = { edge: {}, 'hall-1': { run: ['room'] }, idler: { run: ['idle'] } };
  const bed = await bedWith({ applications: { idle: pathToFileURL(module) }, nodes });
  await bed.cluster.kill('idler');
  await rename(module, away);
  const restarted = bed.cluster.restart('idler');
  await expect(restarted).rejects.toMatchObject({ code: 'IPX_APPLICATION_MISSING' });
  expect(bed.cluster.nodes()).toEqual(['edge', 'hall-1']);
  await rename(away, module);
  await bed.cluster.restart('idler');
  await bed.connectTo('hall-1');
});

test('AF-5 draining tells applications, waits for goodbyes, takes no new clients', async () => {
  const polite = applicationAt('polite');
  const bed = await bedWith({ applications: { lobby: polite, room: polite } });
  const atEdge = await bed.connect();
  const atHall = await bed.connect();
  expect([await atEdge.line(), await atHall.line()]).toEqual(['hello', 'hello']);
  atHall.send('move\n');
  expect(await atHall.line()).toBe('moved');
  const { port } = bed;
  const stopped = bed.cluster.stop();
  expect([await atEdge.line(), await atHall.line()]).toEqual(['goodbye', 'goodbye']);
  expect([await atEdge.over(), await atHall.over()]).toEqual(['end', 'end']);
  await stopped;
  expect(bed.cluster.nodes()).toEqual([]);
  await expect(TestClient.connect(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('AF-5 draining ends at its limit, whatever applications do', async () => {
  const bed = await bedWith({ drainMs: 150 });
  const clients = [await bed.connect(), await bed.connectTo('hall-1')];
  const begun = performance.now();
  await bed.cluster.stop();
  expect(performance.now() - begun).toBeLessThan(1_500);
  for (const client of clients) expect(['end', 'reset']).toContain(await client.over());
});

test('AF-5 a thread that stands still does not keep the cluster from stopping', async () => {
  const bed = await bedWith({ drainMs: 100 });
  const client = await bed.connectTo('hall-1');
  closeGate('considering');
  client.tell({ do: 'block' });
  await arrivalAt('considering');
  await bed.cluster.stop();
  expect(bed.cluster.nodes()).toEqual([]);
  expect(await client.over()).toBe('end');
});

test('AF-5 stop(), called again, closes nothing that has come since', async () => {
  const bed = await bedWith();
  await bed.cluster.stop();
  const later = Array.from({ length: 32 }, () => openSync(import.meta.filename, 'r'));
  await bed.cluster.stop();
  for (const descriptor of later) {
    expect(fstatSync(descriptor).isFile()).toBe(true);
    closeSync(descriptor);
  }
});
