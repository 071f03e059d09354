/**
 * Goal: what is wrong with a data port's use, its network or its other end is told by a code, and
 * costs nothing else (AF-9); what was accepted is delivered or reported (DP-6).
 * Method: each wrong thing is done to real ports, whose others go on; wrong bytes are written to a
 * node's address by a plain socket.
 */
import { connect } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { bodyCrcOf, encodeHead, frameTypes } from '#internal/wire/frame';
import { linesTo, nodeOf, numbered, openPort, takerOf } from '../support/data-port/nodes.ts';
import { uncaughtErrors } from '../support/uncaught.ts';

const code = (expected: string) => expect.objectContaining({ code: expected }) as unknown;

test('AF-9 options that cannot be used are named', async () => {
  const node = await nodeOf('edge');
  const to = { node: 'hall', address: '127.0.0.1', port: 1 };
  const wrong: readonly [object, RegExp][] = [
    [{ to: 'hall' }, /service/],
    [{ to, service: 'v'.repeat(256) }, /service/],
    [{ to, service: 'volume', links: 0 }, /links/],
    [{ to, service: 'volume', links: 17 }, /links/],
    [{ to, service: 'volume', failover: 'never' }, /failover/],
    [{ to, service: 'volume', policy: 'random' }, /policy/],
    [{ to, service: 'volume', backups: 'hall' }, /backups/],
    [{ to: { node: 'hall' }, service: 'volume' }, /option to /],
    [{ to, service: 'volume', channels: { a: { kind: 'sorted' } } }, /channels\.a\.kind/],
    [{ to, service: 'volume', channels: { a: { windowBytes: 1 } } }, /channels\.a\.windowBytes/],
    [{ to, service: 'volume', client: {} }, /client/],
    [{ to, service: 'volume', localAddresses: ['999.1.1.1'] }, /localAddresses/],
    [{ to, service: 'volume', localAddresses: [5] }, /localAddresses/],
    [{ to, service: 'volume', openMs: -1 }, /openMs/],
    [{ to, service: 'volume', paths: 3 }, /paths/],
  ];
  for (const [options, sentence] of wrong) {
    const opening = node.openDataPort(options as Parameters<typeof node.openDataPort>[0]);
    await expect(opening).rejects.toMatchObject({
      code: 'IPX_OPTION_INVALID',
      message: expect.stringMatching(sentence) as string,
    });
  }
});

test('AF-9 who cannot be reached, and what is not served, is told', async () => {
  const node = await nodeOf('edge');
  const taker = await takerOf('hall', () => {});
  const [at] = taker.addresses;
  await expect(node.openDataPort({ to: 'nobody', service: 'volume' })).rejects.toEqual(
    code('IPX_NODE_UNKNOWN'),
  );
  await expect(node.openDataPort({ to: taker.place, service: 'none' })).rejects.toEqual(
    code('IPX_SERVICE_UNKNOWN'),
  );
  const other = { node: 'other', addresses: [at!] };
  await expect(node.openDataPort({ to: other, service: 'volume' })).rejects.toEqual(
    code('IPX_NODE_UNKNOWN'),
  );
  const { lines, place } = await linesTo(taker, 1);
  lines[0]!.greeting = 'refuse';
  await expect(node.openDataPort({ to: place, service: 'volume', links: 1 })).rejects.toEqual(
    code('IPX_PATH_LOST'),
  );
  lines[0]!.greeting = 'ignore';
  await expect(
    node.openDataPort({ to: place, service: 'volume', links: 1, openMs: 300 }),
  ).rejects.toEqual(code('IPX_PORT_UNREACHABLE'));
  await expect(taker.node.acceptDataPorts('volume', () => {})).rejects.toEqual(
    code('IPX_SERVICE_TAKEN'),
  );
});

test('AF-9 DP-8 a port that neither target nor backup takes is not opened', async () => {
  const node = await nodeOf('edge');
  const [first, second] = [await takerOf('hall-1', () => {}), await takerOf('hall-2', () => {})];
  const { lines, place } = await linesTo(first, 1);
  lines[0]!.greeting = 'refuse';
  const told: string[] = [];
  const opening = {
    to: place,
    backups: [second.place],
    links: 1,
    client: { onEvent: ({ type }: { type: string }) => void told.push(type) },
  };
  await expect(node.openDataPort({ ...opening, service: 'none' })).rejects.toEqual(
    code('IPX_SERVICE_UNKNOWN'),
  );
  expect(told.at(-1)).toBe('port.failed');
  // Nobody has the port who could decide.
  await expect(
    node.openDataPort({ ...opening, service: 'volume', failover: 'client' }),
  ).rejects.toEqual(code('IPX_PATH_LOST'));
  expect(second.ports).toEqual([]);
});

