/**
 * Goal: the line that later tests blame for their faults makes those faults and no others.
 * Method: real sockets on both sides; each fault alone, each direction alone, then the seed twice.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Lane, type DatagramFaults, type StreamFaults } from '../support/faults/lane.ts';
import { TcpProxy } from '../support/faults/tcp-proxy.ts';
import { UdpProxy } from '../support/faults/udp-proxy.ts';
import { until } from '../support/until.ts';

async function udp(): Promise<UdpSocket> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  return socket;
}

/** A client, a server that answers each datagram with the same, and the line between them. */
async function datagrams(faults: DatagramFaults, seed = 1) {
  const [client, server] = [await udp(), await udp()];
  const proxy = await UdpProxy.start({ server: server.address(), faults, seed });
  onTestFinished(() => proxy.stop());
  const [asked, answered]: string[][] = [[], []];
  server.on('message', (bytes, from) => {
    asked?.push(bytes.toString());
    server.send(bytes, from.port, from.address);
  });
  client.on('message', (bytes) => answered?.push(bytes.toString()));
  const { address, port } = proxy.front;
  const send = (text: string) => client.send(text, port, address);
  return { client, server, proxy, send, asked: asked ?? [], answered: answered ?? [] };
}

const names = Array.from({ length: 200 }, (_, index) => `${index}`);

test('without a fault each datagram comes once, in order, and its answer too', async () => {
  const { send, asked, answered } = await datagrams({});
  for (const name of names) send(name);
  await until('all were answered', () => answered.length === names.length);
  expect(asked).toEqual(names);
  expect(answered).toEqual(names);
});

test('each direction fails by itself: answers are lost, questions are not', async () => {
  const { proxy, send, asked, answered } = await datagrams({});
  proxy.backward.faults = { isCut: true };
  for (const name of names) send(name);
  await until('all were asked', () => proxy.backward.counts.dropped === names.length);
  expect(asked).toEqual(names);
  expect(answered).toEqual([]);
  proxy.faults = {};
  send('again');
  await until('the mended line answers', () => answered.includes('again'));
});

test('a server that was told of the client may speak first', async () => {
  const [client, server] = [await udp(), await udp()];
  const proxy = await UdpProxy.start({ server: server.address(), client: client.address() });
  onTestFinished(() => proxy.stop());
  const heard = once(client, 'message');
  server.send('first', proxy.back.port, proxy.back.address);
  const [bytes, from] = (await heard) as [Buffer, AddressInfo];
  expect(bytes.toString()).toBe('first');
  expect(from.port).toBe(proxy.front.port);
});

test('datagrams are dropped, doubled, overtaken and changed at the chances given', async () => {
  const faults = { drop: 0.2, duplicate: 0.2, reorder: 0.2, corrupt: 0.2 };
  const { proxy, send, asked } = await datagrams(faults, 7);
  for (const name of names) send(`datagram ${name}`);
  const { counts } = proxy.forward;
  await until('all were seen', () => counts.passed + counts.dropped === names.length);
  await until('all came', () => asked.length === counts.passed + counts.duplicated);
  for (const kind of ['dropped', 'duplicated', 'reordered', 'corrupted'] as const) {
    expect(counts[kind]).toBeGreaterThan(15);
    expect(counts[kind]).toBeLessThan(70);
  }
  const whole = asked.filter((text) => /^datagram \d+$/.test(text));
  expect(whole.length).toBeLessThan(asked.length);
  const places = whole.map((text) => Number(text.slice('datagram '.length)));
  expect(places.some((place, index) => place < (places[index - 1] ?? 0))).toBe(true);
});

test('the same seed has the same fates, another has others', () => {
  const fates = (seed: number) => {
    const lane = new Lane(seed, { drop: 0.3, duplicate: 0.3, jitterMs: 20, corrupt: 0.3 });
    return names.map((name) => lane.plan(Buffer.from(name), 0));
  };
  expect(fates(3)).toEqual(fates(3));
  expect(fates(3)).not.toEqual(fates(4));
});

test('delay and rate say when a piece comes; a full queue drops datagrams', () => {
  const lane = new Lane(1, { delayMs: 40, rate: 10_000 });
  const at = names.map(() => lane.plan(Buffer.alloc(1_000), 0)[0]?.atMs);
  expect(at.slice(0, 3)).toEqual([140, 240, 340]);
  expect(at.filter((ms) => ms !== undefined)).toHaveLength(10); // A second's worth waits.
});

/** A client's connection through a line to a server that keeps what it reads. */
async function stream(faults: StreamFaults = {}) {
  const listener = createServer({ allowHalfOpen: true });
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void listener.close());
  const { address, port } = listener.address() as AddressInfo;
  const proxy = await TcpProxy.start({ server: { address, port }, faults });
  onTestFinished(() => proxy.stop());
  const accepted = once(listener, 'connection');
  const client = connect({ ...proxy.front, host: proxy.front.address, allowHalfOpen: true });
  const [server] = (await accepted) as [Socket];
  for (const socket of [client, server]) {
    socket.on('error', () => undefined); // `close` follows, and is what a test awaits.
    onTestFinished(() => void socket.destroy());
  }
  return { client, server, proxy, heard: kept(server), answered: kept(client) };
}

function kept(socket: Socket): () => Buffer {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks);
}

const megabyte = Buffer.from(Array.from({ length: 1_000_000 }, (_, index) => index % 251));

test('a stream passes whole, with its end, each way by itself', async () => {
  const { client, server, proxy, heard, answered } = await stream({ delayMs: 5, jitterMs: 5 });
  client.end(megabyte);
  await once(server, 'end');
  expect(heard().equals(megabyte)).toBe(true);
  server.end('thanks');
  await once(client, 'end');
  expect(answered().toString()).toBe('thanks');
  await until('the connection is forgotten', () => proxy.connectionCount === 0);
});

test('a stream that is cut is silent, and whole when it is mended', async () => {
  const { client, server, proxy, heard, answered } = await stream();
  proxy.forward.faults = { isCut: true };
  client.write(megabyte);
  server.write('still heard');
  await until('the other direction works', () => answered().length > 0);
  expect(heard()).toHaveLength(0);
  proxy.faults = {};
  await until('all came', () => heard().length === megabyte.length);
  expect(heard().equals(megabyte)).toBe(true);
});

test('a wrong bit reaches the server: TCP checks only its own part of the way', async () => {
  const { client, server, heard } = await stream({ corrupt: 1 });
  client.end(megabyte);
  await once(server, 'end');
  expect(heard()).toHaveLength(megabyte.length);
  expect(heard().equals(megabyte)).toBe(false);
});

test('a reset is seen by both sides, and who comes is refused or ignored', async () => {
  const { client, server, proxy } = await stream();
  const ends = [client, server].map(
    (socket) => new Promise((resolve) => socket.once('close', resolve)),
  );
  proxy.reset();
  expect(await Promise.all(ends)).toEqual([true, true]); // Broken, both.
  proxy.greeting = 'refuse';
  const refused = connect({ ...proxy.front, host: proxy.front.address });
  const [refusal] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
  expect(refusal.code).toBe('ECONNRESET');
  proxy.greeting = 'ignore';
  const ignored = connect({ ...proxy.front, host: proxy.front.address });
  await once(ignored, 'connect');
  ignored.write('hello?');
  ignored.on('error', () => undefined); // As it may end with its line.
  const left = new Promise((resolve) => ignored.resume().once('close', resolve));
  await proxy.stop();
  await left;
  expect(ignored.bytesRead).toBe(0);
});
