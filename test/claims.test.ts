/**
 * Goal: each requirement has its row in ARCHITECTURE.md, its place in the source and its test.
 * Method: the table is read; then bad samples show that each of the three ways is missed.
 */
import { describe, expect, test } from 'vitest';

import { claimFindings, claimsOf } from './support/tidy/claims.ts';
import { printed, readText, readTree, sample } from './support/tidy/tree.ts';
import type { TreeFile } from './support/tidy/tree.ts';

const row = '| ZZ-1 | `src/io/tcp.ts` | `test/tcp.test.ts` |';
const source = sample('src/io/tcp.ts', '// ZZ-1: why.');
const proof = sample('test/tcp.test.ts', `test('ZZ-1 a peer is reached', run);`);
const found = (table: string, ...files: TreeFile[]) =>
  printed(claimFindings(claimsOf(table), files));

describe('a requirement is found missing', () => {
  test('in the source file that its row names', () =>
    expect(found(row, sample('src/io/tcp.ts', '// ZZ-10: another.'), proof)).toContain(
      'ARCHITECTURE.md:1 claim: ZZ-1 is not in src/io/tcp.ts',
    ));
  test('in the title of a test, where only a comment has it', () =>
    expect(found(row, source, sample('test/tcp.test.ts', '// ZZ-1'))).toEqual([
      'ARCHITECTURE.md:1 claim: ZZ-1 is in no test title of test/tcp.test.ts',
    ]));
  test('in the table, where a source has it', () =>
    expect(found(row, source, proof, sample('actors/node.ts', '// ZZ-2: why.'))).toEqual([
      'actors/node.ts:1 claim: ZZ-2 has no row in ARCHITECTURE.md',
    ]));
  test('in the table, where a test has it', () => {
    const stray = sample('test/node.test.ts', `whenever('ZZ-3 always', when, then);`);
    expect(found(row, source, proof, stray)).toEqual([
      'test/node.test.ts:1 claim: ZZ-3 has no row in ARCHITECTURE.md',
    ]);
  });
  test('when its row names no file', () =>
    expect(found('| ZZ-1 | later | later |')).toEqual([
      'ARCHITECTURE.md:1 claim: ZZ-1 names no source file',
      'ARCHITECTURE.md:1 claim: ZZ-1 names no test file',
    ]));
  test('when it has two rows', () =>
    expect(found(`${row}\n${row}`, source, proof)).toEqual([
      'ARCHITECTURE.md:2 claim: ZZ-1 has a row already',
    ]));
});

test('a requirement that is kept three ways is not found', () =>
  expect(found(row, source, proof, sample('src/wire/crc.ts', '// CRC-32.'))).toEqual([]));

test('every requirement of this project is kept three ways', () => {
  const claims = claimsOf(readText('ARCHITECTURE.md'));
  expect(claims.length).toBeGreaterThan(0);
  expect(printed(claimFindings(claims, readTree()))).toEqual([]);
});
