/**
 * Goal: AF-7: what a node measures is told as it is: adapters, ways to others, data ports, source
 * ports; the machines behind them are seen wherever they are stepped; and a path can be cut.
 * Method: a cluster of real threads, and nodes of this thread under inspectors of their own, with
 * real sockets; a WebSocket reads what a page would.
 */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { routingApplication, startCluster, startNode, type Client, type Node } from 'interplex';
import { expect, onTestFinished, test } from 'vitest';
import { fromPromise, setup } from 'xstate';
import type { InspectionRecord } from '#internal/inspect/records';
import type {
  DataPortFigures,
  PathFigures,
  PortPoolFigures,
  RestingPortFigures,
} from '#internal/inspect/figures';
import { openPort, takerOf } from '../support/data-port/nodes.ts';
import { InspectingClient } from '../support/inspecting.ts';
import { matching } from '../support/matching.ts';
import { TestClient } from '../support/test-client.ts';

const demo = new URL('../../dist/src/cli/demo/', import.meta.url);
const silent = { log: { level: 'silent' } } as const;

function watch(url: string | undefined): InspectingClient {
  const client = new InspectingClient(url ?? '');
  onTestFinished(() => client.close());
  return client;
}

async function seenNode(options: Partial<Parameters<typeof startNode>[0]> = {}): Promise<Node> {
  const inspect = { port: 0, control: true };
  const node = await startNode({ id: 'edge', applications: {}, inspect, ...silent, ...options });
  onTestFinished(() => node.stop());
  return node;
}

/** The first of that list, in what is measured from now on, of which it holds. */
async function figuresWith<Figures>(
  page: InspectingClient,
  list: string,
  holds: (figures: readonly Figures[]) => boolean,
): Promise<readonly Figures[]> {
  const listIn = (record: InspectionRecord) =>
    record.type === '@interplex.figures'
      ? (record.figures[list] as readonly Figures[] | undefined)
      : undefined;
  return listIn(await page.find((record) => holds(listIn(record) ?? []))) ?? [];
}

const isIn = (name: RegExp, state: string) => (record: InspectionRecord) =>
  (record.type === '@xstate.actor' || record.type === '@xstate.snapshot') &&
  name.test(record.sessionId) &&
  JSON.stringify(record.snapshot.value ?? '').includes(state);

test('AF-7 CM-6 adapters and ways are told with their status, and one is cut', async () => {
  const cluster = await startCluster({
    inspect: { port: 0, control: true },
    ...silent,
    applications: { lobby: new URL('lobby.js', demo) },
    nodes: { edge: {}, hall: {} },
    vipas: { chat: { address: '127.0.0.1', port: 0, routing: 'lobby', owner: 'edge' } },
  });
  onTestFinished(() => cluster.stop());
  const page = watch(cluster.inspectorUrl);
  for (const node of ['edge', 'hall']) {
    await figuresWith(page, 'adapters', (adapters) =>
      adapters.some((adapter) => (adapter as { node: string }).node === node),
    );
    const told = (name: string) =>
      page.find((record) => {
        const isIts = record.type === '@xstate.actor' && record.node === node;
        return isIts && record.name === name && record.snapshot.value !== undefined;
      });
    expect(await told('messenger')).toMatchObject({ snapshot: { value: 'running' } });
    expect(await told('adapter 127.0.0.1')).toMatchObject({ machine: matching(/^adapter-/) });
  }
  await page.find(isIn(/^edge\.\d+\/member hall$/, 'alive'));
  const isWay = ({ from, to, status }: PathFigures) =>
    from === 'edge' && to.startsWith('hall at 127.0.0.1:') && status === 'reachable';
  const ways = await figuresWith<PathFigures>(page, 'paths', (paths) => paths.some(isWay));
  const { path } = ways.find(isWay)!;
  page.records.length = 0;
  expect(await page.perform(1, { command: 'cut', path })).toBeUndefined();
  const isCut = (way: PathFigures) => way.path === path && way.status === 'unreachable';
  await figuresWith<PathFigures>(page, 'paths', (paths) => paths.some(isCut));
  await page.find(isIn(/^edge\.\d+\/path to hall at /, 'unreachable'));
  expect(await page.perform(2, { command: 'cut', path: `${path}0` })).toMatch(/no path/);
  expect(await page.perform(3, { command: 'cut', path: 'nobody messages' })).toMatch(/not known/);
});

