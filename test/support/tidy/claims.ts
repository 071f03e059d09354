/**
 * Requirement ids three ways: ARCHITECTURE.md has a row for each, `| CT-1 | source | test |`; the
 * source files named there hold the id, and the test files named there hold it in a test's title.
 */
import { titlesOf } from './syntax.ts';
import type { Finding, TreeFile } from './tree.ts';

export interface Claim {
  readonly id: string;
  readonly line: number;
  readonly sources: readonly string[];
  readonly tests: readonly string[];
}

const architecture = 'ARCHITECTURE.md';

/** The rows of the requirement table: first cell an id, then the sources, then the tests. */
export function claimsOf(text: string): Claim[] {
  return text.split('\n').flatMap((row, index) => {
    const [, id, sources, tests] = row.split('|').map((cell) => cell.trim());
    if (id === undefined || !/^[A-Z]{2}-\d+$/.test(id)) return [];
    return [{ id, line: index + 1, sources: pathsIn(sources), tests: pathsIn(tests) }];
  });
}

export function claimFindings(claims: readonly Claim[], files: readonly TreeFile[]): Finding[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  return [
    ...claims.flatMap((claim) => [
      ...doubled(claim, claims),
      ...unheld(claim, 'source', claim.sources, (path) => idsIn([byPath.get(path)?.text ?? ''])),
      ...unheld(claim, 'test', claim.tests, (path) => titleIdsOf(byPath.get(path))),
    ]),
    ...files.flatMap((file) => withoutRow(file, claims)),
  ];
}

function doubled({ id, line }: Claim, claims: readonly Claim[]): Finding[] {
  const isFirst = claims.find((claim) => claim.id === id)?.line === line;
  return isFirst ? [] : [finding(architecture, line, `${id} has a row already`)];
}

function unheld(
  { id, line }: Claim,
  kind: 'source' | 'test',
  paths: readonly string[],
  idsAt: (path: string) => readonly string[],
): Finding[] {
  if (paths.length === 0) return [finding(architecture, line, `${id} names no ${kind} file`)];
  const place = kind === 'source' ? 'is not in' : 'is in no test title of';
  return paths
    .filter((path) => !idsAt(path).includes(id))
    .map((path) => finding(architecture, line, `${id} ${place} ${path}`));
}

/** Only the table's own prefixes are ids: CRC-32 is none. */
function withoutRow(file: TreeFile, claims: readonly Claim[]): Finding[] {
  const known = new Set(claims.map(({ id }) => id));
  const prefixes = new Set(claims.map(({ id }) => prefixOf(id)));
  const isProduct = /^(src|actors)\//.test(file.path);
  const ids = new Set(isProduct ? idsIn([file.text]) : titleIdsOf(file));
  return Array.from(ids)
    .filter((id) => prefixes.has(prefixOf(id)) && !known.has(id))
    .map((id) => finding(file.path, 1, `${id} has no row in ${architecture}`));
}

const finding = (path: string, line: number, message: string): Finding => ({
  path,
  line,
  rule: 'claim',
  message,
});
const prefixOf = (id: string) => id.slice(0, 2);
const idsIn = (texts: readonly string[]) =>
  texts.flatMap((text) => text.match(/\b[A-Z]{2}-\d+\b/g) ?? []);
const titleIdsOf = (file: TreeFile | undefined) =>
  file?.path.startsWith('test/') === true ? idsIn(titlesOf(file)) : [];
const pathsIn = (cell = '') => cell.match(/[\w.-]+(\/[\w.-]+)*\.(ts|mts|js|mjs)\b/g) ?? [];
