/**
 * Goal: AF-9: a cluster that cannot start says why, by a code and a sentence that helps, and
 * leaves nothing behind.
 * Method: real modules and real listeners, each wrong in one way.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import {
  InterplexError,
  startCluster,
  startNode,
  type ClusterOptions,
  type NodeOptions,
} from 'interplex';
import { socketCount } from '../support/descriptors.ts';
import { TestClient } from '../support/test-client.ts';
import { until } from '../support/until.ts';

const steered = new URL('../support/applications/steered.ts', import.meta.url);
const broken = new URL('../support/applications/broken.ts', import.meta.url);
const empty = new URL('../support/applications/empty.ts', import.meta.url);
const nowhere = new URL('nowhere.ts', steered);
const chat = { address: '127.0.0.1', port: 0, routing: 'lobby', owner: 'edge' };

/** What starting a cluster that is sound but for `changes` is refused with. */
async function refusalOf(changes: Partial<ClusterOptions>): Promise<InterplexError> {
  const options: ClusterOptions = {
    applications: { lobby: steered, room: steered },
    nodes: { edge: {}, hall: { run: ['room'] } },
    vipas: { chat },
    log: { level: 'silent' },
    ...changes,
  };
  const started = await startCluster(options).catch((error: unknown) => error);
  if (started instanceof InterplexError) return started;
  throw new Error(`It started, or failed without a code: ${String(started)}`);
}

test.each([
  ['IPX_APPLICATION_MISSING', nowhere, /is not there: .*nowhere\.ts/],
  ['IPX_APPLICATION_INVALID', empty, /exports target: export const routing =/],
  ['IPX_APPLICATION_INVALID', broken, /this module throws when it is loaded/],
])('AF-9 %s for the routing module %s', async (code, lobby, sentence) => {
  const error = await refusalOf({ applications: { lobby, room: steered } });
  expect(error.code).toBe(code);
  expect(error.message).toMatch(sentence);
  expect(error.message).toMatch(/^Node "edge": /);
});

test('AF-9 a target module that exports no target is refused before clients come', async () => {
  const error = await refusalOf({ applications: { lobby: steered, room: empty } });
  expect(error.code).toBe('IPX_APPLICATION_INVALID');
  expect(error.message).toMatch(/"room" is to serve as target/);
});

test('AF-9 a port that another holds is named, and nothing is left listening', async () => {
  const holder = createServer();
  await once(holder.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void holder.close());
  const sockets = socketCount();
  const { port } = holder.address() as AddressInfo;
  const free = { ...chat, port: 0 };
  const error = await refusalOf({ vipas: { free, chat: { ...chat, port } } });
  expect(error.code).toBe('IPX_PORT_HELD');
  expect(error.message).toContain(`A listener has 127.0.0.1:${port} already, in this process or`);
  await until('the free endpoint is closed again', () => socketCount() === sockets);
});

test('AF-9 an address that is not of this host is named', async () => {
  const error = await refusalOf({ vipas: { chat: { ...chat, address: '192.0.2.1' } } });
  expect(error.code).toBe('IPX_ADDRESS_UNUSABLE');
  expect(error.message).toContain('192.0.2.1');
});

test('AF-9 a node that does not open in time is given up', async () => {
  const error = await refusalOf({ startMs: 0 });
  expect(error.code).toBe('IPX_START_TIMEOUT');
});

test('AF-9 wrong options are refused before any thread is started', async () => {
  const error = await refusalOf({ vipas: { chat: { ...chat, owner: 'nobody' } } });
  expect(error.code).toBe('IPX_NODE_UNKNOWN');
});

test('AF-1 CT-9 startNode alone serves both roles, and a client moves to where it is', async () => {
  const node = await startNode({
    id: 'alone',
    applications: { lobby: steered, room: steered },
    run: ['room'],
    vipas: { chat: { address: '127.0.0.1', port: 0, routing: 'lobby' } },
    log: { level: 'silent' },
  });
  onTestFinished(() => node.stop());
  expect(node.targets()).toEqual([{ node: 'alone', application: 'room', vipa: 'chat' }]);
  const client = await TestClient.connect(node.endpoints[0]?.port ?? 0);
  for (const hops of [1, 2, 3]) {
    client.tell({ do: 'transfer' }, { do: 'who' });
    expect(await client.answer()).toMatchObject({ role: 'target', node: 'alone', hops });
  }
  client.socket.end();
  expect(await client.over()).toBe('end');
});

test('AF-9 startNode is refused with the same codes', async () => {
  const options = { id: 'alone', applications: {}, run: ['room'] };
  await expect(startNode(options)).rejects.toMatchObject({ code: 'IPX_APPLICATION_UNKNOWN' });
  const applications = { room: { target: { serve: 1 } } };
  await expect(startNode({ ...options, applications })).rejects.toMatchObject({
    code: 'IPX_APPLICATION_INVALID',
  });
});

test('AF-9 actors that cannot begin are told of at once', async () => {
  const begun = performance.now();
  const error = await refusalOf({
    nodes: { edge: { actors: ['lobby'] }, hall: { run: ['room'] } },
  });
  expect(error).toMatchObject({ code: 'IPX_APPLICATION_INVALID' });
  expect(error.message).toMatch(/exports no function "actors"/);
  expect(performance.now() - begun).toBeLessThan(5_000);
});

test.each([
  ['runs nothing but us', { edge: {} }],
  ['is linked to others', { hall: { run: ['room'] }, edge: {} }],
])('AF-9 a thread that ends while it starts and %s is told of by its reason', async (_, nodes) => {
  const leaving = new URL('data:text/javascript,process.exit(3)');
  const error = await refusalOf({ applications: { lobby: leaving, room: steered }, nodes });
  expect(error).toMatchObject({ code: 'IPX_NODE_FAILED' });
  expect(error.message).toMatch(/Node "edge" did not start: .*code: 3/);
});

test.each<[string, unknown, RegExp]>([
  ['IPX_OPTION_INVALID', undefined, /startNode\(\) .* give at least \{ id, applications \}/],
  ['IPX_OPTION_INVALID', { id: 'alone', applications: {}, carriers: [] }, /carriers .*none of id/],
  ['IPX_OPTION_INVALID', { id: 'alone', applications: {}, vipas: { chat: '' } }, /vipas\.chat /],
  ['IPX_OPTION_INVALID', { id: 'alone', applications: { room: null } }, /applications\.room/],
  ['IPX_NAME_INVALID', { applications: {} }, /"undefined" is no name for a node/],
  ['IPX_OPTION_INVALID', { id: 'alone' }, /applications .* give an object/],
  ['IPX_OPTION_INVALID', { id: 'alone', applications: {}, vipas: null }, /vipas .* give an object/],
])('AF-9 %s: a node of %o is not started', async (code, options, sentence) => {
  const error: unknown = await startNode(options as NodeOptions).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code, message: expect.stringMatching(sentence) as string });
});

test('AF-9 a process whose cluster did not start is kept by nothing', async () => {
  const program = `import { startCluster } from 'interplex';
    const leaving = new URL('data:text/javascript,process.exit(3)');
    const vipas = { door: { address: '127.0.0.1', port: 0, routing: 'door', owner: 'edge' } };
    const options = { applications: { door: leaving }, nodes: { edge: {} }, vipas };
    startCluster(options).catch(({ code }) => console.log(code));`;
  const args = ['--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 15_000 });
  expect(stdout).toBe('IPX_NODE_FAILED\n');
}, 20_000);
