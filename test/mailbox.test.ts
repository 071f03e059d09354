/**
 * Goal: AF-4: a mailbox is bounded, gives its items in the order in which they came, and a full
 * one does what its policy says; what it did not keep is counted.
 * Method: sequences long enough to grow the ring and to go round it, against a plain list that is
 * kept beside it.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { limits } from '#internal/limits';
import { Mailbox, type OverflowPolicy } from '#internal/runtime/mailbox';
import { describe, expect, test } from 'vitest';
import { matching } from './support/matching.ts';
import { randomOf } from './support/random.ts';
import { until } from './support/until.ts';

const policies: readonly OverflowPolicy[] = ['reject', 'dropNewest', 'dropOldest'];
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => from + index);

/** All that is left in it. */
function takenFrom<Item>(mailbox: Mailbox<Item>): Item[] {
  const items: Item[] = [];
  for (let item = mailbox.take(); item !== undefined; item = mailbox.take()) items.push(item);
  return items;
}

describe.each(policies)('%s', (overflow) => {
  test('AF-4 it holds as many as its capacity, and not one more', () => {
    for (const capacity of [1, 2, 15, 16, 17, 100]) {
      const mailbox = new Mailbox<number>({ capacity, overflow });
      for (const number of numbers(0, capacity)) expect(mailbox.put(number, 0)).toBeUndefined();
      expect(mailbox).toMatchObject({ depth: capacity, dropped: 0, capacity });
      expect(mailbox.put(capacity, 0)).toBe(overflow === 'dropOldest' ? 0 : capacity);
      expect(mailbox).toMatchObject({ depth: capacity, dropped: 1, capacity });
    }
  });

  test('AF-4 a full one keeps those that its policy says, in their order', () => {
    const mailbox = new Mailbox<number>({ capacity: 40, overflow });
    const refused = numbers(0, 1_000).map((number) => mailbox.put(number, 0));
    const isOldest = overflow === 'dropOldest';
    const lost = isOldest ? numbers(0, 960) : numbers(40, 1_000);
    expect(refused.filter((item) => item !== undefined)).toEqual(lost);
    expect(mailbox.dropped).toBe(960);
    expect(takenFrom(mailbox)).toEqual(isOldest ? numbers(960, 1_000) : numbers(0, 40));
    expect(mailbox.depth).toBe(0);
  });

  test('AF-4 it is first in, first out, as it grows and goes round', () => {
    const random = randomOf(20_260);
    const mailbox = new Mailbox<number>({ capacity: 300, overflow });
    const list: number[] = [];
    let lost = 0;
    /** What the list does for the same. */
    const putIn = (number: number) => {
      const isFull = list.length === 300;
      if (isFull) lost += 1;
      if (isFull && overflow !== 'dropOldest') return number;
      list.push(number);
      return isFull ? list.shift() : undefined;
    };
    for (const number of numbers(0, 20_000)) {
      // Waves: for some time more come than go, then the other way.
      const isPut = random.chance(number % 1_500 < 750 ? 0.75 : 0.25);
      const outcome = isPut ? mailbox.put(number, 0) : mailbox.take();
      expect(outcome).toBe(isPut ? putIn(number) : list.shift());
      expect(mailbox.depth).toBe(list.length);
    }
    expect(lost).toBeGreaterThan(500);
    expect(mailbox.dropped).toBe(lost);
    expect(takenFrom(mailbox)).toEqual(list);
  });
});

test('AF-4 an empty one gives nothing, and is as good as new', () => {
  const mailbox = new Mailbox<string>({ capacity: 1 });
  expect([mailbox.take(), mailbox.depth]).toEqual([undefined, 0]);
  mailbox.put('one', 0);
  expect([mailbox.take(), mailbox.take(), mailbox.depth]).toEqual(['one', undefined, 0]);
});

test('AF-4 what was taken is not held on to', async () => {
  const mailbox = new Mailbox<object>();
  const putAndTaken = () => {
    const item = { large: true };
    mailbox.put(item, 0);
    mailbox.take();
    return new WeakRef(item);
  };
  const item = putAndTaken();
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  await until('it is collected', () => {
    collect();
    return item.deref() === undefined;
  });
  expect(mailbox.depth).toBe(0); // The mailbox is there still.
});

test('AF-4 it tells how long the oldest has waited, after growth and overflow, too', () => {
  const mailbox = new Mailbox<number>({ capacity: 20, overflow: 'dropOldest' });
  expect(mailbox.waitMs(1_000)).toBe(0);
  for (const number of numbers(0, 20)) mailbox.put(number, number * 10);
  expect(mailbox.waitMs(1_000)).toBe(1_000);
  mailbox.take();
  expect(mailbox.waitMs(1_000)).toBe(990);
  mailbox.put(20, 200);
  mailbox.put(21, 210); // The one of 10 makes room.
  expect(mailbox.waitMs(1_000)).toBe(980);
  expect(mailbox.waitMs(0)).toBe(0); // Never negative.
  takenFrom(mailbox);
  expect(mailbox.waitMs(1_000)).toBe(0);
});

test('AF-4 without options it holds 4 096 and rejects', () => {
  const { capacity, overflow } = new Mailbox();
  expect({ capacity, overflow }).toEqual({ capacity: 4_096, overflow: 'reject' });
});

test.each([0, -1, 1.5, Number.NaN, Infinity, limits.mailboxCapacityMax + 1])(
  'AF-9 a capacity of %s is refused by name',
  (capacity) => {
    expect(() => new Mailbox({ capacity })).toThrow(
      expect.objectContaining({
        code: 'IPX_OPTION_INVALID',
        message: matching(/^mailbox\.capacity must be a whole number from 1 to 1048576\.$/),
      }),
    );
  },
);

test('AF-9 an unknown policy is refused with those that there are', () => {
  expect(() => new Mailbox({ overflow: 'block' as 'reject' })).toThrow(
    expect.objectContaining({
      code: 'IPX_OPTION_INVALID',
      message: matching(/^mailbox\.overflow must be one of reject, dropNewest, dropOldest\.$/),
    }),
  );
});
