/**
 * Goal: the repository's top level stays what it is, and its lock ties nobody to one registry.
 * Method: both are read; bad samples show that a stray is found.
 */
import { readdirSync } from 'node:fs';

import { expect, test } from 'vitest';

import { readText, repository } from './support/tidy/tree.ts';

const folders = ['actors', 'src', 'examples', 'test'];
const documents = ['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md', 'LICENSE'];
const settings = ['package.json', 'package-lock.json', 'tsconfig.json'];
const settingOfTool = /^\..|\.config\.\w+$/;
const made = ['node_modules', 'dist']; // By npm and the compiler, ignored by git.
const known = [...folders, ...documents, ...settings, ...made];

const straysIn = (names: readonly string[]) =>
  names.filter((name) => !known.includes(name) && !settingOfTool.test(name));

interface LockEntry {
  readonly resolved?: string;
  readonly integrity?: string;
}

/** Packages whose address is written down, or whose content is not. */
function looseIn(lock: string): string[] {
  const { packages } = JSON.parse(lock) as { packages: Record<string, LockEntry> };
  return Object.entries(packages)
    .filter(([path, entry]) => path !== '' && (entry.resolved !== undefined || !entry.integrity))
    .map(([path]) => path);
}

test('a stray at the top level is found', () =>
  expect(straysIn(['src', 'scripts', 'notes.md', '.ci', 'vitest.config.ts'])).toEqual([
    'scripts',
    'notes.md',
  ]));

test('the top level holds what ARCHITECTURE.md says and nothing else', () =>
  expect(straysIn(readdirSync(repository))).toEqual([]));

test('an address in the lock is found, and a missing hash', () => {
  const packages = { '': {}, a: { resolved: 'x', integrity: 'y' }, b: {}, c: { integrity: 'y' } };
  expect(looseIn(JSON.stringify({ packages }))).toEqual(['a', 'b']);
});

test('the lock names content, not addresses', () =>
  expect(looseIn(readText('package-lock.json'))).toEqual([]));
