/** Rules of who may know whom, beyond those that the linter holds. */
import { posix } from 'node:path';

import { importsOf, lineAt, methodCallsOf } from './syntax.ts';
import type { Rule, TreeFile } from './tree.ts';

const entryPoints = [
  'src/index.ts',
  'src/actors.ts',
  'src/check/index.ts',
  'src/inspect/index.ts',
  'src/cli/main.ts',
  'src/inspect/page/main.tsx', // By Vite, from the page itself.
  'src/inspect/page/vite.config.ts',
];
const isProduct = (path: string) => /^(src|actors)\//.test(path);
const mayProvide = /^(src\/cluster\/|src\/check\/|src\/actors\.ts$|test\/)/;
const world = /^src\/(io|runtime)\//;

/** Effects are provided where things are wired, so that one place shows what a machine is given. */
export const provideArrow: Rule = (files) =>
  files
    .filter(({ path }) => !mayProvide.test(path))
    .flatMap((file) =>
      methodCallsOf(file, 'provide').map(({ start }) => ({
        path: file.path,
        line: lineAt(file, start),
        rule: 'provide-arrow',
        message: 'provide effects in src/cluster, src/actors.ts, src/check or a test',
      })),
    );

/** The linter sees direct imports only; this follows them to the end. */
export const checkerArrow: Rule = (files) => {
  const reached = reach(files, ({ path }) => path.startsWith('src/check/'));
  return Array.from(reached)
    .filter(([path]) => world.test(path))
    .map(([path, trail]) => ({
      path: trail[0] ?? path,
      line: 1,
      rule: 'checker-arrow',
      message: `the checker reaches the world: ${[...trail, path].join(' → ')}`,
    }));
};

/** A file that no entry point reaches is dead, whatever its tests do. */
export const neverImported: Rule = (files) => {
  const product = files.filter(({ path }) => isProduct(path));
  const reached = reach(product, ({ path }) => entryPoints.includes(path));
  return product
    .filter(({ path }) => !reached.has(path))
    .map(({ path }) => ({
      path,
      line: 1,
      rule: 'never-imported',
      message: 'no entry point reaches this file: import it or delete it',
    }));
};

/** Every file reached from the starting ones, with the trail that led there. */
function reach(files: readonly TreeFile[], isStart: (file: TreeFile) => boolean) {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const trails = new Map<string, string[]>();
  const waiting = files.filter(isStart);
  for (const { path } of waiting) trails.set(path, []);
  for (let file = waiting.shift(); file; file = waiting.shift()) {
    for (const name of importsOf(file)) {
      const next = byPath.get(targetOf(file.path, name));
      if (!next || trails.has(next.path)) continue;
      trails.set(next.path, [...(trails.get(file.path) ?? []), file.path]);
      waiting.push(next);
    }
  }
  return trails;
}

const targetOf = (from: string, name: string) =>
  name.startsWith('.') ? posix.join(posix.dirname(from), name).replace(/\.js$/, '.ts') : name;
