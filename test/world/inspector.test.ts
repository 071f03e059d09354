/**
 * Goal: AF-7: the inspector tells of every actor in every thread, to who may know, and whoever
 * watches, or stops to, costs the cluster nothing.
 * Method: a cluster of real threads with clients that move, watched by WebSockets: honest ones,
 * those of other sites, one that never reads, and Stately's own client at either end.
 */
import { createWebSocketInspector, createWebSocketReceiver } from '@statelyai/inspect';
import type { StatelyInspectionEvent } from '@statelyai/inspect';
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { startCluster, type Cluster } from 'interplex';
import { startInspector } from 'interplex/inspect';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createActor, createMachine } from 'xstate';
import { InspectingClient } from '../support/inspecting.ts';
import { matching } from '../support/matching.ts';
import { TestClient } from '../support/test-client.ts';

const demo = new URL('../../dist/src/cli/demo/', import.meta.url);
const start = (control: boolean): Promise<Cluster> =>
  startCluster({
    inspect: { port: 0, control },
    log: { level: 'silent' },
    applications: { lobby: new URL('lobby.js', demo), room: new URL('room.js', demo) },
    nodes: { edge: {}, 'hall-1': { run: ['room'] }, 'hall-2': { run: ['room'] } },
    vipas: {
      chat: { address: '127.0.0.1', port: 0, routing: 'lobby', owner: 'edge', backups: ['hall-1'] },
    },
  });

let cluster: Cluster;
let url = '';
beforeAll(async () => {
  cluster = await start(true);
  url = cluster.inspectorUrl ?? '';
});
afterAll(() => cluster.stop());

const open: { close(): void }[] = [];
afterEach(() => open.splice(0).forEach((one) => one.close()));
const watch = (...args: ConstructorParameters<typeof InspectingClient>) => {
  const client = new InspectingClient(...args);
  open.push(client);
  return client;
};

const joined = async (client: TestClient): Promise<void> => {
  while (!(await client.line()).includes('joined ')) continue;
};

async function chatter(room: string): Promise<TestClient> {
  const client = await TestClient.connect(cluster.vipas()[0]?.port ?? 0);
  open.push({ close: () => client.socket.destroy() });
  client.send(`bob\n${room}\n`);
  await joined(client);
  return client;
}

test('AF-7 each actor of each thread is told of, with its machine and its node', async () => {
  const page = watch(url);
  for (const node of ['edge', 'hall-1', 'hall-2']) {
    const stack = await page.find(
      (record) =>
        record.type === '@xstate.actor' && record.name === 'stack' && record.node === node,
    );
    expect(stack).toMatchObject({ snapshot: { value: 'serving' }, machine: matching(/^stack-/) });
  }
  await page.find((record) => record.type === '@xstate.actor' && record.node === 'main');
});

test('AF-7 a transfer is read off what is told: both machines, and their messages', async () => {
  const page = watch(url);
  await page.find((record) => record.type === '@interplex.figures');
  await page.find((record) => record.type === '@xstate.actor' && record.node === 'edge');
  await chatter('kitchen');
  await page.find(
    (record) =>
      record.type === '@xstate.snapshot' &&
      /^edge\.\d+\/transfer /.test(record.sessionId) &&
      record.snapshot.value === 'transferred',
  );
  await page.find(
    (record) =>
      record.type === '@xstate.snapshot' &&
      /\/offer /.test(record.sessionId) &&
      record.snapshot.value === 'served',
  );
  const said = (type: string) =>
    page.find((record) => record.type === '@xstate.event' && record.event.type === type);
  expect(await said('transfer.offer')).toMatchObject({ sourceId: 'node:edge' });
  expect(await said('transfer.accept')).toMatchObject({ sessionId: 'node:edge' });
  await said('transfer.commit');
  await said('transfer.confirm');
});

test('AF-7 figures tell of nodes, endpoints and routes', async () => {
  await chatter('attic');
  const page = watch(url);
  const told = await page.find(
    (record) =>
      record.type === '@interplex.figures' &&
      ((record.figures['routesTotal'] as number | undefined) ?? 0) > 0,
  );
  expect(told).toMatchObject({
    figures: {
      nodes: [{ node: 'edge', condition: 'living' }, { node: 'hall-1' }, { node: 'hall-2' }],
      vipas: [{ vipa: 'chat', owner: 'edge' }],
      routes: [{ vipa: 'chat', origin: 'edge' }],
    },
  });
});

test('AF-7 where it may, a page kills a node, starts it again, and sends an event', async () => {
  const page = watch(url);
  await page.find((record) => record.type === '@xstate.actor' && record.node === 'hall-2');
  expect(await page.perform(1, { command: 'kill', node: 'hall-2' })).toBeUndefined();
  expect(cluster.nodes()).toEqual(['edge', 'hall-1']);
  await page.find(
    (record) => record.type === '@xstate.event' && record.event.type === 'node.ended',
  );
  page.records.length = 0; // From here on they are those of its new thread.
  expect(await page.perform(2, { command: 'restart', node: 'hall-2' })).toBeUndefined();
  expect(cluster.nodes()).toContain('hall-2');
  const target = await page.find(
    (record) =>
      record.type === '@xstate.actor' &&
      record.name === 'target:room' &&
      record.node === 'hall-2' &&
      record.snapshot.value !== undefined,
  );
  const event = { type: 'pause' };
  const { sessionId } = target;
  expect(await page.perform(3, { command: 'send', sessionId, event })).toBeUndefined();
  await page.find((record) => {
    const isIts = record.type === '@xstate.snapshot' && record.sessionId === sessionId;
    return isIts && JSON.stringify(record.snapshot.value) === '{"open":"paused"}';
  });
  expect(await page.perform(4, { command: 'kill', node: 'nobody' })).toMatch(/nobody/);
  expect(await page.perform(5, { command: 'drain', node: 'hall-2' })).toBeUndefined();
  expect(cluster.nodes()).toEqual(['edge', 'hall-1']);
  await cluster.restart('hall-2');
});

