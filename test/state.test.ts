/**
 * Goal: CT-8: a state arrives exactly as it was given, or is refused by name before it leaves.
 * Method: values of every kind that structured clone knows, there and back; then what it does not.
 */
import { expect, test } from 'vitest';
import { limits } from '#internal/limits';
import { decodeState, encodeState } from '#internal/wire/state';
import { matching } from './support/matching.ts';

const circular: { name: string; self?: unknown } = { name: 'me' };
circular.self = circular;

test.each([
  ['nothing', undefined],
  ['null', null],
  ['numbers', [0, -0, 1.5, NaN, -Infinity, 2 ** 53, 10n ** 30n]],
  ['text', 'änn 🙂 \0 \ud800'],
  [
    'bytes',
    { bytes: Uint8Array.of(0, 255), buffer: Buffer.from('abc'), floats: new Float64Array(2) },
  ],
  ['dates', new Date(0)],
  ['collections', new Map<unknown, unknown>([[{ key: 1 }, new Set(['a', new Map()])]])],
  ['expressions', /a+/giu],
  ['errors', new TypeError('wrong')],
  ['holes', [1, , 3]], // oxlint-disable-line no-sparse-arrays
  ['itself', circular],
])('CT-8 %s arrives as it was given', (_kind, state) => {
  expect(decodeState(new Uint8Array(encodeState(state)))).toStrictEqual(state);
});

test.each([
  ['a function', { run: () => undefined }],
  ['a symbol', { key: Symbol('key') }],
  ['a promise', Promise.resolve()],
  ['shared memory', new SharedArrayBuffer(8)],
  ['a port', new MessageChannel().port1],
])('CT-8 AF-9 %s is refused by name', (_kind, state) => {
  const refused: unknown = expect.objectContaining({
    code: 'IPX_STATE_INVALID',
    message: matching(/cannot be cloned: .* Give plain values/),
  });
  expect(() => encodeState(state)).toThrow(refused);
});

test('CT-8 AF-9 what is too large is refused with both sizes', () => {
  const fitting = Buffer.alloc(limits.stateBytesMax - 100);
  expect(encodeState(fitting).byteLength).toBeLessThanOrEqual(limits.stateBytesMax);
  const large = Buffer.alloc(limits.stateBytesMax + 1);
  expect(() => encodeState(large, 'event')).toThrow(
    expect.objectContaining({
      code: 'IPX_STATE_LIMIT',
      message: matching(/^The event takes 10485\d\d bytes; at most 1048576 may/),
    }),
  );
});
