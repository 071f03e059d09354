/**
 * Goal: AF-7: whatever a context holds is shown as text, cut, and harms nothing.
 * Method: values that are deep, long, cyclic, throwing and full of markup, by what becomes of them.
 */
import { expect, test } from 'vitest';
import { createActor, createMachine } from 'xstate';
import { plainText } from '#internal/inspect/plain';
import { escaped, element, printElement } from '#internal/inspect/drawing';
import { limits } from '#internal/limits';

const shown = (value: unknown): unknown => JSON.parse(plainText(value));

test('AF-7 plain values stay what they are', () => {
  const value = { name: 'bob', age: 7, tags: ['a', true, null], nested: { deep: -1.5 } };
  expect(shown(value)).toEqual(value);
});

test('AF-7 what JSON does not know is named', () => {
  expect(
    shown({
      big: 12n,
      none: undefined,
      nan: Number.NaN,
      code: function ring() {},
      sign: Symbol('x'),
      bytes: new Uint8Array(9),
      map: new Map([['a', 1]]),
      set: new Set([2]),
      at: new URL('http://localhost/'),
      error: Object.assign(new TypeError('bad'), { code: 'E' }),
    }),
  ).toEqual({
    big: '12n',
    nan: 'NaN',
    code: 'ƒ ring',
    sign: 'Symbol(x)',
    bytes: 'Uint8Array(9 bytes)',
    map: { a: 1 },
    set: [2],
    at: 'http://localhost/',
    error: { name: 'TypeError', message: 'bad', code: 'E' },
  });
});

test('AF-7 an actor in a context is its name, not all that it holds', () => {
  const actor = createActor(createMachine({ id: 'm' }), { id: 'bob' });
  expect(shown({ actor })).toEqual({ actor: { actor: 'bob' } });
});

test('AF-7 a cycle is cut where it closes, and what stands twice is shown twice', () => {
  const twice = { x: 1 };
  const cyclic: Record<string, unknown> = { one: twice, other: twice };
  cyclic['self'] = [cyclic];
  expect(shown(cyclic)).toEqual({ one: { x: 1 }, other: { x: 1 }, self: ['(cycle)'] });
});

test('AF-7 what throws when it is read is unreadable, and the rest is read', () => {
  const thrower = {
    get secret(): never {
      throw new Error('no');
    },
  };
  const proxy = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error('no');
      },
    },
  );
  expect(shown([thrower, proxy, 1])).toEqual(['(unreadable)', '(unreadable)', 1]);
});

test.each<[string, unknown]>([
  ['a megabyte of text', { text: 'x'.repeat(1_048_576) }],
  ['a long list', Array.from({ length: 100_000 }, (_, index) => `entry ${index}`)],
  ['many long texts', Array.from({ length: 64 }, () => 'y'.repeat(100_000))],
  ['a wide tree', tree(6, 12)],
  ['a deep one', Array.from({ length: 5_000 }).reduce((inner) => ({ inner }), {})],
  ['a map of much', new Map(Array.from({ length: 10_000 }, (_, index) => [index, tree(2, 8)]))],
])('AF-7 %s is cut, and is still JSON', (_what, value) => {
  const text = plainText(value);
  expect(text.length).toBeLessThan(2 * limits.inspectedCharactersMax);
  expect(JSON.parse(text) as unknown).toBeDefined();
});

function tree(depth: number, width: number): unknown {
  if (depth === 0) return 'leaf';
  return Array.from({ length: width }, () => tree(depth - 1, width));
}

test('AF-7 markup in a name is text in a picture', () => {
  const name = `<script>alert("1")</script>&'\u0000`;
  for (const character of ['<', '>', '"', "'", '\u0000']) {
    expect(escaped(name)).not.toContain(character);
  }
  expect(printElement(element('text', { title: name }, name))).toBe(
    '<text title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;\u{FFFD}">' +
      '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;\u{FFFD}</text>',
  );
});
