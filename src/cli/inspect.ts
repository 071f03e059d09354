/** `interplex inspect`: shows a recording, or a counterexample of the checker, step by step. */
import { Argument, Command } from 'commander';
import { startInspector, type InspectedWorld } from '../inspect/inspector.ts';
import { openRecording } from '../inspect/opened-recording.ts';
import { whenAskedToStop } from './signals.ts';
import { whole } from './whole.ts';

interface InspectOptions {
  readonly port: number;
  readonly json?: true;
}

export const inspectCommand = (): Command =>
  new Command('inspect')
    .description('show a recording of the inspector, or a counterexample of interplex check --json')
    .addArgument(new Argument('<recording>', 'the file'))
    .option('--port <port>', 'TCP port of the page, 0 for any free one', whole(0, 65_535), 7788)
    .option('--json', 'print where it is shown as one line of JSON')
    .action(async (path: string, { port, json }: InspectOptions) => {
      const { title, records } = openRecording(path);
      const world: InspectedWorld = {
        title,
        recording: records,
        figures: () => ({}),
        perform: () => Promise.resolve(),
      };
      const inspector = await startInspector({ port }, world);
      const stopped = whenAskedToStop();
      const { url } = inspector;
      process.stdout.write(json ? `${JSON.stringify({ inspect: url })}\n` : welcome(title, url));
      // A server that keeps nothing running would end with this turn.
      const timer = setInterval(() => undefined, 60_000);
      await stopped;
      clearInterval(timer);
      await inspector.close();
    });

const welcome = (title: string, url: string) => `${title} is shown at ${url}\nCtrl-C ends it.\n`;