test('AF-7 DP-7 a data port’s paths are told, and one that is cut is reset', async () => {
  const taker = await takerOf('hall', (port) => port.receive(() => undefined));
  const node = await seenNode();
  const { port, told } = await openPort(node, { to: taker.place, links: 2 });
  await told.until('path.up', 2);
  const page = watch(node.inspectorUrl);
  await page.find(isIn(/^edge\./, 'trusted'));
  const isWhole = ({ paths }: DataPortFigures) => paths.length === 2;
  const ports = await figuresWith<DataPortFigures>(page, 'dataPorts', (all) => all.some(isWhole));
  expect(ports).toMatchObject([{ peer: 'hall', service: 'volume', failovers: 0, resets: 0 }]);
  const isPath = ({ path }: PathFigures) => path.endsWith('path 1');
  const paths = await figuresWith<PathFigures>(page, 'paths', (all) => all.some(isPath));
  const { path, status } = paths.find(isPath)!;
  expect(status).toBe('up');
  expect(await page.perform(1, { command: 'cut', path })).toBeUndefined();
  await told.until('path.reset');
  await page.find(isIn(/^edge\./, 'resetting'));
  await told.until('path.up', 3);
  const wasReset = ({ resets, paths: up }: DataPortFigures) => resets === 1 && up.length === 2;
  await figuresWith<DataPortFigures>(page, 'dataPorts', (all) => all.some(wasReset));
  await port.close();
});

test('AF-7 SP-2 source ports are told by owner and condition, with those at rest', async () => {
  const server = createServer((socket) => socket.on('error', () => undefined).resume());
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const sharedPorts = { first: 22_000, last: 22_255, restMs: 60_000, portBlock: 64 };
  const vipas = { out: { kind: 'range', subnet: '127.8.0.0/24', sharedPorts } } as const;
  const node = await seenNode({ vipas });
  const options = { host: '127.0.0.1', localAddress: '127.8.0.1' };
  const { port } = server.address() as AddressInfo;
  const sockets: Socket[] = [];
  for (let count = 0; count < 70; count += 1) {
    sockets.push(await node.ports.connect({ ...options, port }));
  }
  const closed = sockets.splice(0, 3);
  const ports = closed.map(({ localPort }) => localPort);
  for (const socket of closed) {
    socket.destroy();
    await once(socket, 'close');
  }
  const page = watch(node.inspectorUrl);
  const pool = '127.8.0.1 tcp';
  const countOf = ({ runs }: PortPoolFigures, condition: string) =>
    runs.reduce((sum, run) => sum + (run.condition === condition ? run.count : 0), 0);
  const isOurs = (told: PortPoolFigures) => told.pool === pool;
  const [told] = (
    await figuresWith<PortPoolFigures>(page, 'ports', (all) => all.some(isOurs))
  ).filter(isOurs);
  expect(told).toMatchObject({ first: 22_000, count: 256 });
  expect(countOf(told!, 'used')).toBe(70);
  expect(countOf(told!, 'block')).toBe(2 * 64 - 70);
  expect(countOf(told!, 'free')).toBe(2 * 64);
  expect(new Set(told!.runs.map(({ owner }) => owner))).toEqual(new Set(['', 'edge']));
  const [rest] = await figuresWith<RestingPortFigures>(page, 'resting', (all) => all.length > 0);
  expect(rest).toEqual({ pool, ports, foreign: [] });
  await page.find(isIn(/^edge\.\d+\/block 22\d+ of 127\.8\.0\.1 tcp$/, 'open'));
  await page.find(isIn(/^edge\.\d+\/lock of 127\.8\.0\.1 tcp$/, 'done'));
  for (const socket of sockets) socket.destroy();
});

