/**
 * Goal: AF-4: an event that goes to another thread arrives exactly as it was sent, at the address
 * that it was sent to, in its turn, or is refused by name before it leaves.
 * Method: events are packed and read back by both ends of the codec: values of each kind, words
 * that could be taken for something else, tables that are full; then 30 000 random ones. What no
 * encoder has made is read, too: `event-corruption.test.ts`.
 */
import { limits } from '#internal/limits';
import { SlotTable, type Slotted } from '#internal/wire/slot-table';
import { describe, expect, test } from 'vitest';
import { EventWire, Known, tell, type Entry } from './support/event-wire.ts';
import { matching } from './support/matching.ts';
import { randomOf, type Random } from './support/random.ts';

const numbers = [
  [0, -0, 1, -1, 63, 64, -64, -65, 127, 128, 8_191, 8_192, 2 ** 31 - 1, -(2 ** 31)],
  [2 ** 31, 2 ** 32, -(2 ** 31) - 1, 2 ** 53, Number.MAX_VALUE, Number.MIN_VALUE],
  [0.1, -1.5, Number.NaN, Infinity, -Infinity],
].flat();
/** Around the lengths at which strings are copied in another way, in one and two bytes each. */
const lengths = [0, 1, 12, 13, 14, 24, 35, 36, 37, 63, 64, 65, 127, 128, 1_000, 70_000];
const letters = ['a', 'ÿ', 'Ā', '🙂'];
const words = [
  lengths.flatMap((length) => letters.map((letter) => letter.repeat(length))),
  ['\0', '\u0001\u0002\u0003', '\r\n', '"', '|,;:/#~%', 'null', 'undefined', '\ud800', '\udc00'],
  ['__proto__', 'constructor', 'toString', 'type', 'hall/x#1', '{"type":"x"}', 'A\u0300'],
  [String.fromCharCode(...Array.from({ length: 256 }, (_, code) => code))],
].flat();
const holes = [1, , 3]; // oxlint-disable-line no-sparse-arrays
const circular: { self?: unknown } = {};
circular.self = circular;
const clones: readonly unknown[] = [
  [{}, [], holes, { a: { b: { c: [null, undefined, -0, 'ü'] } } }],
  [10n ** 30n, -1n, new Date(0), new Map([[{ key: 1 }, new Set(['a'])]]), /a+/giu],
  [new TypeError('wrong'), Uint8Array.of(0, 255), new Float64Array([1.5, -0]), circular],
  [new ArrayBuffer(3), Object('boxed') as object],
].flat();
const values = [undefined, null, true, false, ...numbers, ...words, ...clones];

test('AF-4 values of every kind, all of them in one event', () => {
  const fields = Object.fromEntries(values.map((value, index) => [`field ${index}`, value]));
  const entry = tell({ type: 'all', ...fields });
  expect(new EventWire().carried(entry, entry)).toStrictEqual([entry, entry]);
});

test('AF-4 values of every kind, each in the place of any other', () => {
  const wire = new EventWire();
  const entries = values.map((value) => tell({ type: 'one', value, after: 'it' }));
  expect(wire.carried(...entries)).toStrictEqual(entries);
  expect(wire.carried(...entries.toReversed())).toStrictEqual(entries.toReversed());
});

test('AF-4 any words as types, as names of fields and as addresses', () => {
  const entries = words.flatMap((word) => [
    tell({ type: word }),
    tell({ type: 'named', ...own(word, 1), last: 2 }),
    tell({ type: 'addressed' }, word),
  ]);
  const wire = new EventWire();
  expect(wire.carried(...entries)).toStrictEqual(entries);
  expect(wire.carried(...entries)).toStrictEqual(entries);
});

test('AF-4 a field called like the prototype is a field, and the prototype is not', () => {
  const given = JSON.parse('{"type":"x","__proto__":{"isTrusted":true}}') as { type: string };
  const [read] = new EventWire().carried({ kind: 'answer', number: 1, event: given });
  expect(Object.keys(read?.event ?? {})).toEqual(['type', '__proto__']);
  expect(Object.getPrototypeOf(read?.event)).toBe(Object.prototype);
  expect(read?.event).not.toHaveProperty('isTrusted');
});