test('AF-9 what is no command is passed over, and read-only refuses those that are', async () => {
  await using inspector = await startInspector({ port: 0 });
  const page = watch(inspector.url);
  await page.find(({ type }) => type === '@interplex.welcome');
  for (const message of ['', '{', '[]', '{"number":"1"}', '{"number":1,"command":"format"}']) {
    page.socket.send(message);
  }
  expect(await page.perform(2, { command: 'kill', node: 'edge' })).toMatch(/control/);
});

test('AF-7 a page that stops reading holds up neither the cluster nor other pages', async () => {
  const stuck = await stuckPage();
  const chat = await chatter('cellar');
  const page = watch(url);
  await page.find((record) => record.type === '@xstate.actor' && record.node === 'edge');
  for (let move = 0; move < 40; move += 1) {
    chat.socket.write(`/move ${move % 2 === 0 ? 'attic' : 'cellar'}\n`);
    await joined(chat);
  }
  expect(cluster.nodes()).toHaveLength(3);
  stuck.destroy();
});

/** Does its handshake, and reads nothing from then on. */
function stuckPage(): Promise<Socket> {
  const { port } = new URL(url);
  const socket = createConnection({ port: Number(port), host: '127.0.0.1' });
  socket.write(
    `GET /live HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\n` +
      'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  open.push({ close: () => socket.destroy() });
  return new Promise((resolve) => {
    socket.once('data', () => {
      socket.pause();
      resolve(socket);
    });
  });
}

test('AF-7 Stately’s receiver hears of all actors, each with its definition', async () => {
  const heard: StatelyInspectionEvent[] = [];
  let wake: () => void = () => undefined;
  const receiver = createWebSocketReceiver({ server: `${url.replace('http', 'ws')}stately` });
  receiver.subscribe((event) => {
    heard.push(event);
    wake();
  });
  const find = async (isIt: (event: StatelyInspectionEvent) => boolean) => {
    for (;;) {
      const found = heard.find(isIt);
      if (found) return found;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  const vipa = await find((event) => event.type === '@xstate.actor' && event.name === 'chat');
  const { definition = '' } = vipa as { definition?: string };
  expect(createMachine(JSON.parse(definition) as object).id).toBe('vipa');
  await chatter('garden');
  const step = await find(
    (event) => event.type === '@xstate.snapshot' && event.sessionId.includes('/transfer '),
  );
  // A transfer takes less than a moment: its end may be the first that is told.
  const status = expect.stringMatching(/^(active|done)$/) as string;
  expect(step).toMatchObject({ _version: '0.7.2', snapshot: { status } });
  expect(heard.every(({ type }) => type.startsWith('@xstate.'))).toBe(true);
});

test('AF-7 Stately’s inspector shows actors of another program here, charts and all', async () => {
  const page = watch(url);
  await page.find(({ type }) => type === '@interplex.welcome');
  const inspector = createWebSocketInspector({ url: `${url.replace('http', 'ws')}stately` });
  open.push({ close: () => inspector.stop() });
  const door = createMachine({
    id: 'door',
    initial: 'shut',
    states: { shut: { on: { push: 'ajar' } }, ajar: {} },
  });
  const actor = createActor(door, { inspect: inspector.inspect }).start();
  actor.send({ type: 'push' });
  const told = await page.find(
    (record) => record.type === '@xstate.actor' && record.name === 'door',
  );
  expect(told).toMatchObject({ machine: matching(/^door-/), node: matching(/^stately-/) });
  await page.find(
    (record) => record.type === '@interplex.machine' && record.chart.machine === 'door',
  );
  await page.find(
    (record) => record.type === '@xstate.snapshot' && record.snapshot.value === 'ajar',
  );
});

test('AF-7 another program’s clock is not taken for the time here', async () => {
  const page = watch(url);
  await page.find(({ type }) => type === '@interplex.welcome');
  const foreign = watch(url, { path: 'stately' });
  await once(foreign.socket, 'open');
  const said = { type: '@xstate.actor', sessionId: 'x', name: 'far', snapshot: {} };
  foreign.socket.send(JSON.stringify({ ...said, createdAt: '9e99' }));
  const told = await page.find(
    (record) => record.type === '@xstate.actor' && record.name === 'far',
  );
  expect(Math.abs(Number(told.createdAt) - Date.now())).toBeLessThan(60_000);
});

test('AF-7 an actor that is watched while somebody looks is told of, started or not', async () => {
  await using inspector = await startInspector({ port: 0 });
  const page = watch(inspector.url);
  const lamp = createMachine({
    id: 'lamp',
    initial: 'off',
    states: { off: { on: { go: 'on' } }, on: {} },
  });
  const told = (name: string) =>
    page.find((record) => record.type === '@xstate.actor' && record.name === name);
  const first = createActor(lamp, { id: 'first' }).start();
  open.push({ close: inspector.watch(first) });
  await told('first');
  const running = createActor(lamp, { id: 'running' }).start();
  open.push({ close: inspector.watch(running) });
  expect(await told('running')).toMatchObject({ snapshot: { value: 'off' } });
  const waiting = createActor(lamp, { id: 'waiting' });
  open.push({ close: inspector.watch(waiting) });
  waiting.start();
  const { sessionId } = await told('waiting');
  waiting.send({ type: 'go' });
  await page.find((record) => {
    const isIts = record.type === '@xstate.snapshot' && record.sessionId === sessionId;
    return isIts && record.snapshot.value === 'on';
  });
});
