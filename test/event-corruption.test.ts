/**
 * Goal: AF-4, AF-9: what no encoder has made fails by its code, and hands on no event of which a
 * part was read beyond its end.
 * Method: packed events are cut, lengthened and changed at each place and at random ones; the far
 * end's memory holds the events of another link from before.
 */
import { prefixLength } from '#internal/wire/event';
import { InterplexError } from 'interplex';
import { describe, expect, test } from 'vitest';
import { EventWire, Known, tell, type Entry } from './support/event-wire.ts';
import { randomOf } from './support/random.ts';

const invalid: unknown = expect.objectContaining({ code: 'IPX_EVENTS_INVALID' });

/** The length of the head is written anew, the text is left as it is. */
const withHead = (packed: string, head: string) =>
  String.fromCharCode(...[0, 8, 16, 24].map((shift) => (head.length >>> shift) & 255)) +
  head +
  packed.slice(prefixLength + headLengthOf(packed));
const headLengthOf = (packed: string) => packed.charCodeAt(0) + packed.charCodeAt(1) * 256;
const headOf = (packed: string) => packed.slice(prefixLength, prefixLength + headLengthOf(packed));

const entries: readonly Entry[] = [
  tell({ type: 'x', text: 'ü🙂', half: 1.5, whole: 7, nothing: null, deep: { list: [1n] } }),
  { kind: 'ask', to: 'hall/y#2', number: 300, event: { type: 'asked' } },
  { kind: 'answer', number: 300, event: { type: 'answered' } },
];

function packedOf(...written: readonly Entry[]): string {
  const wire = new EventWire();
  for (const entry of written) wire.write(entry);
  return wire.encoder.take();
}

/** A far end, after the same head was read there for another link. */
function farEnd(packed: string): EventWire {
  new EventWire().read(packed);
  return new EventWire();
}

describe('an event that is cut short is not handed on', () => {
  const [entry = tell({ type: 'none' })] = entries;
  const packed = packedOf(entry);
  test.each(Array.from(headOf(packed), (_, length) => length).slice(1))(
    'AF-4 AF-9 after %i bytes of its head',
    (length) => {
      const wire = farEnd(packed);
      const cut = withHead(packed, headOf(packed).slice(0, length));
      expect(() => wire.read(cut)).toThrow(invalid);
      expect(wire.taken()).toEqual([]);
    },
  );
  test('AF-4 AF-9 anywhere in its text', () => {
    const text = packed.slice(prefixLength + headLengthOf(packed));
    for (let cut = 1; cut <= text.length; cut += 1) {
      const wire = farEnd(packed);
      expect(() => wire.read(packed.slice(0, -cut))).toThrow(invalid);
      expect(wire.taken()).toEqual([]);
    }
  });
  test('AF-4 AF-9 before its head has ended, or begun', () => {
    for (let length = 0; length < prefixLength + headLengthOf(packed); length += 1) {
      expect(() => farEnd(packed).read(packed.slice(0, length))).toThrow(invalid);
    }
  });
});

test('AF-4 AF-9 what is too long fails, after all that it has', () => {
  const packed = packedOf(...entries);
  const wire = farEnd(packed);
  expect(() => wire.read(`${packed}x`)).toThrow(invalid);
  expect(wire.taken()).toHaveLength(entries.length);
});

test.each<[string, readonly number[]]>([
  ['an address that was never told', [4 * 4]],
  ['a kind that there is not', [3, 0, 1]],
  ['a shape that was never told', [2, 1, 9]],
  ['a tag that there is not', [2, 1, 1, 2, 1, 1, 1, 99]],
  ['fields without number', [2, 1, 1, 2, 255, 255, 255, 255, 15, 1]],
  ['a string without end', [2, 1, 1, 2, 1, 1, 1, 6, 255, 255, 255, 255, 15]],
  ['a number without end', [2, 1, 1, 2, 1, 1, 1, 4, 255, 255, 255, 255, 255]],
  ['a value that V8 did not write', [2, 1, 1, 2, 1, 1, 1, 7, 2]],
  ['an actor that is none', [2, 1, 1, 2, 1, 1, 1, 8, 3]],
])('AF-9 %s fails by its code', (_, head) => {
  const wire = farEnd(packedOf(...entries));
  const text = 'xy!!!';
  const packed = withHead('\0\0\0\0', String.fromCharCode(...head)) + text;
  expect(() => wire.read(packed)).toThrow(invalid);
  expect(wire.taken()).toEqual([]);
});

test('AF-4 AF-9 20 000 random changes: each is read as events, or fails by its code', () => {
  const random = randomOf(9);
  const packed = packedOf(...entries, tell({ type: 'x', by: new Known('edge/z#3') }), ...entries);
  const outcomes = new Map<string, number>();
  for (let round = 0; round < 20_000; round += 1) {
    let changed = packed;
    for (let changes = 1 + random.below(3); changes > 0; changes -= 1) {
      const at = random.below(changed.length);
      const put = random.chance(0.3) ? '' : String.fromCharCode(random.below(256));
      changed = changed.slice(0, at) + put + changed.slice(at + random.below(2));
    }
    const wire = farEnd(packed);
    const outcome = outcomeOf(() => wire.read(changed));
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    for (const { event } of wire.taken()) expect(event.type).toBeTypeOf('string');
  }
  expect([...outcomes.keys()].toSorted()).toEqual(['IPX_EVENTS_INVALID', 'read']);
  expect(outcomes.get('IPX_EVENTS_INVALID')).toBeGreaterThan(5_000);
  expect(outcomes.get('read')).toBeGreaterThan(500); // A changed letter is another letter.
});

function outcomeOf(read: () => unknown): string {
  try {
    read();
    return 'read';
  } catch (error) {
    return error instanceof InterplexError ? error.code : String(error);
  }
}
