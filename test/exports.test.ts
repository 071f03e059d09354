/**
 * Goal: what users can import changes only on purpose.
 * Method: the lists are pinned, of values and of types; `npm test -- exports -u` writes them anew,
 * and whoever does so says in the same commit what came or went.
 */
import { describe, expect, test } from 'vitest';

import { exportsOf } from './support/tidy/syntax.ts';
import { readText } from './support/tidy/tree.ts';

const listOf = (path: string) =>
  exportsOf({ path, text: readText(path) })
    .map(({ name }) => name)
    .toSorted();

describe('the public names', () => {
  test('of interplex', () => expect(listOf('src/index.ts')).toMatchInlineSnapshot());
  test('of interplex/actors', () => expect(listOf('src/actors.ts')).toMatchInlineSnapshot());
  test('of interplex/check', () => expect(listOf('src/check/index.ts')).toMatchInlineSnapshot());
});

test.each([
  ['interplex', 'src/index.ts'],
  ['interplex/actors', 'src/actors.ts'],
  ['interplex/check', 'src/check/index.ts'],
])('%s holds no value that its list does not name', async (name, path) => {
  const loaded = (await import(name)) as object;
  expect(listOf(path)).toEqual(expect.arrayContaining(Object.keys(loaded)));
});