test('AF-9 a message that cannot go is refused, and the others go', async () => {
  const heard: number[] = [];
  const taker = await takerOf('hall', (port) =>
    port.receive(({ length }) => void heard.push(length)),
  );
  const { port } = await openPort(await nodeOf('edge'), {
    to: taker.place,
    channels: { keyed: { kind: 'keyed' }, state: { kind: 'latest' } },
  });
  const large = Buffer.alloc(70_000);
  await expect(port.post(Buffer.alloc(17 * 1024 * 1024))).rejects.toEqual(
    code('IPX_MESSAGE_LIMIT'),
  );
  await expect(port.post(large, { channel: 'state' })).rejects.toEqual(code('IPX_MESSAGE_LIMIT'));
  await expect(port.post(large, { channel: 'none' })).rejects.toEqual(code('IPX_CHANNEL_UNKNOWN'));
  await expect(port.post(large, { channel: 'keyed' })).rejects.toEqual(code('IPX_OPTION_INVALID'));
  await expect(port.post('text' as unknown as Buffer)).rejects.toEqual(code('IPX_OPTION_INVALID'));
  const never = { acknowledgement: 'never' as 'applied' };
  await expect(port.send(large, never)).rejects.toEqual(code('IPX_OPTION_INVALID'));
  await expect(port.failover('nobody')).rejects.toEqual(code('IPX_NODE_UNKNOWN'));
  expect(() => port.reset(9)).toThrow(expect.objectContaining({ code: 'IPX_PATH_UNKNOWN' }));
  port.receive(() => {});
  expect(() => port.receive(() => {})).toThrow(
    expect.objectContaining({ code: 'IPX_CHANNEL_TAKEN' }),
  );
  await port.send(large, { acknowledgement: 'applied' });
  port.end();
  await expect(port.post(large)).rejects.toEqual(code('IPX_CHANNEL_ENDED'));
  await port.close();
  await expect(port.post(large)).rejects.toEqual(code('IPX_PORT_CLOSED'));
  await expect(port.send(large)).rejects.toEqual(code('IPX_PORT_CLOSED'));
  await expect(port.failover()).rejects.toEqual(code('IPX_PORT_CLOSED'));
  expect(heard).toEqual([70_000]);
});

test('DP-6 what a port accepted and could not deliver is reported when it ends', async () => {
  const taker = await takerOf('hall', (port) => port.receive(() => new Promise<void>(() => {})));
  const { lines, place } = await linesTo(taker, 1);
  const { port, told } = await openPort(await nodeOf('edge'), {
    to: place,
    links: 1,
    abandonMs: 200,
  });
  const sending = port.send(numbered(1), { acknowledgement: 'applied' });
  await port.post(numbered(2));
  lines[0]!.greeting = 'refuse';
  lines[0]!.reset();
  await expect(sending).rejects.toEqual(code('IPX_PORT_LOST'));
  expect(await port.ended).toMatchObject({ outcome: 'failed', code: 'IPX_PORT_LOST' });
  expect(told.of('messages.lost')).toMatchObject([{ messages: 2 }]);
});

test('AF-9 wrong words on a connection are answered by a code, and the ports live', async () => {
  const taker = await takerOf('hall', (port) => port.receive(() => {}));
  const { port } = await openPort(await nodeOf('edge'), { to: taker.place, links: 1 });
  const [at] = taker.addresses;
  const plain = { flags: 0, epoch: 1, stream: 0, sequence: 0, heard: 0, index: 0, total: 0 };
  const say = async (type: 1 | 4, body: Buffer): Promise<string> => {
    const socket = connect(at!.port, at!.address);
    socket.write(encodeHead({ ...plain, type }, body.length, bodyCrcOf(body)));
    socket.write(body);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(socket, 'close');
    return Buffer.concat(chunks).toString('latin1');
  };
  const { hello, data } = frameTypes;
  expect(await say(hello, Buffer.from('{'))).toContain('IPX_FRAME_INVALID');
  expect(await say(hello, Buffer.from('{"versions":{"least":7,"most":9}}'))).toContain(
    'IPX_FRAME_VERSION',
  );
  expect(await say(data, Buffer.from('first'))).toContain('IPX_FRAME_INVALID');
  const noise = connect(at!.port, at!.address);
  noise.write(Buffer.alloc(300, 0xee));
  noise.resume();
  await once(noise, 'close');
  await port.send(numbered(1), { acknowledgement: 'applied' });
});

test('AF-9 a handler that throws ends its own port, and no other', async () => {
  const thrown = uncaughtErrors();
  let isWell = true;
  const taker = await takerOf('hall', (port) => {
    if (!isWell) throw new Error('unwell');
    port.receive(() => {});
  });
  const node = await nodeOf('edge');
  const { port } = await openPort(node, { to: taker.place });
  isWell = false;
  const opening = node.openDataPort({ to: taker.place, service: 'volume', links: 1 });
  await expect(opening).rejects.toEqual(code('IPX_SERVICE_FAILED'));
  expect(thrown).toEqual([new Error('unwell')]);
  expect(await taker.ports[1]!.ended).toMatchObject({ outcome: 'failed' });
  isWell = true;
  await port.send(numbered(1), { acknowledgement: 'applied' });
  await openPort(node, { to: taker.place });
});

test('AF-9 a node that has stopped opens and takes no more ports', async () => {
  const taker = await takerOf('hall', () => {});
  const node = await nodeOf('edge');
  await node.stop();
  const opening = node.openDataPort({ to: taker.place, service: 'volume' });
  await expect(opening).rejects.toEqual(code('IPX_NODE_STOPPED'));
  await expect(node.acceptDataPorts('volume', () => {})).rejects.toEqual(code('IPX_NODE_STOPPED'));
  expect(taker.ports).toEqual([]);
});
