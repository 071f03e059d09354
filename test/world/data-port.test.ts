/**
 * Goal: a data port delivers over several TCP connections at once, both ways, what its channels
 * promise, and it lives on while a path is left (DP-1 to DP-7, DP-9).
 * Method: nodes in this thread over real sockets; between them lines that are cut, reset, slowed
 * and corrupted; messages are numbered, and what arrives is compared.
 */
import { pipeline } from 'node:stream/promises';
import { expect, test } from 'vitest';
import {
  linesTo,
  nodeOf,
  notingTaker,
  numbered,
  numberOf,
  openPort,
  takerOf,
  upTo,
} from '../support/data-port/nodes.ts';

test('DP-1 DP-9 a port has as many connections as links, and both ends send', async () => {
  const replies: number[] = [];
  const taker = await takerOf('hall', (port) => {
    port.receive(async (message) => port.post(message));
  });
  const { port, told } = await openPort(await nodeOf('edge'), { to: taker.place, links: 4 });
  port.receive((message) => void replies.push(numberOf(message)));
  await told.until('path.up', 4);
  expect(new Set(port.paths.map(({ path }) => path))).toEqual(new Set(upTo(4)));
  for (const number of upTo(100)) await port.post(numbered(number));
  await port.send(numbered(100), { acknowledgement: 'applied' });
  expect(replies.length).toBeGreaterThan(0);
  await taker.ports[0]?.send(numbered(101), { acknowledgement: 'applied' });
  expect(replies).toEqual(upTo(102));
  await port.close();
  expect(await taker.ports[0]?.ended).toEqual({ outcome: 'closed' });
});

test('DP-2 one address is enough: the others are learnt with the hello', async () => {
  const taker = await takerOf('hall', () => {}, { addresses: ['127.0.0.1', '127.0.0.2'] });
  const [first, second] = taker.addresses;
  const { lines, place } = await linesTo(taker, 1);
  const { port, told } = await openPort(await nodeOf('edge'), { to: place, links: 3 });
  await told.until('path.up', 3);
  // The line is the first of three addresses; the other paths go to what the node has told.
  expect(lines[0]?.connectionCount).toBe(1);
  expect([first?.address, second?.address]).toEqual(['127.0.0.1', '127.0.0.2']);
  await port.close();
});

test('DP-3 every client is told what becomes of the paths, and none that has left', async () => {
  const taker = await notingTaker('hall');
  const { lines, place } = await linesTo(taker, 2);
  const { port, told } = await openPort(await nodeOf('edge'), { to: place, links: 2 });
  await told.until('path.up', 2);
  const others: string[] = [];
  const leave = port.register({ onEvent: ({ type }) => void others.push(type) });
  lines[1]?.reset();
  await told.until('path.up', 3);
  expect(told.of('path.down')).toEqual([{ type: 'path.down', path: 1, target: 'hall' }]);
  expect(told.of('path.reset')).toHaveLength(1);
  expect(others).toEqual(expect.arrayContaining(['path.down', 'path.reset', 'path.up']));
  leave();
  const count = others.length;
  port.reset(0);
  await told.until('path.up', 4);
  expect(others).toHaveLength(count);
  await port.close();
});

test('DP-5 received is when the target has it, applied when all is done', async () => {
  let finish = () => {};
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const taker = await takerOf('hall', (port) => port.receive(() => finished));
  const { port } = await openPort(await nodeOf('edge'), { to: taker.place });
  let isApplied = false;
  const apply = async () => {
    await port.send(numbered(0), { acknowledgement: 'applied' });
    isApplied = true;
  };
  const applied = apply();
  await port.send(numbered(1)); // Received behind the one that is not applied.
  await port.send(numbered(2));
  expect(isApplied).toBe(false);
  finish();
  await applied;
});

test('DP-5 back-pressure reaches who posts, and flows again when the target does', async () => {
  const taken: number[] = [];
  let begin = () => {};
  const taker = await takerOf('hall', (port) => {
    begin = () => port.receive((message) => void taken.push(numberOf(message)));
  });
  const { port, told } = await openPort(await nodeOf('edge'), {
    to: taker.place,
    channels: { main: { windowBytes: 128 * 1024 } },
  });
  let posted = 0;
  const posting = (async () => {
    for (const number of upTo(400)) {
      await port.post(numbered(number, 1_000));
      posted += 1;
    }
  })();
  await told.until('channel.congested');
  expect(port.unappliedBytes).toBeLessThan(2 * 128 * 1024);
  expect(posted).toBeLessThan(400);
  begin();
  await told.until('channel.resumed');
  await posting;
  await port.close();
  expect(taken).toEqual(upTo(400));
});

