/** `interplex chart`: prints a machine, or all, as they are drawn in the documents. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Argument, Command, Option } from 'commander';
import type { AnyStateMachine } from 'xstate';
import type { ErrorCode } from '../errors.ts';
import { catalogue } from '../inspect/catalogue.ts';
import { mermaidOf } from '../inspect/mermaid.ts';

interface ChartOptions {
  readonly output?: string;
}

const unknownMachine: ErrorCode = 'IPX_MACHINE_UNKNOWN';

/** Standard output carries the chart and nothing else. */
export function chartCommand(): Command {
  const names = Array.from(catalogue.keys()).join(', ');
  return new Command('chart')
    .description('print a machine as a chart')
    .addArgument(new Argument('<machine>', `one of ${names}, or all`))
    .addOption(new Option('--format <format>').choices(['mermaid']).default('mermaid'))
    .option('-o, --output <folder>', 'write a file for each machine into this folder')
    .action((name: string, options: ChartOptions, command: Command) => {
      const machines = machinesOf(name);
      if (machines.length === 0) {
        const sentence = `There is no machine "${name}". There are ${names}, and all.`;
        command.error(`interplex: ${unknownMachine}: ${sentence}`, {
          exitCode: 2,
          code: unknownMachine,
        });
      }
      if (options.output === undefined) print(machines);
      else writeTo(options.output, machines);
    });
}

type Named = readonly [name: string, machine: AnyStateMachine];

const machinesOf = (name: string): Named[] =>
  Array.from(catalogue).filter(([other]) => name === 'all' || name === other);

function print(machines: readonly Named[]): void {
  const isOne = machines.length === 1;
  // Each of several begins with its name, in the form of a mermaid comment.
  const title = (name: string) => (isOne ? '' : `%% ${name}\n`);
  const charts = machines.map(([name, machine]) => `${title(name)}${mermaidOf(machine)}`);
  process.stdout.write(charts.join('\n'));
}

function writeTo(folder: string, machines: readonly Named[]): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, machine] of machines) {
    writeFileSync(join(folder, `${name}.mmd`), mermaidOf(machine));
  }
}
