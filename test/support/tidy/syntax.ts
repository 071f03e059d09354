/** What the rules ask of a file's syntax; read once a file, by oxc's parser. */
import {
  parseSync,
  Visitor,
  type CallExpression,
  type Comment,
  type Node,
  type ParseResult,
  type VisitorObject,
} from 'oxc-parser';

import type { TreeFile } from './tree.ts';

const parsed = new WeakMap<TreeFile, ParseResult>();

function parse(file: TreeFile): ParseResult {
  const known = parsed.get(file);
  if (known) return known;
  const result = parseSync(file.path, file.text);
  const [error] = result.errors;
  if (error) throw new Error(`${file.path} does not parse: ${error.message}`);
  parsed.set(file, result);
  return result;
}

export const visit = (file: TreeFile, visitor: VisitorObject): void =>
  new Visitor(visitor).visit(parse(file).program);

export const commentsOf = (file: TreeFile): readonly Comment[] => parse(file).comments;

export const lineAt = (file: TreeFile, offset: number): number =>
  file.text.slice(0, offset).split('\n').length;

/** The modules that a file names: imported, exported from, or given to `new URL(…)` as code. */
export function importsOf(file: TreeFile): string[] {
  const { staticImports, staticExports } = parse(file).module;
  const names = staticImports.map((entry) => entry.moduleRequest.value);
  for (const { entries } of staticExports) {
    for (const { moduleRequest } of entries) if (moduleRequest) names.push(moduleRequest.value);
  }
  visit(file, {
    ImportExpression: ({ source }) => {
      const name = textOf(source);
      if (name !== undefined) names.push(name);
    },
    NewExpression: ({ callee, arguments: [target] }) => {
      const name = target && textOf(target);
      const isUrl = callee.type === 'Identifier' && callee.name === 'URL';
      if (isUrl && name !== undefined && /^\.\.?\//.test(name)) names.push(name);
    },
  });
  return names;
}

export interface ExportedName {
  readonly name: string;
  readonly offset: number;
}

/** The names that a file exports, whether declared in it or passed on. */
export function exportsOf(file: TreeFile): ExportedName[] {
  return parse(file).module.staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ exportName, start }) =>
      exportName.name === null ? [] : [{ name: exportName.name, offset: start }],
    ),
  );
}

/** Calls of a method, as `x.provide(…)`. */
export function methodCallsOf(file: TreeFile, method: string): CallExpression[] {
  const calls: CallExpression[] = [];
  visit(file, {
    CallExpression: (call) => {
      const { callee } = call;
      if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return;
      if (!callee.computed && callee.property.name === method) calls.push(call);
    },
  });
  return calls;
}

/** The first arguments of calls that are texts: among them the title of every test. */
export function titlesOf(file: TreeFile): string[] {
  const titles: string[] = [];
  visit(file, {
    CallExpression: ({ arguments: [first] }) => {
      const title = first && textOf(first);
      if (title !== undefined) titles.push(title);
    },
  });
  return titles;
}

/** A literal text, or the fixed parts of a template. */
function textOf(node: Node): string | undefined {
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : undefined;
  if (node.type !== 'TemplateLiteral') return undefined;
  return node.quasis.map((quasi) => quasi.value.cooked ?? '').join('…');
}