test('AF-4 the same type with other fields, in another order, and without any', () => {
  const entries = [
    tell({ type: 'x', a: 1, b: 2 }),
    tell({ type: 'x', b: 3, a: 4 }),
    tell({ type: 'x' }),
    tell({ b: 5, type: 'x', a: 6 }),
    tell({ type: 'x', a: 7, b: undefined }),
    tell({ type: 'y', a: 8 }),
    tell({ type: 'x', ...Object.fromEntries(words.map((_, index) => [`f${index}`, index])) }),
  ];
  expect(new EventWire().carried(...entries, ...entries)).toStrictEqual([...entries, ...entries]);
});

test('AF-4 asks and answers with their numbers, among events', () => {
  const entries = [1, 127, 128, 2 ** 21, 2 ** 31 - 1].flatMap((number): Entry[] => [
    { kind: 'ask', to: 'hall/x#1', number, event: { type: 'asked' } },
    { kind: 'answer', number, event: { type: 'answered' } },
    tell({ type: 'told', number }),
  ]);
  expect(new EventWire().carried(...entries)).toStrictEqual(entries);
});

test('AF-4 an actor as a field of the event, by its address', () => {
  const entry = tell({ type: 'x', replyTo: new Known('edge/~ask#12'), text: 'ü' });
  const [read] = new EventWire().carried(entry);
  expect(read?.event).toMatchObject({
    type: 'x',
    replyTo: expect.any(Known) as unknown,
    text: 'ü',
  });
  expect(read?.event).toMatchObject({ replyTo: { address: 'edge/~ask#12' } });
});

test('AF-4 nothing, where nothing was sent', () => {
  const wire = new EventWire();
  expect([wire.read(wire.encoder.take()), wire.taken()]).toEqual([0, []]);
});

test('AF-4 what is read in portions is whole, each event once', () => {
  const wire = new EventWire();
  const entries = Array.from({ length: 100 }, (_, number) =>
    tell({ type: 'x', number, text: 'ü' }),
  );
  for (const entry of entries) wire.write(entry);
  expect(wire.encoder.count).toBe(100);
  wire.decoder.begin(wire.encoder.take());
  expect(wire.decoder.read(() => true)).toBe(1); // One at least.
  const other = new EventWire(); // All links read through the same memory.
  expect(other.carried(tell({ type: 'between' }))).toHaveLength(1);
  let left = 7;
  expect(wire.decoder.read(() => (left -= 1) === 0)).toBe(7);
  expect(wire.decoder.read(() => false)).toBe(92);
  expect(wire.decoder.isAtEnd).toBe(true);
  expect(wire.taken()).toStrictEqual(entries);
});

describe('tables that are full', () => {
  test('AF-4 a table gives its numbers over again, and who lost one knows', () => {
    const table = new SlotTable<Slotted & { name: string }>(3);
    const entries = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, slot: 0 }));
    const former = entries.map((entry) => table.add(entry)?.name);
    expect(former).toEqual([undefined, undefined, undefined, 'a', 'b']);
    expect(entries.map(({ slot }) => slot)).toEqual([0, 0, 4, 2, 3]);
  });

  test('AF-4 more addresses and shapes than have numbers: each arrives as it was', () => {
    const wire = new EventWire();
    const random = randomOf(4);
    const count = limits.linkAddressesMax + 100;
    const entryAt = (index: number) =>
      tell({ type: `t${index}`, [`f${index % 7}`]: index }, `hall/actor#${index}`);
    for (let round = 0; round < 4; round += 1) {
      const inOrder = Array.from({ length: count }, (_, index) => entryAt(index));
      const mixed = inOrder.map(() => entryAt(random.below(count)));
      const entries = [...inOrder, ...mixed];
      expect(wire.carried(...entries)).toStrictEqual(entries);
    }
  });
});

