/**
 * Goal: a thread has UDP sockets that outlive its being killed: sent, received, refused and closed
 * as its own would be, and bounded while it stands still (CM-1, AF-3).
 * Method: both ends of the port that lies between the two threads; real sockets on loopback.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { openUdp, type DatagramListener } from '#internal/io/udp';
import { limits } from '#internal/limits';
import { hostedSockets, hostSockets } from '#internal/runtime/hosted-sockets';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../support/until.ts';

interface Heard {
  port: number;
  datagrams: { text: string; from: number }[];
  failure: string | undefined;
}

function hearing(): { heard: Heard; listener: DatagramListener } {
  const heard: Heard = { port: 0, datagrams: [], failure: undefined };
  return {
    heard,
    listener: {
      onOpen: (port) => void (heard.port = port),
      onDatagram: (bytes, _, from) => void heard.datagrams.push({ text: bytes.toString(), from }),
      onFailed: ({ code }) => void (heard.failure = code),
      onUnsent: () => undefined,
    },
  };
}

function pair() {
  const { port1, port2 } = new MessageChannel();
  const closed = hostSockets(port1, openUdp);
  onTestFinished(() => port2.close());
  const end = async () => {
    port2.close();
    await closed;
  };
  return { open: hostedSockets(port2), end };
}

test('CM-1 what one sends another receives, with its sender', async () => {
  const { open } = pair();
  const [one, other] = [hearing(), hearing()];
  const sender = open('127.0.0.1', 0, one.listener);
  open('127.0.0.1', 0, other.listener);
  await until('both are open', () => one.heard.port > 0 && other.heard.port > 0);
  sender.send(Buffer.from('hello'), '127.0.0.1', other.heard.port);
  await until('it has arrived', () => other.heard.datagrams.length > 0);
  expect(other.heard.datagrams).toEqual([{ text: 'hello', from: one.heard.port }]);
});

test('CM-1 a burst is passed before the turn ends, and the rest at its end', async () => {
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => port2.close());
  const passed = () => {
    const word: unknown = receiveMessageOnPort(port1)?.message;
    return (word as { datagrams?: unknown[] } | undefined)?.datagrams?.length ?? 0;
  };
  const sender = hostedSockets(port2)('127.0.0.1', 0, hearing().listener);
  expect(passed()).toBe(0); // It is asked to open.
  for (let sent = 1; sent < limits.hostedBurst; sent += 1) sender.send(Buffer.from('x'), '::1', 1);
  expect(passed()).toBe(0);
  for (let sent = 0; sent < 3; sent += 1) sender.send(Buffer.from('x'), '::1', 1);
  expect(passed()).toBe(limits.hostedBurst);
  expect(passed()).toBe(0);
  await new Promise((resolve) => setImmediate(resolve));
  expect(passed()).toBe(2);
});

test('CM-1 what is sent just before the end arrives', async () => {
  const { open, end } = pair();
  const [one, other] = [hearing(), hearing()];
  const sender = open('127.0.0.1', 0, one.listener);
  const standing = openUdp('127.0.0.1', 0, other.listener);
  onTestFinished(() => standing.close());
  await until('both are open', () => one.heard.port > 0 && other.heard.port > 0);
  sender.send(Buffer.from('goodbye'), '127.0.0.1', other.heard.port);
  sender.close();
  await end();
  await until('it has arrived', () => other.heard.datagrams.length > 0);
  expect(other.heard.datagrams[0]?.text).toBe('goodbye');
});

test('CM-1 AF-9 an address that cannot be bound is told by its code', async () => {
  const { open } = pair();
  const { heard, listener } = hearing();
  open('192.0.2.1', 0, listener);
  await until('it is refused', () => heard.failure !== undefined);
  expect(heard.failure).toBe('EADDRNOTAVAIL');
});

test('CM-1 AF-3 the end of its thread closes its sockets: their ports are free', async () => {
  const { open, end } = pair();
  const { heard, listener } = hearing();
  open('127.0.0.1', 0, listener);
  await until('it is open', () => heard.port > 0);
  await end();
  const next = createSocket('udp4');
  onTestFinished(() => void next.close());
  next.bind({ address: '127.0.0.1', port: heard.port, exclusive: true });
  await once(next, 'listening');
  expect(next.address().port).toBe(heard.port);
});

test('CM-1 to a thread that stands still so many are passed and no more, then on', async () => {
  const { port1, port2 } = new MessageChannel();
  void hostSockets(port1, openUdp);
  onTestFinished(() => port2.close());
  let port = 0;
  let passed = 0;
  port2.on('message', (word: { type: string; port: number; datagrams: unknown[] }) => {
    if (word.type === 'opened') port = word.port;
    if (word.type === 'passed') passed += word.datagrams.length;
  });
  port2.postMessage({ type: 'open', socket: 1, address: '127.0.0.1', port: 0 });
  await until('it is open', () => port > 0);
  const sender = createSocket('udp4');
  onTestFinished(() => void sender.close());
  const flood = async (count: number) => {
    for (let sent = 0; sent < count; sent += 100) {
      for (let each = 0; each < 100; each++) sender.send('x', port, '127.0.0.1');
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  while (passed < limits.hostedDatagramsMax) await flood(500);
  await flood(2_000);
  expect(passed).toBe(limits.hostedDatagramsMax);
  port2.postMessage({ type: 'passed', datagrams: [], taken: 1_000 });
  while (passed < limits.hostedDatagramsMax + 1_000) await flood(100);
  await flood(500);
  expect(passed).toBe(limits.hostedDatagramsMax + 1_000);
});
