/**
 * Goal: a client that begins TLS is routed by what its ClientHello says, before the handshake, and
 * an ordinary `tls` or `https` server makes the handshake as if nothing had been.
 * Method: real sessions, by a key that both sides know, so that no certificate is needed; hellos
 * are taken from Node's own client and sent in other pieces, in other records, or damaged.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request, type RequestOptions } from 'node:https';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { connect, createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { contextOf, peekClientHello, type ClientHello, type TransferResult } from 'interplex';
import { dial, readAll, startSite, type Look } from '../support/site.ts';
import { until } from '../support/until.ts';

const key = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
const suite = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const;
const serverOptions = { ...suite, pskCallback: () => key, ALPNProtocols: ['http/1.1'] };
const clientOptions = {
  ...suite,
  checkServerIdentity: () => undefined,
  pskCallback: () => ({ psk: key, identity: 'test' }),
};
const look: Look = (client) => peekClientHello(client);
const greet = (session: TLSSocket) => {
  const { serverName } = contextOf<ClientHello>(session)?.state ?? {};
  session.end(`welcome to ${serverName}`);
};

const openssl = promisify(execFile)('openssl', ['version']);
const hasOpenssl = await openssl.then(
  () => true,
  () => false,
);

/** The first bytes that Node's own client sends. */
let hello = Buffer.alloc(0);
beforeAll(async () => {
  const wire = new Duplex({
    read: () => {},
    write: (chunk: Buffer, _encoding, done) => {
      hello = Buffer.concat([hello, chunk]);
      done();
    },
  });
  const session = connect({ ...clientOptions, socket: wire, servername: 'ann.example' });
  await until('the hello is sent', () => hello.length > 5);
  session.destroy();
});

/** A session over a connection, welcomed. */
async function greeted(socket: Socket, servername = 'ann.example'): Promise<string> {
  const session = connect({ ...clientOptions, socket, servername });
  onTestFinished(() => void session.destroy());
  return text(session);
}

test('CT-17 a session is made by the server that the name was routed to', async () => {
  const { port, told, failures } = await startSite(createTlsServer(serverOptions, greet), look);
  expect(await greeted(await dial(port), 'Ann.Example')).toBe('welcome to ann.example');
  expect(told).toEqual([{ serverName: 'ann.example', protocols: [] }]);
  expect(failures).toEqual([]);
});

test('CT-17 CT-15 an https server knows what came with the connection', async () => {
  const server = createServer(serverOptions, ({ socket, url }, response) => {
    const { state, client } = contextOf<ClientHello>(socket) ?? {};
    response.end(JSON.stringify({ ...state, url, hops: client?.hops }));
  });
  const { port } = await startSite(server, look);
  const wish = { servername: 'ann.example', ALPNProtocols: ['h2', 'http/1.1'] };
  const options: RequestOptions = { ...clientOptions, ...wish, port, path: '/x', agent: false };
  const asked = request(options);
  asked.end();
  const [response] = (await once(asked, 'response')) as [NodeJS.ReadableStream];
  expect(JSON.parse(await text(response))).toEqual({
    serverName: 'ann.example',
    protocols: ['h2', 'http/1.1'],
    url: '/x',
    hops: 1,
  });
});

test('CT-17 who names no server is routed too', async () => {
  const { port, told } = await startSite(createTlsServer(serverOptions, greet), look);
  const session = connect({ ...clientOptions, port });
  onTestFinished(() => void session.destroy());
  expect(await text(session)).toBe('welcome to undefined');
  expect(told).toEqual([{ serverName: undefined, protocols: [] }]);
});

test('CT-17 CT-3 a hello comes in pieces of one byte', async () => {
  const { port } = await startSite(createTlsServer(serverOptions, greet), look);
  const socket = await dial(port);
  const slow = new Duplex({
    read: () => {},
    write: (chunk: Buffer, _encoding, done) => drip(socket, [...chunk], done),
    final: (done) => void socket.end(done),
  });
  socket.on('data', (chunk: Buffer) => slow.push(chunk)).on('end', () => slow.push(null));
  expect(await greeted(slow as Socket)).toBe('welcome to ann.example');
});

/** Writes each byte in a segment of its own. */
function drip(socket: Socket, bytes: number[], done: () => void): void {
  const byte = bytes.shift();
  if (byte === undefined) done();
  else socket.write(Buffer.of(byte), () => setImmediate(drip, socket, bytes, done));
}