const port = new MessageChannel().port1;
test.each<[string, unknown]>([
  ['a function', () => undefined],
  ['a symbol', Symbol('key')],
  ['a promise', Promise.resolve()],
  ['shared memory', new SharedArrayBuffer(8)],
  ['a port', port],
  ['a reference inside of something', { deep: [new Known('edge/x#1')] }],
])('AF-4 AF-9 %s cannot travel: it is refused by name, and leaves no trace', (_, value) => {
  const wire = new EventWire();
  const good = tell({ type: 'good', other: { deep: 1 }, value: 2 });
  wire.write(good);
  const bad = tell({ type: 'bad', other: { deep: 1 }, value }, 'hall/unheard-of#1');
  expect(() => wire.write(bad)).toThrow(
    expect.objectContaining({
      code: 'IPX_STATE_INVALID',
      message: matching(/Give plain values/),
    }),
  );
  expect(wire.encoder.count).toBe(1);
  expect(wire.carried(good)).toStrictEqual([good, good]);
});

test.each<[string, unknown]>([
  ['no event', 'x'],
  ['no type', {}],
  ['a number as its type', { type: 5 }],
  ['an object as its type', { type: { name: 'x' } }],
])('AF-4 AF-9 %s is refused as an event', (_, event) => {
  const wire = new EventWire();
  expect(() => wire.write(tell(event as { type: string }))).toThrow(
    expect.objectContaining({
      code: 'IPX_STATE_INVALID',
      message: matching(/whose "type" is a string/),
    }),
  );
  expect(wire.carried(tell({ type: 'good' }))).toStrictEqual([tell({ type: 'good' })]);
});

const most = limits.stateBytesMax;
test.each<[string, Record<string, unknown>]>([
  ['text', { text: 'x'.repeat(most) }],
  ['parts that are too much together', { one: 'x'.repeat(most / 2), two: 'y'.repeat(most / 2) }],
  ['bytes', { bytes: Buffer.alloc(most) }],
  ['a name of a field', { ['x'.repeat(most)]: 1 }],
])('AF-4 AF-9 too large: %s', (_, fields) => {
  const wire = new EventWire();
  expect(() => wire.write(tell({ type: 'large', ...fields }))).toThrow(
    expect.objectContaining({
      code: 'IPX_STATE_LIMIT',
      message: matching(/^The event "large" takes 10485\d\d characters; at most 1048576 may/),
    }),
  );
  const good = tell({ type: 'large', text: 'x'.repeat(most - 100) });
  expect(wire.carried(good)).toStrictEqual([good]);
});

/** An own field, whatever its name. */
const own = (name: string, value: unknown) =>
  name === 'type' ? {} : (Object.fromEntries([[name, value]]) as Record<string, unknown>);

function randomEntry(random: Random): Entry {
  const names = ['a', 'b', 'longer than others', 'ü', '__proto__', '0', ''];
  const fields = names.filter(() => random.chance(0.3));
  const event = {
    type: random.chance(0.9) ? `type ${random.below(20)}` : random.oneOf(words),
    ...Object.fromEntries(fields.map((name) => [name, random.oneOf(values)])),
  };
  const to = random.chance(0.9) ? `hall/actor#${random.below(1_500)}` : random.oneOf(words);
  const number = random.below(2 ** 31);
  const kind = random.oneOf(['tell', 'tell', 'ask', 'answer'] as const);
  if (kind === 'tell') return { kind, to, event };
  return kind === 'ask' ? { kind, to, number, event } : { kind, number, event };
}

test('AF-4 30 000 random events in parcels of random sizes arrive as they were', () => {
  const random = randomOf(2_026);
  const wire = new EventWire();
  for (let left = 30_000; left > 0;) {
    const entries = Array.from({ length: random.below(400) }, () => randomEntry(random));
    left -= entries.length;
    for (const entry of entries) wire.write(entry);
    expect(wire.encoder.count).toBe(entries.length);
    expect(wire.read(wire.encoder.take(), () => random.chance(0.1))).toBe(entries.length);
    expect(wire.taken()).toStrictEqual(entries);
  }
});
