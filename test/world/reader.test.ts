/**
 * Goal: CT-2, CT-3: a read takes what it was asked for and nothing else; whatever it does not
 * consume is in the socket again, for the next read or for a transfer.
 * Method: real connections, with bytes cut at every place.
 */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { ClientId, ConnectionDescription } from '#actors/vocabulary';
import { freeze, thaw } from '#internal/io/tcp';
import { Client } from '#internal/transfer/client';
import { Reader } from '#internal/transfer/reader';
import { InterplexError } from 'interplex';
import { socketPair } from '../support/socket-pair.ts';
import { until } from '../support/until.ts';

async function reading() {
  const { client, server } = await socketPair();
  return { client, server, reader: new Reader(server) };
}
const codeOf = (error: unknown) => (error instanceof InterplexError ? error.code : error);
const refusal = (read: Promise<unknown>) => read.then(() => 'it was read', codeOf);

test('CT-2 lines end with LF or CRLF, wherever the packets are cut', async () => {
  const { client, reader } = await reading();
  const text = 'first\r\nsecond\n\nänn\r\n';
  const lines = (async () => {
    const read = [];
    for (let line = 0; line < 4; line += 1) read.push(await reader.line());
    return read;
  })();
  for (const byte of Buffer.from(text)) {
    client.write(Uint8Array.of(byte));
    await turn();
  }
  expect(await lines).toEqual(['first', 'second', '', 'änn']);
});

test('CT-2 the last line may lack its end, and after it there is none', async () => {
  const { client, reader } = await reading();
  client.end('one\ntwo');
  expect(await reader.line()).toBe('one');
  expect(await reader.line()).toBe('two');
  expect(await refusal(reader.line())).toBe('IPX_CLIENT_ENDED');
});

test('CT-3 what is peeked at stays, what is read goes, in any mixture', async () => {
  const { client, reader } = await reading();
  client.write(Buffer.from([0, 255, 10, 13, 65, 66, 10, 67]));
  expect([...(await reader.bytes(3, false))]).toEqual([0, 255, 10]);
  expect([...(await reader.bytes(8, false))]).toEqual([0, 255, 10, 13, 65, 66, 10, 67]);
  expect([...(await reader.bytes(3, true))]).toEqual([0, 255, 10]);
  expect(await reader.line()).toBe('\rAB');
  expect([...(await reader.bytes(1, true))]).toEqual([67]);
});

test('CT-3 many lines in one packet are read one by one', async () => {
  const { client, reader } = await reading();
  const lines = Array.from({ length: 2_000 }, (_, number) => `line ${number}`);
  client.write(lines.map((line) => `${line}\n`).join(''));
  for (const line of lines) expect(await reader.line()).toBe(line);
});

test('CT-3 a waiting read gives back what it holds when suspended, and goes on', async () => {
  const { client, server, reader } = await reading();
  const line = reader.line();
  client.write('half ');
  await until('the read holds the bytes', () => server.bytesRead === 5);
  await turn();
  expect(server.readableLength).toBe(0);
  reader.suspend();
  expect(server.readableLength).toBe(5);
  client.write('a line\n');
  await until('the rest is there', () => server.readableLength === 12);
  reader.resume();
  expect(await line).toBe('half a line');
});

test('CT-3 a read that fails by its limit or its time leaves all bytes', async () => {
  const { client, reader } = await reading();
  client.write('0123456789');
  expect(await refusal(reader.line({ limitBytes: 4 }))).toBe('IPX_READ_LIMIT');
  expect(await refusal(reader.line({ timeoutMs: 20 }))).toBe('IPX_READ_TIMEOUT');
  client.write('\n');
  expect(await reader.line()).toBe('0123456789');
});

test.each([
  ['at once', async (client: Socket) => client.end('7 bytes')],
  [
    'a turn later',
    async (client: Socket, server: Socket) => {
      client.write('7 bytes');
      await until('the read holds the bytes', () => server.bytesRead === 7);
      await turn();
      client.end();
    },
  ],
])('CT-3 a read of more than came before the client’s end, %s, leaves it', async (_when, send) => {
  const { client, server, reader } = await reading();
  const ended = once(server, 'end');
  const tooMany = refusal(reader.bytes(10, true));
  await send(client, server);
  expect(await tooMany).toBe('IPX_CLIENT_ENDED');
  expect(await refusal(reader.bytes(8, false))).toBe('IPX_CLIENT_ENDED');
  expect((await reader.bytes(1, true)).toString()).toBe('7');
  expect(await reader.line()).toBe(' bytes');
  expect(await refusal(reader.bytes(1, true))).toBe('IPX_CLIENT_ENDED');
  await ended;
});

test('CT-3 what a refused read left travels, and whoever ends the client drops it', async () => {
  const { client, server } = await socketPair();
  const held = new Client(1 as ClientId, server, {} as ConnectionDescription);
  client.end('7 bytes');
  expect(await refusal(held.read(10))).toBe('IPX_CLIENT_ENDED');
  const frozen = freeze(server);
  if ('code' in frozen) throw new Error(frozen.code);
  expect(Buffer.from(frozen.unread).toString()).toBe('7 bytes');
  thaw(server, frozen);
  held.end('goodbye');
  await once(server, 'close');
});

test('AF-9 a line of exactly the limit is read, its end counted', async () => {
  const { client, reader } = await reading();
  client.write('0123\r\n');
  expect(await refusal(reader.line({ limitBytes: 5 }))).toBe('IPX_READ_LIMIT');
  expect(await reader.line({ limitBytes: 6 })).toBe('0123');
});

test('AF-9 a client that leaves fails the read that waits, by name', async () => {
  const resetting = await reading();
  const waiting = refusal(resetting.reader.line());
  resetting.client.resetAndDestroy();
  expect(await waiting).toBe('IPX_CLIENT_GONE');
  expect(await refusal(resetting.reader.line())).toBe('IPX_CLIENT_GONE');
  const ending = await reading();
  const short = refusal(ending.reader.bytes(10, true));
  ending.client.end('too few');
  expect(await short).toBe('IPX_CLIENT_ENDED');
});

test.each([
  ['bytes', (reader: Reader) => reader.bytes(0, true)],
  ['bytes', (reader: Reader) => reader.bytes(1.5, true)],
  ['bytes', (reader: Reader) => reader.bytes(100, true, { limitBytes: 10 })],
  ['time', (reader: Reader) => reader.line({ timeoutMs: -1 })],
  ['time', (reader: Reader) => reader.line({ timeoutMs: NaN })],
  ['time', (reader: Reader) => reader.line({ timeoutMs: 3_000_000_000 })],
])('AF-9 %s that cannot be read are refused by name', async (_what, read) => {
  const { reader } = await reading();
  expect(await refusal(read(reader))).toBe('IPX_OPTION_INVALID');
});

test('AF-9 a second read at once is refused, and the first goes on', async () => {
  const { client, reader } = await reading();
  const first = reader.line();
  expect(await refusal(reader.line())).toBe('IPX_READ_PENDING');
  client.write('for the first\n');
  expect(await first).toBe('for the first');
});
