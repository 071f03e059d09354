/** Rules of naming: a file and an exported name say what they are. */
import { exportsOf, lineAt } from './syntax.ts';
import type { Rule } from './tree.ts';

const sayTheNoun = 'name the noun of the domain, or put it where it is used';
const theFolderSays = 'the folder says the role: drop the suffix';

const bannedPathParts: readonly (readonly [RegExp, string])[] = [
  [/^(utils?|common|types|helpers?|misc|shared)$/, sayTheNoun],
  [/-helpers?$/, sayTheNoun],
  [/\.(machine|types)$/, theFolderSays],
];

const bannedWords: Readonly<Record<string, string>> = {
  manager: 'what it keeps: table, pool, registry, supervisor',
  handler: 'what it does, or the event that it answers',
  util: 'the noun of the domain',
  utils: 'the noun of the domain',
  helper: 'the noun of the domain',
  helpers: 'the noun of the domain',
  data: 'what is in it: bytes, frame, row, state',
  info: 'what it tells: summary, status, figures',
};

export const fileName: Rule = (files) =>
  files.flatMap(({ path }) => {
    const parts = path.replace(/(\.test)?\.\w+$/, '').split('/');
    const ban = bannedPathParts.find(([pattern]) => parts.some((part) => pattern.test(part)));
    return ban ? [{ path, line: 1, rule: 'file-name', message: ban[1] }] : [];
  });

export const bannedWord: Rule = (files) =>
  files.flatMap((file) =>
    exportsOf(file).flatMap(({ name, offset }) => {
      const replacement = replacementFor(name);
      if (replacement === undefined) return [];
      const message = `${name}: say ${replacement}`;
      return [{ path: file.path, line: lineAt(file, offset), rule: 'banned-word', message }];
    }),
  );

/** A data port is a term of the domain; `data` by itself says nothing. */
function replacementFor(name: string): string | undefined {
  const words = wordsOf(name);
  if (words.length > 1 && words.at(-1) === 'service') return 'the role without the suffix';
  const banned = words.find((word, index) => {
    const isDataPort = word === 'data' && /^ports?$/.test(words[index + 1] ?? '');
    return Object.hasOwn(bannedWords, word) && !isDataPort;
  });
  return banned && bannedWords[banned];
}

const wordsOf = (name: string) =>
  name
    .split(/[_$]|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase());
