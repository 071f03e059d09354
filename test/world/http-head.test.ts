/**
 * Goal: a routing application reads the first request's head as the target's server will, and
 * takes no byte of it; what is no head, or none in time, is answered and closed.
 * Method: raw bytes over real connections. Valid heads, however odd, are compared with what an
 * ordinary `http.Server` then reports of the same request; invalid ones by their answer.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { InterplexError, peekHead, type RequestHead } from 'interplex';
import { dial, readAll, startSite } from '../support/site.ts';
import { until } from '../support/until.ts';

/** A server that tells of each request what `RequestHead` tells, and lets it go. */
function mirror() {
  const seen: unknown[] = [];
  const note = ({ method, url, httpVersion, headers }: IncomingMessage) =>
    seen.push({ method, url, httpVersion, headers });
  const server = createServer((request, response) => {
    note(request);
    response.end('seen');
  });
  server.on('checkContinue', (request, response) => {
    note(request);
    response.end('seen');
  });
  for (const event of ['upgrade', 'connect'] as const) {
    server.on(event, (request: IncomingMessage, socket: Duplex) => {
      note(request);
      socket.end('HTTP/1.1 200 OK\r\n\r\nseen');
    });
  }
  return { server, seen };
}

const host = 'Host: demo\r\nConnection: close\r\n';
const heads: readonly (readonly [name: string, bytes: string])[] = [
  ['a plain one', `GET /rooms/kitchen?a=b HTTP/1.1\r\n${host}\r\n`],
  ['HTTP/1.0 without a host', 'GET / HTTP/1.0\r\n\r\n'],
  ['a URL with a host in it', `GET http://other/path HTTP/1.1\r\n${host}\r\n`],
  ['empty lines before it', `\r\n\r\nGET / HTTP/1.1\r\n${host}\r\n`],
  ['a body in the same piece', `POST / HTTP/1.1\r\n${host}Content-Length: 5\r\n\r\nhello`],
  ['a body that is awaited', `PUT / HTTP/1.1\r\n${host}Expect: 100-continue\r\n\r\n`],
  ['an upgrade', 'GET / HTTP/1.1\r\nHost: demo\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'],
  ['a tunnel', `CONNECT demo:443 HTTP/1.1\r\nHost: demo\r\n\r\n`],
  ['the same name twice', `GET / HTTP/1.1\r\n${host}Cookie: a=1\r\ncookie: b=2\r\n\r\n`],
  ['bytes beyond ASCII', `GET / HTTP/1.1\r\n${host}Name: \xe9\r\n\r\n`],
  ['a head of 15 KiB', `GET / HTTP/1.1\r\n${host}X: ${'x'.repeat(15 * 1024)}\r\n\r\n`],
];

test.each(heads)('CT-2 CT-15 a head is read alike here and there: %s', async (_name, bytes) => {
  const { server, seen } = mirror();
  const { port, told, failures } = await startSite(server);
  const client = await dial(port);
  client.write(bytes, 'latin1');
  expect(await readAll(client)).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*seen/);
  expect(seen).toEqual(told);
  expect(failures).toEqual([]);
});

test('CT-2 CT-3 a head comes in pieces of one byte, and with the client’s end', async () => {
  const { server, seen } = mirror();
  const { port, told } = await startSite(server);
  const client = await dial(port);
  for (const byte of `GET /slowly HTTP/1.1\r\n${host}\r\n`) {
    client.write(byte);
    await new Promise(setImmediate); // Each in a segment of its own.
  }
  client.end();
  expect(await readAll(client)).toContain('seen');
  expect(seen).toEqual(told);
});

