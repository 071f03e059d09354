/** `interplex check`: explores every state of the project's models, and says what it came to. */
import { Argument, Command, InvalidArgumentError } from 'commander';
import { searchThreadsMax } from '../check/check-in-threads.ts';
import { checkInThreads, checkModel, type Progress, type Report } from '../check/index.ts';
import { models, sourceOf, type CheckedModel } from '../check/models/index.ts';
import type { ErrorCode } from '../errors.ts';
import { whenAskedToStop } from './signals.ts';

const unknownModel: ErrorCode = 'IPX_MODEL_UNKNOWN';
/** What begins a line anew and clears it, on a terminal. */
const again = '\r\u001B[K';

/** Standard output carries the results alone; progress goes to standard error, on a terminal. */
export function checkCommand(): Command {
  const names = models.map(({ name }) => name).join(', ');
  return new Command('check')
    .description("check the machines together: every state of the project's models")
    .addArgument(new Argument('[model]', `one of ${names}; default: all, one after another`))
    .option('--json', 'write each result as a line of JSON')
    .option('--workers <count>', 'search in so many threads', threadsOf, 1)
    .action(async (name: string | undefined, options: CheckCommandOptions, command: Command) => {
      const chosen = models.filter((model) => name === undefined || model.name === name);
      if (chosen.length === 0) {
        const sentence = `There is no model "${name}". There are ${names}.`;
        command.error(`interplex: ${unknownModel}: ${sentence}`, {
          exitCode: 2,
          code: unknownModel,
        });
      }
      const write = options.json ? writeLine : writeText;
      if (!(await checkAll(chosen, options.workers, write))) process.exitCode = 1;
    });
}

interface CheckCommandOptions {
  readonly json?: true;
  readonly workers: number;
}

function threadsOf(text: string): number {
  const threads = Number(text);
  if (Number.isInteger(threads) && threads >= 1 && threads <= searchThreadsMax) return threads;
  throw new InvalidArgumentError(`Give a whole number from 1 to ${searchThreadsMax}.`);
}

type Write = (model: CheckedModel, report: Report) => void;

/** Asked to stop, it tells what was covered so far, which is no pass. */
async function checkAll(
  chosen: readonly CheckedModel[],
  threads: number,
  write: Write,
): Promise<boolean> {
  const stop = new AbortController();
  void whenAskedToStop().then(() => stop.abort());
  let isAllPassed = true;
  for (const model of chosen) {
    const onProgress = (progress: Progress) => show(model.name, progress);
    const options = { signal: stop.signal, onProgress };
    const report = await (threads === 1
      ? checkModel(model.model(), options)
      : checkInThreads(sourceOf(model), { ...options, threads }));
    if (process.stderr.isTTY) process.stderr.write(again);
    write(model, report);
    isAllPassed &&= report.outcome === 'passed';
    if (stop.signal.aborted) break;
  }
  return isAllPassed;
}

function show(name: string, { states, queued, tried, ms }: Progress): void {
  if (!process.stderr.isTTY) return;
  const rate = count(Math.round((tried / Math.max(1, ms)) * 1_000));
  const figures = `${count(states)} states, ${count(queued)} to expand, ${rate} tried/s`;
  process.stderr.write(`${again}${name}: ${figures}`);
}

function writeLine({ name }: CheckedModel, report: Report): void {
  const { outcome, states, tried, depth, ms, bytes, coverage } = report;
  const why = report.outcome === 'limit' ? { limit: report.limit } : {};
  const found = report.outcome === 'violated' ? { violation: report.violation } : {};
  const result = { name, outcome, ...why, states, tried, depth, ms, bytes, coverage, ...found };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

function writeText({ name, description }: CheckedModel, report: Report): void {
  const { states, tried, depth, ms } = report;
  const outcome = report.outcome === 'limit' ? `not all seen: ${report.limit}` : report.outcome;
  const figures = [`${count(states)} states`, `${count(tried)} tried`, `${depth} deep`];
  const seconds = `${(ms / 1_000).toFixed(1)} s`;
  const lines = [`${name}: ${outcome}; ${figures.join(', ')}, ${seconds}`, `  ${description}`];
  if (report.outcome === 'violated') lines.push(report.violation.text);
  for (const [machine, { untaken }] of Object.entries(report.coverage)) {
    if (untaken.length > 0) lines.push(`  ${machine}: never taken: ${untaken.join('; ')}`);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

const count = (number: number) => number.toLocaleString('en');
