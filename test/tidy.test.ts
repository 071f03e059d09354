/**
 * Goal: the rules of style that a machine can check hold in every file.
 * Method: each rule is shown a bad sample and must find it, then a good one and must not; then it
 * reads this tree. A file is excused from a rule by `// tidy: <rule>: <sentence why>`.
 */
import { describe, expect, test } from 'vitest';

import { checkerArrow, neverImported, provideArrow } from './support/tidy/arrows.ts';
import { bannedWord, fileName } from './support/tidy/names.ts';
import {
  emptyCatch,
  postponedWork,
  suppressedType,
  switchedOffTest,
} from './support/tidy/remnants.ts';
import { fileSize, functionSize, lineWidth } from './support/tidy/sizes.ts';
import { printed, readTree, sample, withoutExcused } from './support/tidy/tree.ts';
import type { Rule, TreeFile } from './support/tidy/tree.ts';

interface Case {
  readonly name: string;
  readonly rule: Rule;
  readonly bad: readonly TreeFile[];
  readonly finds: readonly string[];
  readonly good: readonly TreeFile[];
}

const lines = (count: number) => Array.from({ length: count }, (_, index) => `// ${index}`);
const machine = 'export const machine = setup({}).createMachine({});';
const imports = (name: string) => `import { it } from '${name}';`;

