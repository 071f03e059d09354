/** `interplex chart`: prints a machine, or all, as they are drawn in the documents. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Argument, Command, Option } from 'commander';
import type { AnyStateMachine } from 'xstate';
import type { ErrorCode } from '../errors.ts';
import { catalogue } from '../inspect/catalogue.ts';
import { chartOf } from '../inspect/chart.ts';
import { printChart } from '../inspect/chart-drawing.ts';
import { layOut } from '../inspect/chart-layout.ts';
import { newLayouter } from '../inspect/elk.ts';
import { mermaidOf } from '../inspect/mermaid.ts';
import { scxmlOf } from '../inspect/scxml.ts';

interface Format {
  readonly extension: string;
  readonly print: (machine: AnyStateMachine) => string | Promise<string>;
  /** Several charts in one text. */
  readonly join: (charts: readonly (readonly [name: string, chart: string])[]) => string;
}

const oneAfterAnother = (title: (name: string) => string): Format['join'] => {
  return (charts) => charts.map(([name, chart]) => `${title(name)}${chart}`).join('\n');
};
const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';
/** One document, as a file must be. */
const inXml: Format['join'] = (charts) => {
  const inside = charts.map(
    ([name, chart]) => `<!-- ${name} -->\n${chart.replace(declaration, '')}`,
  );
  return `${declaration}<charts>\n${inside.join('\n')}\n</charts>\n`;
};

const formats: Readonly<Record<string, Format>> = {
  mermaid: {
    extension: 'mmd',
    print: mermaidOf,
    join: oneAfterAnother((name) => `%% ${name}\n`),
  },
  svg: {
    extension: 'svg',
    print: async (machine) => printChart(await layOut(chartOf(machine), newLayouter())),
    join: inXml,
  },
  json: {
    extension: 'json',
    print: (machine) => `${JSON.stringify(chartOf(machine), undefined, 2)}\n`,
    join: (charts) => `[\n${charts.map(([, chart]) => chart.trimEnd()).join(',\n')}\n]\n`,
  },
  scxml: { extension: 'scxml', print: (machine) => scxmlOf(chartOf(machine)), join: inXml },
};

interface ChartOptions {
  readonly format: string;
  readonly output?: string;
}

const unknownMachine: ErrorCode = 'IPX_MACHINE_UNKNOWN';

/** Standard output carries the chart and nothing else. */
export function chartCommand(): Command {
  const names = Array.from(catalogue.keys()).join(', ');
  const known = Object.keys(formats);
  return new Command('chart')
    .description('print a machine as a chart')
    .addArgument(new Argument('<machine>', `one of ${names}, or all`))
    .addOption(new Option('--format <format>').choices(known).default('mermaid'))
    .option('-o, --output <folder>', 'write a file for each machine into this folder')
    .action(async (name: string, { format, output }: ChartOptions, command: Command) => {
      const machines = Array.from(catalogue).filter(([other]) => name === 'all' || name === other);
      if (machines.length === 0) {
        const sentence = `There is no machine "${name}". There are ${names}, and all.`;
        command.error(`interplex: ${unknownMachine}: ${sentence}`, {
          exitCode: 2,
          code: unknownMachine,
        });
      }
      const { extension, print, join: joined } = formats[format] as Format;
      const charts: (readonly [string, string])[] = [];
      for (const [title, machine] of machines) charts.push([title, await print(machine)]);
      if (output !== undefined) writeTo(output, extension, charts);
      else process.stdout.write(name === 'all' ? joined(charts) : (charts[0]?.[1] ?? ''));
    });
}

function writeTo(
  folder: string,
  extension: string,
  charts: readonly (readonly [string, string])[],
): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, chart] of charts) writeFileSync(join(folder, `${name}.${extension}`), chart);
}
