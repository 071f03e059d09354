/** Rules of size: a file over its limit is split by noun. */
import type { ArrowFunctionExpression, Function as FunctionNode } from 'oxc-parser';

import { lineAt, visit } from './syntax.ts';
import type { Finding, Rule, TreeFile } from './tree.ts';

const columnsMax = 100;
const functionLinesMax = 50;

/** The first that matches holds. */
const fileLinesMax: readonly (readonly [RegExp, number])[] = [
  [/^src\/index\.ts$/, 40],
  [/^examples\//, 60],
  [/^(src|actors|test)\//, 300],
];
const machineLinesMax = 150;

export const fileSize: Rule = (files) =>
  files.flatMap((file) => {
    const count = linesOf(file).length;
    const limit = fileLimit(file);
    const message = `${count} lines, at most ${limit}: split it by noun`;
    return count > limit ? [{ path: file.path, line: limit + 1, rule: 'file-size', message }] : [];
  });

export const lineWidth: Rule = (files) =>
  files.flatMap((file) =>
    linesOf(file).flatMap((text, index) => {
      const columns = Array.from(text).length;
      const message = `${columns} columns, at most ${columnsMax}`;
      const finding = { path: file.path, line: index + 1, rule: 'line-width', message };
      return columns > columnsMax ? [finding] : [];
    }),
  );

export const functionSize: Rule = (files) =>
  files.flatMap((file) => {
    const findings: Finding[] = [];
    const measure = ({ start, end }: FunctionNode | ArrowFunctionExpression) => {
      const line = lineAt(file, start);
      const count = lineAt(file, end) - line + 1;
      const message = `a function of ${count} lines, at most ${functionLinesMax}: name its parts`;
      if (count > functionLinesMax) {
        findings.push({ path: file.path, line, rule: 'function-size', message });
      }
    };
    visit(file, {
      FunctionDeclaration: measure,
      FunctionExpression: measure,
      ArrowFunctionExpression: measure,
    });
    return findings;
  });

function fileLimit({ path, text }: TreeFile): number {
  if (path.startsWith('actors/') && text.includes('createMachine(')) return machineLinesMax;
  return fileLinesMax.find(([pattern]) => pattern.test(path))?.[1] ?? Infinity;
}

const linesOf = ({ text }: TreeFile) => text.replace(/\n$/, '').split('\n');