const cases: readonly Case[] = [
  {
    name: 'a file has at most 300 lines, a machine 150, an example 60, src/index.ts 40',
    rule: fileSize,
    bad: [
      sample('src/io/tcp.ts', ...lines(301)),
      sample('actors/node.ts', machine, ...lines(150)),
      sample('examples/01-chat.ts', ...lines(61)),
      sample('src/index.ts', ...lines(41)),
    ],
    finds: [
      'src/io/tcp.ts:301 file-size: 301 lines, at most 300: split it by noun',
      'actors/node.ts:151 file-size: 151 lines, at most 150: split it by noun',
      'examples/01-chat.ts:61 file-size: 61 lines, at most 60: split it by noun',
      'src/index.ts:41 file-size: 41 lines, at most 40: split it by noun',
    ],
    good: [
      sample('src/io/tcp.ts', ...lines(300)),
      sample('actors/node.ts', machine, ...lines(149)),
      sample('actors/protocol.ts', ...lines(300)),
      sample('src/index.ts', ...lines(40)),
    ],
  },
  {
    name: 'a line has at most 100 columns',
    rule: lineWidth,
    bad: [sample('src/io/tcp.ts', `// ${'x'.repeat(98)}`)],
    finds: ['src/io/tcp.ts:1 line-width: 101 columns, at most 100'],
    good: [sample('src/io/tcp.ts', `// ${'é'.repeat(97)}`)],
  },
  {
    name: 'a function has at most 50 lines',
    rule: functionSize,
    bad: [sample('src/io/tcp.ts', 'function f() {', ...lines(49), '}')],
    finds: ['src/io/tcp.ts:1 function-size: a function of 51 lines, at most 50: name its parts'],
    good: [sample('src/io/tcp.ts', 'const f = () => {', ...lines(48), '};')],
  },
  {
    name: 'a file is named by a noun of the domain',
    rule: fileName,
    bad: ['src/utils.ts', 'src/wire/codec-helpers.ts', 'actors/node.machine.ts'].map((path) =>
      sample(path),
    ),
    finds: [
      'src/utils.ts:1 file-name: name the noun of the domain, or put it where it is used',
      'src/wire/codec-helpers.ts:1 file-name: ' +
        'name the noun of the domain, or put it where it is used',
      'actors/node.machine.ts:1 file-name: the folder says the role: drop the suffix',
    ],
    good: [sample('src/wire/codec.ts'), sample('test/node.test.ts')],
  },
  {
    name: 'an exported name says what it is',
    rule: bannedWord,
    bad: [
      sample('src/io/tcp.ts', 'const a = 1;', 'export { a as socketManager };'),
      sample('src/io/udp.ts', 'export interface PortInfo { a: 1 }'),
      sample('src/io/clock.ts', 'export class ClockService {}'),
    ],
    finds: [
      'src/io/tcp.ts:2 banned-word: socketManager: ' +
        'say what it keeps: table, pool, registry, supervisor',
      'src/io/udp.ts:1 banned-word: PortInfo: say what it tells: summary, status, figures',
      'src/io/clock.ts:1 banned-word: ClockService: say the role without the suffix',
    ],
    good: [sample('src/io/tcp.ts', 'export const openDataPort = 1, database = 2, service = 3;')],
  },
  {
    name: 'effects are provided where things are wired',
    rule: provideArrow,
    bad: [sample('src/runtime/host.ts', '', 'export const it = machine.provide({ actors });')],
    finds: [
      'src/runtime/host.ts:2 provide-arrow: ' +
        'provide effects in src/cluster, src/actors.ts, src/check or a test',
    ],
    good: ['src/cluster/node.ts', 'src/actors.ts', 'src/check/explore.ts', 'test/node.test.ts'].map(
      (path) => sample(path, 'export const it = machine.provide({ actors });'),
    ),
  },
  {
    name: 'the checker reaches no socket, clock or thread, however far it imports',
    rule: checkerArrow,
    bad: [
      sample('src/check/explore.ts', imports('../wire/codec.ts')),
      sample('src/wire/codec.ts', imports('../io/tcp.ts')),
      sample('src/io/tcp.ts'),
    ],
    finds: [
      'src/check/explore.ts:1 checker-arrow: the checker reaches the world: ' +
        'src/check/explore.ts → src/wire/codec.ts → src/io/tcp.ts',
    ],
    good: [
      sample('src/check/explore.ts', imports('../../actors/node.ts')),
      sample('src/io/tcp.ts'),
    ],
  },
  {
    name: 'a file of the product is reached from an entry point',
    rule: neverImported,
    bad: [
      sample('src/index.ts', imports('./io/tcp.ts')),
      sample('src/io/tcp.ts'),
      sample('src/io/udp.ts', imports('./tcp.ts')),
      sample('test/udp.test.ts', imports('#internal/io/udp')),
    ],
    finds: [
      'src/io/udp.ts:1 never-imported: no entry point reaches this file: import it or delete it',
    ],
    good: [
      sample('src/index.ts', `export { it } from './io/tcp.ts';`),
      sample('src/io/tcp.ts', `const worker = new URL('../runtime/worker.js', import.meta.url);`),
      sample('src/runtime/worker.ts', `await import('../wire/codec.ts');`),
      sample('src/wire/codec.ts'),
    ],
  },
  {
    name: 'work is not postponed in comments',
    rule: postponedWork,
    bad: [sample('src/io/tcp.ts', '/* first */', '// TODO: the rest')],
    finds: ['src/io/tcp.ts:2 postponed-work: do it or file it'],
    good: [sample('src/io/tcp.ts', `export const word = '// TODO: a text, not a comment';`)],
  },
  {
    name: 'the type checker is not silenced',
    rule: suppressedType,
    bad: [sample('src/io/tcp.ts', '// @ts-ignore', '// @ts-expect-error: why')],
    finds: [
      'src/io/tcp.ts:1 suppressed-type: say the type, or parse at the boundary',
      'src/io/tcp.ts:2 suppressed-type: say the type, or parse at the boundary',
    ],
    good: [sample('src/io/tcp.ts', '// The type is parsed at the boundary.')],
  },
  {
    name: 'no test is switched off',
    rule: switchedOffTest,
    bad: [sample('test/tcp.test.ts', `test.only('a', run);`, `describe.skip('b', run);`)],
    finds: [
      'test/tcp.test.ts:1 switched-off-test: .only: run it or delete it',
      'test/tcp.test.ts:2 switched-off-test: .skip: run it or delete it',
    ],
    good: [sample('test/tcp.test.ts', `test.skipIf(process.platform === 'win32')('a', run);`)],
  },
  {
    name: 'nothing is caught to be ignored',
    rule: emptyCatch,
    bad: [sample('src/io/tcp.ts', 'try { f(); } catch { /* no */ }', 'void p.catch(() => {});')],
    finds: [1, 2].map(
      (line) =>
        `src/io/tcp.ts:${line} empty-catch: ` +
        'answer the error: an event, a count, a log line, or let it pass',
    ),
    good: [sample('src/io/tcp.ts', 'try { f(); } catch (error) { report(error); }')],
  },
];

const tree = readTree();

describe.each(cases)('$name', ({ rule, bad, finds, good }) => {
  test('finds it in a bad sample', () => expect(printed(rule(bad))).toEqual(finds));
  test('finds nothing in a good sample', () => expect(printed(rule(good))).toEqual([]));
  test('finds nothing in this tree', () =>
    expect(printed(withoutExcused(rule(tree), tree))).toEqual([]));
});

describe('a file is excused from a rule', () => {
  const long = `// ${'x'.repeat(98)}`;
  const excused = (comment: string) => {
    const files = [sample('src/io/tcp.ts', comment, long)];
    return withoutExcused(lineWidth(files), files).length === 0;
  };

  test('by a sentence that says why', () =>
    expect(excused('// tidy: line-width: The table is read by column.')).toBe(true));
  test('not without a sentence', () => expect(excused('// tidy: line-width: because')).toBe(false));
  test('not by a sentence for another rule', () =>
    expect(excused('// tidy: file-size: The table is read by column.')).toBe(false));
});
