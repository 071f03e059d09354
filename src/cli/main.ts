#!/usr/bin/env node
/** The command `interplex`. Exit codes: 0 done, 1 failed, 2 called wrongly. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { InterplexError, sentenceOf } from '../errors.ts';
import { chartCommand } from './chart.ts';
import { checkCommand } from './check.ts';
import { portsCommand } from './ports.ts';
import { demoCommand } from './demo/command.ts';
import { mirrorCommand } from './mirror.ts';
import { runCommand } from './run.ts';
import { inspectCommand } from './inspect.ts';

const usageCodes: readonly string[] = ['IPX_USAGE', 'IPX_MACHINE_UNKNOWN', 'IPX_MODEL_UNKNOWN'];

const program = new Command('interplex')
  .description('Cluster networking as actors, for Node.js.')
  .version(versionOf(), '--version')
  .exitOverride()
  .addCommand(demoCommand())
  .addCommand(chartCommand())
  .addCommand(checkCommand())
  .addCommand(mirrorCommand())
  .addCommand(runCommand())
  .addCommand(portsCommand())
  .addCommand(inspectCommand());

for (const command of program.commands) command.exitOverride();

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2; // Its sentence has been printed.
  } else {
    process.stderr.write(`interplex: ${sentenceOf(error)}\n`);
    process.exitCode = error instanceof InterplexError && usageCodes.includes(error.code) ? 2 : 1;
  }
}

/** The version of the package that this file lies in. */
function versionOf(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  const parsed: unknown = JSON.parse(text);
  const isPackage = typeof parsed === 'object' && parsed !== null && 'version' in parsed;
  return isPackage ? String(parsed.version) : '';
}
