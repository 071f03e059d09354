/**
 * Goal: any `http.Server`, and what is built on one, serves transferred connections unchanged: all
 * requests, in order, with Node's own timeouts, upgrades and endings.
 * Method: real servers and clients; the routing application reads the first head and nothing else.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage, type RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import express from 'express';
import fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { contextOf, peekHead, type RequestHead, type TransferResult } from 'interplex';
import { WebSocket, WebSocketServer } from 'ws';
import { dial, readAll, startSite } from '../support/site.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const hasCurl = await run('curl', ['--version']).then(
  () => true,
  () => false,
);

const request = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: demo\r\n${more}\r\n`;
const nameUrl: RequestListener = ({ url }, response) => response.end(`${url}\n`);
const bodies = (answers: string) => answers.match(/^\/.*$/gm);

test('CT-15 CT-3 pipelined requests are answered in order, none lost, none doubled', async () => {
  const { port, told } = await startSite(createServer(nameUrl));
  const client = await dial(port);
  const paths = Array.from({ length: 500 }, (_, index) => `/${index}`);
  client.write(paths.map((path) => request(path)).join(''));
  client.end(request('/last', 'Connection: close\r\n'));
  expect(bodies(await readAll(client))).toEqual([...paths, '/last']);
  expect(told).toHaveLength(1);
});

test('CT-15 CT-3 a body arrives whole, whatever of it came with the head', async () => {
  const server = createServer((incoming, response) => {
    void text(incoming).then((body) => response.end(`${body.length} ${new Set(body).size}`));
  });
  const { port } = await startSite(server);
  const body = 'x'.repeat(5_000_000);
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body });
  expect(await response.text()).toBe('5000000 1');
});

test('CT-15 CT-6 later requests of the connection come directly', async () => {
  const { port, told } = await startSite(createServer(nameUrl));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  for (const path of ['/a', '/b', '/c']) {
    const [response] = (await once(get({ port, path, agent }), 'response')) as [IncomingMessage];
    expect(await text(response)).toBe(`${path}\n`);
  }
  expect(told).toEqual([expect.objectContaining({ url: '/a' })]);
});

test('CT-8 CT-15 the code of the server knows what came with the connection', async () => {
  const server = createServer(({ socket }, response) => {
    const { state, node, client } = contextOf<RequestHead>(socket) ?? {};
    response.end(`${state?.url} ${node?.id} ${client?.hops}`);
  });
  const { port } = await startSite(server);
  expect(await (await fetch(`http://127.0.0.1:${port}/first`)).text()).toBe('/first hall 1');
});

test('CT-15 a server that listens by itself too knows its own connections from ours', async () => {
  const server = createServer(({ socket }, response) =>
    response.end(contextOf(socket) ? 'transferred' : 'its own'),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const { port } = await startSite(server);
  const own = server.address();
  const ask = async (at: unknown) => (await fetch(`http://127.0.0.1:${String(at)}/`)).text();
  expect(await ask(port)).toBe('transferred');
  expect(await ask(typeof own === 'object' && own?.port)).toBe('its own');
});

test('CT-15 a request that is never finished is timed out by the server', async () => {
  const options = { headersTimeout: 100, connectionsCheckingInterval: 20 };
  const { port } = await startSite(createServer(options, nameUrl));
  const client = await dial(port);
  client.write(`${request('/whole')}GET /half HTT`);
  expect(await readAll(client)).toMatch(/^HTTP\/1\.1 200 [^]*HTTP\/1\.1 408 Request Timeout/);
});

test('CT-15 an idle connection is closed by the server, and by its own call', async () => {
  const server = createServer({ keepAliveTimeout: 50 }, nameUrl);
  const { port } = await startSite(server);
  const [idle, closed] = [await dial(port), await dial(port)];
  idle.write(request('/'));
  expect(bodies(await readAll(idle))).toEqual(['/']);
  server.keepAliveTimeout = 60_000;
  closed.write(request('/'));
  await once(closed, 'data');
  const ended = once(closed, 'end');
  await until('the connection is idle', () => {
    server.closeIdleConnections();
    return closed.readableEnded;
  });
  await ended;
});

test('CT-15 a node that drains closes what is idle and finishes what is under way', async () => {
  let finish: (() => void) | undefined;
  const server = createServer((incoming, response) => {
    if (incoming.url === '/idle') response.end();
    else finish = () => void response.end('finished');
  });
  const { node, port } = await startSite(server);
  const [idle, busy] = [await dial(port), await dial(port)];
  idle.write(request('/idle'));
  await once(idle, 'data');
  busy.write(request('/busy'));
  await until('the request is under way', () => finish !== undefined);
  const stopped = node.stop();
  expect(await readAll(idle)).toBe('');
  finish?.();
  expect(await readAll(busy)).toMatch(/finished$/);
  idle.end();
  busy.end();
  await stopped;
});

test('CT-15 Fastify is served unchanged', async () => {
  const app = fastify();
  app.get('/rooms/:room', ({ params, raw }) => ({
    params,
    hops: contextOf(raw.socket)?.client.hops,
  }));
  app.post('/echo', ({ body }) => body);
  await app.ready();
  onTestFinished(() => app.close());
  const { port } = await startSite(app.server);
  const room = await fetch(`http://127.0.0.1:${port}/rooms/kitchen`);
  expect(await room.json()).toEqual({ params: { room: 'kitchen' }, hops: 1 });
  const headers = { 'content-type': 'application/json' };
  const echo = { method: 'POST', headers, body: '{"a":[1,2]}' };
  expect(await (await fetch(`http://127.0.0.1:${port}/echo`, echo)).json()).toEqual({ a: [1, 2] });
});

test('CT-15 Express is served unchanged', async () => {
  const app = express();
  app.use(express.json());
  app.post('/rooms/:room', ({ params, body, socket }, response) => {
    response.json({ ...params, body: body as unknown, hops: contextOf(socket)?.client.hops });
  });
  const { port } = await startSite(createServer(app));
  const headers = { 'content-type': 'application/json' };
  const post = { method: 'POST', headers, body: '{"a":1}' };
  const response = await fetch(`http://127.0.0.1:${port}/rooms/kitchen`, post);
  expect(await response.json()).toEqual({ room: 'kitchen', body: { a: 1 }, hops: 1 });
});

test('CT-15 CT-3 ws serves a WebSocket, with the frames that came with its request', async () => {
  const server = createServer(nameUrl);
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket, incoming) => {
    const hops = contextOf(incoming.socket)?.client.hops;
    socket.on('message', (frame, isBinary) => socket.send(frame, { binary: isBinary }));
    socket.send(`${incoming.url} after ${hops} hop`);
  });
  const { port } = await startSite(server);
  const socket = new WebSocket(`ws://127.0.0.1:${port}/live`);
  const received: string[] = [];
  socket.on('message', (frame: Buffer) => received.push(frame.toString('latin1')));
  await once(socket, 'open');
  const large = Buffer.alloc(200_000, 0xe9);
  socket.send('text');
  socket.send(large);
  await until('all has come back', () => received.length === 3);
  expect(received).toEqual(['/live after 1 hop', 'text', large.toString('latin1')]);
  socket.close(1000);
  expect(await once(socket, 'close')).toEqual([1000, Buffer.alloc(0)]);

  const eager = await dial(port); // Its first frame, "hi", does not wait for the answer.
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n';
  eager.write(request('/x', `${upgrade}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n`));
  eager.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69, 0x88, 0x80, 0, 0, 0, 0]));
  const answer = await readAll(eager);
  expect(answer).toMatch(/^HTTP\/1\.1 101 /);
  expect(answer).toContain('\x81\x02hi');
});

test('CT-17 a connection that an http server has is refused by name, and goes on', async () => {
  let result: TransferResult | undefined;
  const server = createServer(({ socket }, response) => {
    const context = contextOf(socket);
    void (async () => {
      result = await context?.transfer(context.client, { to: 'site' });
      response.end('/here\n');
    })();
  });
  const { port } = await startSite(server);
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('/here\n');
  expect(result).toMatchObject({ outcome: 'refused', code: 'IPX_CLIENT_HTTP' });
});

test.skipIf(!hasCurl)('CT-15 curl keeps its connection for its later requests', async () => {
  const { port, told } = await startSite(createServer(nameUrl), (client) => peekHead(client));
  const at = (path: string) => `http://127.0.0.1:${port}${path}`;
  const { stdout, stderr } = await run('curl', ['-sv', at('/a'), at('/b'), at('/c')]);
  expect(stdout).toBe('/a\n/b\n/c\n');
  expect(stderr.match(/Re-using existing connection/g)).toHaveLength(2);
  expect(told).toHaveLength(1);
});
