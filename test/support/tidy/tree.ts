/** The files that the tidy rules read, and what a rule answers. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface TreeFile {
  readonly path: string; // From the repository's root, with slashes.
  readonly text: string;
}

export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

export type Rule = (files: readonly TreeFile[]) => Finding[];

export const repository = fileURLToPath(new URL('../../..', import.meta.url));

const codeRoots = ['actors', 'src', 'examples', 'test'];
const isCode = (name: string) => /\.(tsx?|mts|js|mjs)$/.test(name);

/** Every code file of the project, in a stable order. */
export function readTree(roots: readonly string[] = codeRoots): TreeFile[] {
  const present = readdirSync(repository);
  return roots.filter((root) => present.includes(root)).flatMap((root) => readFolder(root));
}

export function readText(path: string): string {
  return readFileSync(join(repository, path), 'utf8');
}

function readFolder(root: string): TreeFile[] {
  const entries = readdirSync(join(repository, root), { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && isCode(entry.name))
    .map((entry) => relative(repository, join(entry.parentPath, entry.name)))
    .map((path) => path.split(sep).join(posix.sep))
    .toSorted()
    .map((path) => ({ path, text: readText(path) }));
}

/** A file of the tree as a sample writes it: its path, then its lines. */
export const sample = (path: string, ...lines: string[]): TreeFile => ({
  path,
  text: `${lines.join('\n')}\n`,
});

/**
 * Takes out what a file excuses: `// tidy: <rule>: <sentence why>` holds for the whole file, and
 * without a sentence it excuses nothing.
 */
export function withoutExcused(findings: Finding[], files: readonly TreeFile[]): Finding[] {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  return findings.filter(({ path, rule }) => {
    const sentence = new RegExp(`^\\s*// tidy: ${rule}: \\w+ \\w+ .*\\.$`, 'm');
    return !sentence.test(texts.get(path) ?? '');
  });
}

/** One finding a line, as a reader of a failed test wants it. */
export const printed = (findings: readonly Finding[]): string[] =>
  findings.map(({ path, line, rule, message }) => `${path}:${line} ${rule}: ${message}`);
