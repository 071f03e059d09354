/**
 * Goal: AF-10, what is published installs and runs from its tarball, with types.
 * Method: the tarball is packed and installed into an empty folder, then used there as a stranger
 * would: imported, type-checked, run from the command line. Node 22, 24 and 26: `.ci/nodes.mjs`.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { readText, repository } from '../support/tidy/tree.ts';

interface Manifest {
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
}

const manifest = JSON.parse(readText('package.json')) as Manifest;
const subpaths = Object.keys(manifest.exports).filter((path) => path !== './package.json');
const specifiers = subpaths.map((path) => `interplex${path.slice(1)}`);

const folder = mkdtempSync(join(tmpdir(), 'interplex-package-'));
const consumer = join(folder, 'consumer');
let packed: readonly string[] = [];

const inConsumer = { cwd: consumer, encoding: 'utf8' } as const;
const run = promisify(execFile);
const npm = (args: string[], cwd: string) => run('npm', args, { cwd, encoding: 'utf8' });
const script = (code: string) =>
  run(process.execPath, ['--input-type=module', '--eval', code], inConsumer);

beforeAll(async () => {
  mkdirSync(consumer);
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const [tarball] = JSON.parse((await npm(pack, repository)).stdout) as [Tarball];
  packed = tarball.files.map(({ path }) => path);
  writeFileSync(join(consumer, 'package.json'), '{ "private": true, "type": "module" }\n');
  const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  await npm(['install', ...quietly, join(folder, tarball.filename)], consumer);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

interface Tarball {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

test('the public subpaths are these and no others', () =>
  expect(subpaths).toEqual(['.', './actors', './check', './inspect']));

test('the tarball holds the build and its papers, nothing else', () => {
  const papers = ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'];
  const others = packed.filter((path) => !/^dist\/(src|actors)\//.test(path));
  expect(others.toSorted()).toEqual(papers);
});

test('publint has nothing to say', async () => {
  const pkgDir = join(consumer, 'node_modules/interplex');
  const { messages, pkg } = await publint({ pkgDir, pack: false, strict: true });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test.each(specifiers)('AF-10 %s is imported from the tarball', async (specifier) => {
  const code = `console.log(Object.keys(await import('${specifier}')).length)`;
  const { stdout, stderr } = await script(code);
  expect({ isFull: Number(stdout) > 0, stderr }).toEqual({ isFull: true, stderr: '' });
});

test('an undeclared subpath is not importable', async () => {
  const code = `await import('interplex/dist/src/index.js')`;
  await expect(script(code)).rejects.toThrow('ERR_PACKAGE_PATH_NOT_EXPORTED');
});

test.each(['nodenext', 'bundler'])('AF-10 the types serve under %s', async (resolution) => {
  const name = `tsconfig.${resolution}.json`;
  const module = resolution === 'bundler' ? 'esnext' : resolution;
  const compilerOptions = {
    module,
    moduleResolution: resolution,
    target: 'es2022',
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    noEmit: true,
    types: [join(repository, 'node_modules/@types/node')],
  };
  writeFileSync(join(consumer, 'consumer.ts'), typedConsumer());
  writeFileSync(join(consumer, name), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
  const tsc = join(repository, 'node_modules/typescript/bin/tsc');
  const checked = run(process.execPath, [tsc, '-p', name], inConsumer).catch(
    (error: unknown) => error,
  );
  expect(await checked).toMatchObject({ stdout: '' });
});

/** Fails to compile where an import has no types, or a public name is `any`. */
function typedConsumer(): string {
  const anyNames =
    'type AnyNames<M> = { [K in keyof M]: 0 extends 1 & M[K] ? K : never }[keyof M];';
  const imports = specifiers.map((name, index) => `import * as m${index} from '${name}';`);
  const checks = specifiers.map(
    (_, index) => `export const any${index}: AnyNames<typeof m${index}>[] = [] satisfies never[];`,
  );
  const proofs = specifiers.map((_, index) => `any${index} satisfies never[];`);
  return [...imports, anyNames, ...checks, ...proofs, ''].join('\n');
}

test('the command answers --version and --help', async () => {
  const npx = (option: string) => npm(['exec', '--no', '--', 'interplex', option], consumer);
  expect((await npx('--version')).stdout.trim()).toBe(manifest.version);
  expect((await npx('--help')).stdout).toContain('interplex');
});
