/** `npm run bench -- <suite> [--json] [--smoke] [--only <part of a line's name>]` */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { checkSuite } from './check/check-suite.ts';
import { dataPortSuite } from './data-port/data-port-suite.ts';
import { eventsSuite } from './events/events-suite.ts';
import { inspectSuite } from './inspect/inspect-suite.ts';
import { jsonOf, tableOf, unmeasured, type Result } from './report.ts';
import { runSuite, type Suite } from './suite.ts';
import { messagingSuite } from './messaging/messaging-suite.ts';
import { portsSuite } from './ports/ports-suite.ts';
import { transferSuite } from './transfer/transfer-suite.ts';

const suites: ReadonlyMap<string, Suite> = new Map([
  ['transfer', transferSuite],
  ['events', eventsSuite],
  ['check', checkSuite],
  ['messaging', messagingSuite],
  ['ports', portsSuite],
  ['inspect', inspectSuite],
  ['data-port', dataPortSuite],
]);

const usage =
  'usage: npm run bench -- <suite> [--json] [--smoke] [--only <part of a name>]; ' +
  `suites: ${[...suites.keys()].join(', ')}`;

interface Wish {
  readonly name: string;
  readonly suite: Suite;
  readonly json: boolean;
  readonly smoke: boolean;
  readonly only: string;
}

function parseWish(args: readonly string[]): Wish | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean', default: false },
        smoke: { type: 'boolean', default: false },
        only: { type: 'string', default: '' },
      },
      allowPositionals: true,
    });
    const [name = '', ...rest] = positionals;
    const suite = suites.get(name);
    if (!suite || rest.length > 0) return `"${positionals.join(' ')}" is no suite. ${usage}`;
    return { name, suite, ...values };
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)} ${usage}`;
  }
}

async function run({ name, suite, json, smoke, only }: Wish): Promise<number> {
  const tell = (line: string) => console.error(line);
  const scale = smoke ? 'smoke' : 'full';
  const results = await runSuite(suite, { scale, part: only, tell });
  if (json) {
    console.error(tableOf(results));
    console.log(jsonOf(name, results));
  } else {
    console.log(tableOf(results));
  }
  return exitCodeOf(results, only);
}

/** A target that is missed is a finding, not a failure: the noise of the machine is in it. */
function exitCodeOf(results: readonly Result[], only: string): number {
  if (results.length === 0) {
    console.error(`No line's name contains "${only}".`);
    return 2;
  }
  const missing = unmeasured(results);
  for (const { name } of missing) console.error(`Nothing was measured for: ${name}`);
  return missing.length === 0 ? 0 : 1;
}

/** Processes of one user meet in it about source ports: what else runs is not to be measured. */
const folder = mkdtempSync(join(tmpdir(), 'ipx-bench-'));
process.env['TMPDIR'] = folder;
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

const wish = parseWish(process.argv.slice(2));
if (typeof wish === 'string') {
  console.error(wish);
  process.exitCode = 2;
} else {
  process.exitCode = await run(wish);
}