test('AF-7 a user’s machine that serves a client is seen, as long as it does', async () => {
  const greeting = setup({
    types: { input: {} as Asked, context: {} as Asked },
    actors: { readLine: fromPromise<string, Client>(({ input }) => input.readLine()) },
  }).createMachine({
    id: 'greeting',
    context: ({ input }) => input,
    initial: 'asking',
    states: {
      asking: {
        invoke: { src: 'readLine', input: ({ context }) => context.client, onDone: 'greeted' },
      },
      greeted: { type: 'final' },
    },
  });
  const node = await seenNode({
    applications: { greeter: { routing: routingApplication(greeting) } },
    vipas: { door: { address: '127.0.0.1', port: 0, routing: 'greeter' } },
  });
  const client = await TestClient.connect(node.endpoints[0]?.port ?? 0);
  const page = watch(node.inspectorUrl);
  const asking = await page.find(
    (record) => record.type === '@xstate.actor' && record.machine?.startsWith('greeting-') === true,
  );
  expect(asking).toMatchObject({ node: 'edge', snapshot: { value: 'asking' } });
  client.send('bob\n');
  await page.find((record) => {
    const isIts = record.type === '@xstate.snapshot' && record.sessionId === asking.sessionId;
    return isIts && record.snapshot.status === 'done';
  });
  client.socket.destroy(); // Its node waits for it.
});
interface Asked {
  readonly client: Client;
}

test('AF-7 a node of the caller’s thread has an inspector, which may drain it', async () => {
  const node = await seenNode();
  const page = watch(node.inspectorUrl);
  const isIts = (record: InspectionRecord) =>
    record.type === '@xstate.actor' && record.node === 'edge' && record.name === 'edge';
  expect(await page.find(isIts)).toMatchObject({ machine: matching(/^node-/) });
  await figuresWith(page, 'nodes', (nodes) =>
    nodes.some((one) => (one as { condition: string }).condition === 'living'),
  );
  expect(await page.perform(1, { command: 'kill', node: 'edge' })).toMatch(/own thread/);
  expect(await page.perform(2, { command: 'drain', node: 'hall' })).toMatch(/no node "hall"/);
  expect(await page.perform(3, { command: 'drain', node: 'edge' })).toBeUndefined();
  await figuresWith(page, 'nodes', (nodes) =>
    nodes.some((one) => (one as { condition: string }).condition === 'ended'),
  );
});

test('AF-9 a node whose inspector cannot listen does not start, nor the other way', async () => {
  const node = await seenNode();
  const port = Number(new URL(node.inspectorUrl ?? '').port);
  await expect(seenNode({ inspect: { port } })).rejects.toMatchObject({ code: 'IPX_PORT_HELD' });
  const free = createServer();
  await once(free.listen(0, '127.0.0.1'), 'listening');
  const { port: held } = free.address() as AddressInfo;
  const vipas = { door: { address: '127.0.0.1', port: held, routing: 'greeter' } };
  const greeter = { routing: routingApplication(() => undefined) };
  const inspect = { port: 0 };
  const failing = seenNode({ applications: { greeter }, vipas, inspect });
  await expect(failing).rejects.toMatchObject({ code: 'IPX_PORT_HELD' });
  free.close();
});

test('AF-7 nothing is cut where the inspector only shows', async () => {
  const node = await seenNode({ inspect: { port: 0 } });
  const page = watch(node.inspectorUrl);
  await page.find(({ type }) => type === '@interplex.welcome');
  expect(await page.perform(1, { command: 'cut', path: 'edge x' })).toMatch(/control/);
});
