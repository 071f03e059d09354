/**
 * Goal: a look ahead whose length only the bytes themselves tell is made once, byte by byte, and
 * leaves them all in place.
 * Method: a `Reader` over one end of a real connection, written to in pieces by the other.
 */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { Reader, type Measure } from '#internal/transfer/reader';
import { socketPair } from '../support/socket-pair.ts';
import { until } from '../support/until.ts';

/** Wants all up to the first ";", and notes what it is shown. */
function toSemicolon() {
  const shown: string[] = [];
  const measure: Measure = (chunk, before) => {
    expect(before).toBe(shown.join('').length);
    shown.push(chunk.toString('latin1'));
    const at = chunk.indexOf(';');
    return at < 0 ? undefined : before + at + 1;
  };
  return { shown, measure };
}

/** Each piece is seen before the next is written. */
async function drip(from: Socket, pieces: readonly string[], to: Socket): Promise<void> {
  for (const piece of pieces) {
    const seen = to.bytesRead + piece.length;
    from.write(piece);
    await until('the piece has come', () => to.bytesRead >= seen);
    await new Promise(setImmediate);
  }
}

test('CT-3 a measure is shown each byte once, and all bytes stay', async () => {
  const { client, server } = await socketPair();
  const reader = new Reader(server);
  const { shown, measure } = toSemicolon();
  const looked = reader.until(measure);
  await drip(client, ['a', 'b', 'cd', ';ef'], server);
  expect((await looked).toString()).toBe('abcd;');
  expect(shown).toEqual(['a', 'b', 'cd', ';ef']);
  expect((await reader.bytes(7, true)).toString()).toBe('abcd;ef');
});

test('CT-3 a measure goes on where it was after its bytes were given back', async () => {
  const { client, server } = await socketPair();
  const reader = new Reader(server);
  const { shown, measure } = toSemicolon();
  const looked = reader.until(measure);
  await drip(client, ['ab', 'c'], server);
  reader.suspend();
  expect(server.readableLength).toBe(3); // Here they can travel.
  await drip(client, ['d;'], server);
  reader.resume();
  expect((await looked).toString()).toBe('abcd;');
  expect(shown).toEqual(['ab', 'c', 'd;']);
});

test('CT-3 what a measure throws ends the look, and the bytes stay', async () => {
  const { client, server } = await socketPair();
  const reader = new Reader(server);
  const looked = reader.until(() => {
    throw new Error('not this');
  });
  client.write('abc');
  await expect(looked).rejects.toThrow('not this');
  expect((await reader.bytes(3, true)).toString()).toBe('abc');
});

test('CT-3 a look ends at its limit, and is made although the client’s end has come', async () => {
  const { client, server } = await socketPair();
  const reader = new Reader(server);
  const looked = reader.until(toSemicolon().measure, { limitBytes: 4 });
  client.write('abcdef');
  await expect(looked).rejects.toMatchObject({ code: 'IPX_READ_LIMIT' });
  client.end(';');
  await once(server, 'readable');
  expect((await reader.until(toSemicolon().measure)).toString()).toBe('abcdef;');
  expect((await reader.bytes(7, true)).toString()).toBe('abcdef;');
});