test('DP-6 nothing is lost, doubled or disordered while paths are reset', async () => {
  const taker = await notingTaker('hall');
  const { lines, place } = await linesTo(taker, 3);
  const { port, told } = await openPort(await nodeOf('edge'), { to: place, links: 3 });
  await told.until('path.up', 3);
  for (const number of upTo(3_000)) {
    await port.post(numbered(number, number % 7 === 0 ? 20_000 : 50));
    if (number % 500 === 250) lines[(number / 250) % 3]?.reset();
    if (number % 100 === 0) await port.send(numbered(1_000_000 + number));
  }
  await port.close();
  const numbers = taker.numbers.filter((number) => number < 1_000_000);
  expect(numbers).toEqual(upTo(3_000));
  expect(told.of('path.down').length).toBeGreaterThan(0);
});

test('DP-6 a corrupted byte costs its connection, and no message', async () => {
  const taker = await notingTaker('hall');
  const { lines, place } = await linesTo(taker, 2);
  const { port, told } = await openPort(await nodeOf('edge'), { to: place, links: 2 });
  await told.until('path.up', 2);
  lines[0]!.forward.faults = { corrupt: 1 };
  for (const number of upTo(500)) await port.post(numbered(number, 3_000));
  await told.until('path.down');
  lines[0]!.forward.faults = {};
  await port.close();
  expect(taker.numbers).toEqual(upTo(500));
});

test('DP-6 a keyed channel keeps the order of each key, an unordered one loses none', async () => {
  const keyed: number[] = [];
  const unordered: number[] = [];
  const taker = await takerOf('hall', (port) => {
    port.receive((message) => void keyed.push(numberOf(message)), { channel: 'keyed' });
    port.receive((message) => void unordered.push(numberOf(message)), { channel: 'any' });
  });
  const { lines, place } = await linesTo(taker, 2);
  const { port, told } = await openPort(await nodeOf('edge'), {
    to: place,
    channels: { keyed: { kind: 'keyed' }, any: { kind: 'unordered', priority: 'bulk' } },
  });
  await told.until('path.up', 2);
  for (const number of upTo(1_000)) {
    await port.post(numbered(number, 2_000), { channel: 'keyed', key: `key ${number % 10}` });
    await port.post(numbered(number, 2_000), { channel: 'any' });
    if (number === 500) lines[0]?.reset();
  }
  await port.close();
  for (const key of upTo(10)) {
    const ofKey = keyed.filter((number) => number % 10 === key);
    expect(ofKey).toEqual(upTo(1_000).filter((number) => number % 10 === key));
  }
  expect(unordered.toSorted((one, other) => one - other)).toEqual(upTo(1_000));
});

test('DP-6 of a channel for the latest only newer ones come, and the last one does', async () => {
  const seen: number[] = [];
  const taker = await takerOf('hall', (port) => {
    port.receive((message) => void seen.push(numberOf(message)), { channel: 'state' });
  });
  const { port } = await openPort(await nodeOf('edge'), {
    to: taker.place,
    channels: { state: { kind: 'latest' } },
  });
  for (const number of upTo(500)) await port.post(numbered(number), { channel: 'state' });
  await port.send(numbered(500), { channel: 'state', acknowledgement: 'applied' });
  expect(seen.at(-1)).toBe(500);
  expect(seen).toEqual([...new Set(seen)].toSorted((one, other) => one - other));
  expect(seen.length).toBeLessThan(501);
});

test('DP-7 a silent path is suspected, avoided and reset; it comes back when it can', async () => {
  const taker = await notingTaker('hall');
  const { lines, place } = await linesTo(taker, 2);
  const { port, told } = await openPort(await nodeOf('edge'), { to: place, links: 2 });
  await told.until('path.up', 2);
  lines[0]!.faults = { isCut: true };
  lines[0]!.greeting = 'ignore';
  for (const number of upTo(200)) await port.send(numbered(number));
  await told.until('path.suspected');
  await told.until('path.reset');
  expect(told.of('path.down')[0]).toMatchObject({ path: 0 });
  lines[0]!.greeting = 'connect';
  lines[0]!.faults = {};
  await told.until('path.up', 3);
  await port.close();
  expect(taker.numbers).toEqual(upTo(200));
});

test('DP-9 a channel is a stream for pipeline, and an iteration that ends', async () => {
  const taker = await takerOf('hall', (port) => {
    const stream = port.duplex('files');
    void pipeline(stream, stream); // It sends back what it reads, and its end.
  });
  const { port } = await openPort(await nodeOf('edge'), {
    to: taker.place,
    channels: { files: { priority: 'bulk' } },
  });
  const sent = Buffer.from(upTo(300_000).map((number) => number & 0xff));
  const received: Buffer[] = [];
  const stream = port.duplex('files');
  stream.end(sent);
  for await (const chunk of stream) received.push(chunk as Buffer);
  expect(Buffer.concat(received).equals(sent)).toBe(true);
  await port.close();
});
