/**
 * Goal: a message is read as it was written, whatever its texts are and however long (CM-1).
 * Method: texts around each length at which they are written otherwise, and whole messages.
 */
import { ByteReader, ByteWriter } from '#internal/wire/bytes';
import { readValue, writeValue } from '#internal/wire/message';
import { expect, test } from 'vitest';

function roundTrip(value: unknown): { read: unknown; bytes: number } {
  const writer = new ByteWriter(8);
  writeValue(writer, value);
  const reader = new ByteReader(writer.take());
  const read = readValue(reader);
  expect(reader.left).toBe(0);
  return { read, bytes: reader.bytes.length };
}

const lengths = [0, 1, 16, 17, 31, 32, 33, 63, 64, 126, 127, 128, 129, 16_383, 16_384];
const characters = { ASCII: 'x', NUL: '\0', Latin: 'é', Greek: 'λ', Han: '語', emoji: '🙂' };

test.each(Object.entries(characters))('CM-1 texts of %s are read as written', (_, character) => {
  for (const length of lengths) {
    const text = character.repeat(length);
    expect(roundTrip(text).read).toBe(text);
    const mixed = `${'a'.repeat(length)}${character}`;
    expect(roundTrip(mixed).read).toBe(mixed);
    expect(roundTrip({ kind: 'line', [mixed]: [mixed, text] }).read).toEqual({
      kind: 'line',
      [mixed]: [mixed, text],
    });
  }
});

test.each(lengths)(
  'CM-1 half a character has no UTF-8, and comes whole all the same: %i',
  (length) => {
    for (const half of ['\ud83d', '\ude42']) {
      const text = `${'a'.repeat(length)}${half}`;
      expect(roundTrip({ kind: 'line', text }).read).toEqual({ kind: 'line', text });
    }
  },
);

test('CM-1 a text of ASCII takes its bytes, and a length', () => {
  expect(roundTrip('x'.repeat(127)).bytes).toBe(1 + 1 + 127);
  expect(roundTrip('x'.repeat(128)).bytes).toBe(1 + 2 + 128);
});
