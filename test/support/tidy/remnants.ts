/** Rules against what is left behind: postponed work, switched-off tests, swallowed errors. */
import { commentsOf, lineAt, methodCallsOf, visit } from './syntax.ts';
import type { Finding, Rule, TreeFile } from './tree.ts';

const suppression = /@ts-(ignore|expect-error|nocheck)/;
const postponed = /\b(TODO|FIXME|XXX|HACK)\b/;

const commentRule =
  (rule: string, pattern: RegExp, message: string): Rule =>
  (files) =>
    files.flatMap((file) =>
      commentsOf(file)
        .filter(({ value }) => pattern.test(value))
        .map(({ start }) => ({ path: file.path, line: lineAt(file, start), rule, message })),
    );

export const postponedWork = commentRule('postponed-work', postponed, 'do it or file it');
export const suppressedType = commentRule(
  'suppressed-type',
  suppression,
  'say the type, or parse at the boundary',
);

/** `test.only` hides the rest, `test.skip` itself; a test that needs a system says `skipIf`. */
export const switchedOffTest: Rule = (files) => {
  const methods = ['only', 'skip', 'todo', 'fails'];
  return files
    .filter(({ path }) => path.startsWith('test/'))
    .flatMap((file) =>
      methods.flatMap((method) =>
        methodCallsOf(file, method).map(({ start }) => ({
          path: file.path,
          line: lineAt(file, start),
          rule: 'switched-off-test',
          message: `.${method}: run it or delete it`,
        })),
      ),
    );
};

/** Nothing is caught to be ignored: not by `catch {}`, not by `.catch(() => {})`. */
export const emptyCatch: Rule = (files) => files.flatMap((file) => emptyCatchesOf(file));

function emptyCatchesOf(file: TreeFile): Finding[] {
  const offsets: number[] = [];
  visit(file, {
    CatchClause: ({ body, start }) => {
      if (body.body.length === 0) offsets.push(start);
    },
  });
  for (const { arguments: given, start } of methodCallsOf(file, 'catch')) {
    const [answer] = given;
    if (answer?.type !== 'ArrowFunctionExpression') continue;
    if (answer.body.type === 'BlockStatement' && answer.body.body.length === 0) offsets.push(start);
  }
  const message = 'answer the error: an event, a count, a log line, or let it pass';
  return offsets.map((offset) => ({
    path: file.path,
    line: lineAt(file, offset),
    rule: 'empty-catch',
    message,
  }));
}
