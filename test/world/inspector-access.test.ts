/**
 * Goal: AF-7, AF-9: only who may watch does, whatever they ask for, and an inspector that cannot be
 * opened says why.
 * Method: an inspector of its own, asked by WebSockets, `fetch` and plain sockets as pages of other
 * sites, names that were made to lead here, and clients that do not speak HTTP would.
 */
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { request } from 'node:http';
import { startInspector, type Inspector } from 'interplex/inspect';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { upgradeStatus } from '../support/inspecting.ts';
import { matching } from '../support/matching.ts';

let inspector: Inspector;
let url = '';
beforeAll(async () => {
  inspector = await startInspector({ port: 0 });
  ({ url } = inspector);
});
afterAll(() => inspector.close());

const sockets: Socket[] = [];
afterEach(() => sockets.splice(0).forEach((socket) => socket.destroy()));

test('AF-7 a page of another site is refused, and a name that leads here by its own', async () => {
  const { host } = new URL(url);
  expect(await upgradeStatus(url)).toBe(101);
  expect(await upgradeStatus(url, { headers: { Origin: `http://${host}` } })).toBe(101);
  for (const origin of ['http://evil.example', 'null', `https://evil.example:${host}`]) {
    expect(await upgradeStatus(url, { headers: { Origin: origin } })).toBe(403);
  }
  expect(await upgradeStatus(url, { headers: { Host: 'rebound.example' } })).toBe(403);
  expect(await upgradeStatus(url, { path: 'elsewhere' })).toBe(404);
  const status = await new Promise((resolve) => {
    const headers = { Host: 'rebound.example' };
    request(url, { headers }, ({ statusCode }) => resolve(statusCode)).end();
  });
  expect(status).toBe(403);
});

test('AF-7 with a token nobody watches who does not have it', async () => {
  const token = 'a-token-of-some-length';
  await using guarded = await startInspector({ port: 0, token });
  expect(guarded.url).toMatch(/#token=a-token-of-some-length$/);
  const base = guarded.url.replace(/#.*/, '');
  expect(await upgradeStatus(base)).toBe(401);
  expect(await upgradeStatus(base, { path: 'live?token=a-token-of-some-lengtH' })).toBe(401);
  expect(await upgradeStatus(base, { path: `live?token=${token}` })).toBe(101);
  expect(await upgradeStatus(base, { path: 'stately' })).toBe(401);
});

test.each([
  [{ port: 70_000 }, /port/],
  [{ token: 'short' }, /token/],
  [{ address: '0.0.0.0' }, /token/],
  [{ control: 'yes' as never }, /control/],
  [{ colour: 'red' } as never, /colour/],
])('AF-9 an inspector is not opened by %j', async (options, sentence) => {
  await expect(startInspector(options)).rejects.toMatchObject({
    code: 'IPX_OPTION_INVALID',
    message: matching(sentence),
  });
});

test('AF-9 a port that is held is said to be', async () => {
  const { port } = new URL(url);
  await expect(startInspector({ port: Number(port) })).rejects.toMatchObject({
    code: 'IPX_PORT_HELD',
  });
});

test('AF-7 only the page is served, under a policy that lets nothing else in', async () => {
  const page = await fetch(url);
  expect(page.status).toBe(200);
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(await page.text()).toContain('Interplex inspector');
  expect((await fetch(new URL('/..%2f..%2fpackage.json', url))).status).toBe(404);
  expect((await fetch(new URL('/tap.js', url))).status).toBe(404);
  expect((await fetch(url, { method: 'POST' })).status).toBe(405);
});

test.each(['//', 'http://[', '/%', '/__proto__', '/constructor', '*'])(
  'AF-9 what asks for %s is answered, and ends nothing',
  async (path) => {
    const { port } = new URL(url);
    const heads = [
      '',
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n',
    ];
    for (const head of heads) {
      const socket = createConnection({ port: Number(port), host: '127.0.0.1' });
      sockets.push(socket);
      socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${head}\r\n`);
      const [answer] = (await once(socket, 'data')) as [Buffer];
      expect(answer.toString()).toMatch(/^HTTP\/1\.1 40[04] /);
    }
    expect((await fetch(url)).status).toBe(200);
  },
);