/** The same handshake bytes in records of at most `size` bytes. */
function inRecords(record: Buffer, size: number): Buffer {
  const payload = record.subarray(5);
  const pieces: Buffer[] = [];
  for (let at = 0; at < payload.length; at += size) {
    const piece = payload.subarray(at, at + size);
    pieces.push(Buffer.from([22, 3, 1, piece.length >> 8, piece.length & 0xff]), piece);
  }
  return Buffer.concat(pieces);
}

test.each([1, 3, 100])('CT-17 a hello may span records of %i bytes', async (size) => {
  const { port, told } = await startSite(createTlsServer(serverOptions), look);
  const socket = await dial(port);
  socket.write(inRecords(hello, size));
  await until('it is read', () => told.length > 0);
  expect(told).toEqual([{ serverName: 'ann.example', protocols: [] }]);
});

const alert = (description: number) =>
  `\x15\x03\x03\x00\x02\x02${String.fromCharCode(description)}`;
const unexpectedMessage = alert(10);
const decodeError = alert(50);
const record = (length: number, ...payload: number[]) =>
  Buffer.from([22, 3, 1, length >> 8, length & 0xff, ...payload]);

test.each([
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n'), unexpectedMessage],
  ['a version that is none', Buffer.from([22, 9]), unexpectedMessage],
  ['another message', record(4, 2, 0, 0, 0), unexpectedMessage],
  ['an empty record', record(0), decodeError],
  ['a record that is too long', record(0x4001), decodeError],
  ['a hello that is too long', record(4, 1, 0, 0x40, 1), decodeError],
  ['a hello of nothing', record(4, 1, 0, 0, 0), decodeError],
  ['a hello that ends too early', record(10, 1, 0, 0, 6, 3, 3, 1, 1, 1, 1), decodeError],
])('CT-17 %s gets an alert and the end', async (_name, bytes, answer) => {
  const { port, told, failures } = await startSite(createTlsServer(serverOptions), look);
  const client = await dial(port);
  client.write(bytes);
  expect(await readAll(client)).toBe(answer);
  client.end();
  await until('the application is told', () => told.length > 0);
  expect(told[0]).toMatchObject({ code: 'IPX_TLS_REFUSED' });
  expect(failures).toEqual([]);
});

test('CT-17 a hello that is never finished gets the end', async () => {
  const { port } = await startSite(createTlsServer(serverOptions), (client) =>
    peekClientHello(client, { timeoutMs: 50 }),
  );
  const client = await dial(port);
  client.write(hello.subarray(0, -1));
  expect(await readAll(client)).toBe('');
});

test('CT-17 a damaged hello is read or refused, and never waited for', async () => {
  const { port, told, failures } = await startSite(createTlsServer(serverOptions), look);
  const damages = Array.from({ length: 64 }, (_, index) => {
    const damaged = Buffer.from(hello);
    const at = 9 + ((index * 37) % (hello.length - 9)); // Behind the lengths that say when it ends.
    damaged[at] = (damaged[at] ?? 0) ^ 0xff;
    return damaged;
  });
  await Promise.all(
    damages.map(async (damaged) => {
      const client = await dial(port);
      client.end(damaged);
      await readAll(client);
    }),
  );
  await until('each has been told', () => told.length === damages.length);
  expect(failures).toEqual([]);
});

test('CT-17 a session after its handshake is refused by name, and goes on', async () => {
  let result: TransferResult | undefined;
  const server = createTlsServer(serverOptions, (session) => {
    const context = contextOf(session);
    session.once('data', () => {
      void (async () => {
        result = await context?.transfer(context.client, { to: 'site' });
        session.end('still here');
      })();
    });
  });
  const { port } = await startSite(server, look);
  const session = connect({ ...clientOptions, port, servername: 'ann.example' });
  onTestFinished(() => void session.destroy());
  session.write('move me');
  expect(await text(session)).toBe('still here');
  expect(result).toMatchObject({ outcome: 'refused', code: 'IPX_CLIENT_TLS' });
});

test.skipIf(!hasOpenssl)('CT-17 openssl s_client is routed by the name it gives', async () => {
  const { port, told } = await startSite(createTlsServer(serverOptions, greet), look);
  const names = ['-servername', 'ann.example', '-alpn', 'http/1.1'];
  const keys = ['-psk', key.toString('hex'), '-psk_identity', 'test', '-tls1_2', '-cipher', 'PSK'];
  const args = ['s_client', '-quiet', '-connect', `127.0.0.1:${port}`, ...names, ...keys];
  const { stdout } = await promisify(execFile)('openssl', args);
  expect(stdout).toBe('welcome to ann.example');
  expect(told).toEqual([{ serverName: 'ann.example', protocols: ['http/1.1'] }]);
});