const refused: readonly (readonly [name: string, bytes: string, status: number])[] = [
  ['nonsense', 'hello\r\n\r\n', 400],
  ['the first bytes of TLS', '\x16\x03\x01\x02\x00\x01', 400],
  ['HTTP/2 from the start', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['HTTP/0.9', 'GET /\r\n\r\n', 400],
  ['a version that is none', `GET / HTTP/1.7\r\n${host}\r\n`, 400],
  ['no host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ['two hosts', `GET / HTTP/1.1\r\nHost: a\r\n${host}\r\n`, 400],
  ['two lengths', `GET / HTTP/1.1\r\n${host}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`, 400],
  ['a space before the colon', `GET / HTTP/1.1\r\nHost : a\r\n${host}\r\n`, 400],
  ['CR alone in a value', `GET / HTTP/1.1\r\n${host}A: b\rC: d\r\n\r\n`, 400],
  ['a zero in a value', `GET / HTTP/1.1\r\n${host}A: \0\r\n\r\n`, 400],
  ['a length and chunks', lengthAndChunks(), 400],
  ['too many bytes in a value', `GET / HTTP/1.1\r\n${host}X: ${'x'.repeat(17_000)}`, 431],
  ['too many bytes in the URL', `GET /${'x'.repeat(17_000)}`, 431],
  ['too many names', `GET / HTTP/1.1\r\n${host}${'A: b\r\n'.repeat(5_000)}`, 431],
  ['empty lines for ever', '\r\n'.repeat(10_000), 431],
  ['one that is never finished', 'GET / HTTP/1.1\r\nHost: ', 408],
];

function lengthAndChunks(): string {
  const both = 'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n';
  return `GET / HTTP/1.1\r\n${host}${both}\r\n0\r\n\r\n`;
}

test.each(refused)('CT-15 %s gets an answer and the end', async (_name, bytes, status) => {
  const { server, seen } = mirror();
  const { port, told, failures } = await startSite(server, (client) =>
    peekHead(client, { timeoutMs: 200 }),
  );
  const client = await dial(port);
  client.write(bytes, 'latin1');
  const answer = await readAll(client);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} .*\r\nConnection: close\r\n`));
  client.end();
  await until('the application is told', () => told.length > 0);
  expect(told[0]).toMatchObject({ code: 'IPX_HTTP_REFUSED' });
  expect(seen).toEqual([]);
  expect(failures).toEqual([]); // It is no failure of the application.
});

test('CT-15 who ends before the head is whole is told so', async () => {
  const { port } = await startSite(createServer());
  const client = await dial(port);
  client.end('GET / HTT');
  expect(await readAll(client)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
});

test('CT-15 who says nothing gets no answer, only the end', async () => {
  const { port, told } = await startSite(createServer(), (client) =>
    peekHead(client, { timeoutMs: 50 }),
  );
  const client = await dial(port);
  expect(await readAll(client)).toBe('');
  client.end();
  await until('the application is told', () => told.length > 0);
  expect(told[0]).toBeInstanceOf(InterplexError);
});

test('CT-15 who sends on while being refused still gets the whole answer', async () => {
  const { port } = await startSite(createServer());
  const client = await dial(port);
  const answer = readAll(client);
  client.write('GET / HTTP/1.1\r\nX: ');
  for (let sent = 0; !client.readableEnded && sent < 4_000; sent += 1) {
    client.write('x'.repeat(16 * 1024));
    await pause(1); // It is refused after the first; without a pause the rest would be in memory.
  }
  expect(await answer).toContain('The head of the request is too large.\n');
});

test('CT-3 a head is looked at again, and after a refusal of the transfer', async () => {
  const { server, seen } = mirror();
  const looks: RequestHead[] = [];
  const { port } = await startSite(server, async (client, route) => {
    looks.push(await peekHead(client), await peekHead(client));
    const result = await route.transfer(client, { to: 'nobody' });
    expect(result.outcome).toBe('refused');
    looks.push(await peekHead(client));
    return undefined;
  });
  const client = await dial(port);
  onTestFinished(() => void client.destroy());
  client.write(`GET /again HTTP/1.1\r\n${host}\r\n`);
  expect(await readAll(client)).toContain('seen');
  expect(looks).toEqual([seen[0], seen[0], seen[0]]);
});
