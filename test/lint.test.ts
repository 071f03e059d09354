/**
 * Goal: the arrows between folders, and the rules that keep errors from being lost, are held by
 * the linter as configured, not only named in its configuration.
 * Method: bad samples are laid out like this repository beside its very configuration; one run of
 * the linter must answer each with that rule's finding, and the good samples with none.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { repository, sample } from './support/tidy/tree.ts';
import type { TreeFile } from './support/tidy/tree.ts';

interface Diagnostic {
  readonly code: string;
  readonly filename: string;
  readonly help?: string;
}

interface Case {
  readonly name: string;
  readonly bad: TreeFile;
  readonly code: string;
  readonly help?: string;
}

const restrictedImport = 'eslint(no-restricted-imports)';
const restrictedGlobal = 'eslint(no-restricted-globals)';
const machineImports = 'A machine imports xstate and actors/ only.';
const inside = 'Inside the package import by relative path.';
const use = (name: string) => `export * from '${name}';`;

const arrows: readonly Case[] = [
  ...['node:net', 'pino', 'xstate/graph', '../../src/index.ts'].map((name, index) => ({
    name: `a machine does not import ${name}`,
    bad: sample(`actors/imports/sample-${index}.ts`, use(name)),
    code: restrictedImport,
    help: machineImports,
  })),
  ...['Date.now()', 'setTimeout(run, 1)', 'performance.now()', 'process.pid', 'console.log(1)'].map(
    (call, index) => ({
      name: `a machine does not use ${call}`,
      bad: sample(`actors/globals/sample-${index}.ts`, `export const run = () => ${call};`),
      code: restrictedGlobal,
    }),
  ),
  {
    name: 'a machine throws no dice',
    bad: sample('actors/dice.ts', 'export const roll = () => Math.random();'),
    code: 'eslint(no-restricted-properties)',
    help: 'Chance is an effect: the checker must be able to choose it.',
  },
  ...['../io/tcp.ts', '../runtime/host.ts'].map((name, index) => ({
    name: `the checker does not import ${name}`,
    bad: sample(`src/check/sample-${index}.ts`, use(name)),
    code: restrictedImport,
    help: 'The checker explores machines; it never touches the world.',
  })),
  ...['interplex', '#internal/io/tcp'].map((name, index) => ({
    name: `the package does not import ${name}`,
    bad: sample(`src/wire/sample-${index}.ts`, use(name)),
    code: restrictedImport,
    help: inside,
  })),
  {
    name: 'the package does not import its tests',
    bad: sample('src/wire/tested.ts', use('../../test/support/relay.ts')),
    code: restrictedImport,
    help: 'Nothing imports test/ or examples/.',
  },
  ...['../src/index.ts', '../actors/node.ts', '../dist/src/index.js'].map((name, index) => ({
    name: `a test does not import ${name}`,
    bad: sample(`test/sample-${index}.ts`, use(name)),
    code: restrictedImport,
    help: 'A test imports the package by its names: interplex, #internal, #actors.',
  })),
  ...['../src/index.ts', '#internal/io/tcp', '../test/support/relay.ts'].map((name, index) => ({
    name: `an example does not import ${name}`,
    bad: sample(`examples/sample-${index}.ts`, use(name)),
    code: restrictedImport,
    help: 'An example imports the package by its public names.',
  })),
  {
    name: 'files do not import each other',
    bad: sample('src/ring/a.ts', `export { b } from './b.ts';`, 'export const a = 1;'),
    code: 'import(no-cycle)',
  },
];

const losses: readonly Case[] = [
  {
    name: 'a promise does not float',
    bad: sample('src/float.ts', 'export async function f() {}', 'f();'),
    code: 'typescript(no-floating-promises)',
  },
  {
    name: 'a promise is not handed to who ignores it',
    bad: sample(
      'src/misuse.ts',
      `import { createServer } from 'node:net';`,
      'createServer(async (socket) => { await Promise.resolve(socket); });',
    ),
    code: 'typescript(no-misused-promises)',
  },
  {
    name: 'nothing is any',
    bad: sample('src/any.ts', 'export const f = (it: any): unknown => it;'),
    code: 'typescript(no-explicit-any)',
  },
  {
    name: 'what was parsed from JSON is not trusted',
    bad: sample('src/trust.ts', `export const f = (it: string): { a: 1 } => JSON.parse(it);`),
    code: 'typescript(no-unsafe-return)',
  },
  {
    name: 'a switch answers every alternative',
    bad: sample(
      'src/switch.ts',
      `export function f(it: 'a' | 'b') {`,
      `  switch (it) { case 'a': return 1; }`,
      '}',
    ),
    code: 'typescript(switch-exhaustiveness-check)',
  },
  {
    name: 'a block is not empty',
    bad: sample('src/empty.ts', 'export function f(run: () => void) { try { run(); } catch {} }'),
    code: 'eslint(no-empty)',
  },
];

const good: readonly TreeFile[] = [
  sample('src/ring/b.ts', `import { a } from './a.ts';`, 'export const b = a;'),
  sample('actors/good.ts', `export { setup } from 'xstate';`, use('./imports/words.ts')),
  sample('actors/imports/words.ts', 'export const word = 1;'),
  sample('src/good.ts', `export { createServer } from 'node:net';`, use('../actors/good.ts')),
  sample('src/check/good.ts', use('../../actors/good.ts')),
  sample('test/good.ts', use('interplex'), use('#internal/good'), use('./support/relay.ts')),
  sample('test/support/relay.ts', 'export const relay = 1;'),
  sample('examples/good.ts', use('interplex/actors'), use('./room.ts')),
  sample('examples/room.ts', 'export const room = 1;'),
];
const inRing = 'src/ring/b.ts'; // The other half of the ring: bad, but by design.

const folder = mkdtempSync(join(tmpdir(), 'interplex-lint-'));
let diagnostics: readonly Diagnostic[] = [];

beforeAll(async () => {
  for (const name of ['.oxlintrc.json', 'tsconfig.json', 'test/tsconfig.json']) {
    cpSync(join(repository, name), join(folder, name));
  }
  symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
  for (const { path, text } of [...arrows, ...losses].map(({ bad }) => bad).concat(good)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  diagnostics = await lint();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The linter ends with 1 when it finds something, which here it must. */
async function lint(): Promise<readonly Diagnostic[]> {
  const oxlint = join(repository, 'node_modules/oxlint/bin/oxlint');
  const run = promisify(execFile)(process.execPath, [oxlint, '--type-aware', '-f', 'json'], {
    cwd: folder,
  });
  const { stdout } = (await run.catch((error: unknown) => error)) as { stdout: string };
  return (JSON.parse(stdout) as { diagnostics: Diagnostic[] }).diagnostics;
}

const findingsIn = (path: string) => diagnostics.filter(({ filename }) => filename === path);

test.each([...arrows, ...losses])('$name', ({ bad, code, help }) =>
  expect(findingsIn(bad.path)).toContainEqual(
    expect.objectContaining(help === undefined ? { code } : { code, help }),
  ),
);

test.each(good.filter(({ path }) => path !== inRing))('nothing is found in $path', ({ path }) =>
  expect(findingsIn(path)).toEqual([]),
);
