/**
 * Goal: CT-3 and CT-17 at the socket itself: a freeze takes every byte that was read and not
 * consumed, the application hears none of it, and a thaw leaves the stream as it was.
 * Method: real connections; the application's side is Node's own stream interface.
 */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { beginReading, freeze, immovability, isDrained, thaw, whenDrained } from '#internal/io/tcp';
import type { Frozen } from '#internal/io/tcp';
import { expect, test } from 'vitest';
import { socketPair } from '../support/socket-pair.ts';
import { until } from '../support/until.ts';
import { matching } from '../support/matching.ts';

/** The socket, frozen; a refusal fails the test. */
function frozenOf(socket: Socket): Frozen {
  const frozen = freeze(socket);
  if ('code' in frozen) throw new Error(`${frozen.code}: ${frozen.reason}`);
  return frozen;
}

const buffered = (socket: Socket, bytes: number) =>
  until(`${bytes} bytes are buffered`, () => socket.readableLength >= bytes);

/** Everything that a 'data' listener hears, from now on. */
function heardBy(socket: Socket): { text: () => string } {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  return { text: () => Buffer.concat(chunks).toString() };
}

test('CT-3 bytes that a paused application has not heard are taken, and not heard', async () => {
  const { client, server } = await socketPair();
  const heard = heardBy(server);
  server.pause();
  client.write('later');
  await buffered(server, 5);
  const frozen = frozenOf(server);
  expect({ unread: Buffer.from(frozen.unread).toString(), heard: heard.text() }).toEqual({
    unread: 'later',
    heard: '',
  });
  thaw(server, frozen);
  server.resume();
  await until('the bytes are heard', () => heard.text() !== '');
  expect(heard.text()).toBe('later');
});

test('CT-7 a thawed stream that nobody had listened to begins to flow like a new one', async () => {
  const { client, server } = await socketPair();
  thaw(server, frozenOf(server));
  const heard = heardBy(server);
  client.write('hello');
  await until('the bytes are heard', () => heard.text() !== '');
  expect(heard.text()).toBe('hello');
});

test('CT-7 a thawed stream that flowed goes on to flow, one that was paused stays so', async () => {
  const flowing = await socketPair();
  const paused = await socketPair();
  const heard = heardBy(flowing.server);
  const unheard = heardBy(paused.server);
  paused.server.pause();
  for (const { server } of [flowing, paused]) thaw(server, frozenOf(server));
  flowing.client.write('a');
  paused.client.write('b');
  await until('the bytes are heard', () => heard.text() === 'a');
  await buffered(paused.server, 1);
  expect(unheard.text()).toBe('');
});

test('CT-3 a full buffer is taken, and nothing is read from the kernel after it', async () => {
  const { client, server } = await socketPair();
  beginReading(server);
  client.write(Buffer.alloc(2_000_000));
  await buffered(server, server.readableHighWaterMark);
  const before = server.bytesRead;
  const frozen = frozenOf(server);
  expect(frozen.unread.byteLength).toBe(before);
  server.read(); // As an application may that does not know of the freeze.
  server.on('readable', () => void server.read());
  const other = await socketPair();
  other.client.write('a turn of the loop in which the frozen socket could have been read');
  await once(other.server, 'data');
  expect(server.bytesRead).toBe(before);
  thaw(server, frozen);
  await until('the rest is read', () => server.bytesRead === 2_000_000);
});

test('CT-3 bytes before the end of a half-closed client go back, then the end comes', async () => {
  const { client, server } = await socketPair();
  beginReading(server);
  client.end('last words');
  await until('the end has come', () => server.readableLength === 10 && isEnded(server));
  const frozen = frozenOf(server);
  await new Promise((resolve) => setImmediate(resolve));
  expect(server.readableEnded).toBe(false);
  thaw(server, frozen);
  const heard = heardBy(server);
  await once(server, 'end');
  expect(heard.text()).toBe('last words');
});

test('CT-7 what is written to a frozen socket waits, and leaves when it is thawed', async () => {
  const { client, server } = await socketPair();
  const heard = heardBy(client);
  const frozen = frozenOf(server);
  server.write('waited');
  expect(server.writableLength).toBe(6);
  thaw(server, frozen);
  await until('the bytes are heard', () => heard.text() === 'waited');
});

test('CT-17 a socket is drained when all was given to the kernel, or when it is gone', async () => {
  const { client, server } = await socketPair();
  server.write(Buffer.alloc(8_000_000));
  expect(isDrained(server)).toBe(false);
  const drained = new Promise<void>((resolve) => void whenDrained(server, resolve));
  client.resume();
  await drained;
  expect(isDrained(server)).toBe(true);
  client.pause();
  server.write(Buffer.alloc(8_000_000));
  const gone = new Promise<void>((resolve) => void whenDrained(server, resolve));
  server.destroy();
  await gone;
});

test('CT-17 an end behind unsent bytes is not hurried, not broken, and not moved', async () => {
  const { client, server } = await socketPair();
  server.write(Buffer.alloc(8_000_000));
  const refused = new Promise((resolve) => {
    whenDrained(server, () => resolve(freeze(server)));
    server.end('the end');
  });
  let received = 0;
  client.on('data', (chunk: Buffer) => (received += chunk.length));
  expect(await refused).toMatchObject({ code: 'IPX_CLIENT_HALF_SENT' });
  await once(client, 'end');
  expect(received).toBe(8_000_007);
});

test.each([
  ['IPX_CLIENT_GONE', (socket: Socket) => socket.destroy()],
  ['IPX_CLIENT_HALF_SENT', (socket: Socket) => socket.end()],
  ['IPX_CLIENT_DECODED', (socket: Socket) => socket.setEncoding('utf8')],
])('CT-17 %s refuses what cannot move, with a sentence', async (code, spoil) => {
  const { server } = await socketPair();
  expect(immovability(server)).toBeUndefined();
  spoil(server);
  expect(immovability(server)).toMatchObject({ code, reason: matching(/\.$/) });
});

test('CT-17 unread bytes over the limit refuse the move, and are still there', async () => {
  const { client, server } = await socketPair();
  const first = Buffer.alloc(1024 * 1024 + 1, 'x');
  server.unshift(first);
  expect(freeze(server)).toMatchObject({ code: 'IPX_UNREAD_LIMIT' });
  client.end('y');
  const heard = heardBy(server);
  await once(server, 'end');
  expect(heard.text() === `${first.toString()}y`).toBe(true);
});

/** The stream has its end and has not said so: Node shows it nowhere else. */
const isEnded = (socket: Socket) =>
  (socket as unknown as { _readableState: { ended: boolean } })._readableState.ended;
