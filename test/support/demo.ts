/** Commands as users start them: a process each, that says by one line of JSON where it is. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

interface Command<Said> {
  readonly said: Said;
  readonly pid: number | undefined;
  /** As Ctrl-C does. */
  stop(): Promise<void>;
}

export async function startCommand<Said>(...args: string[]): Promise<Command<Said>> {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    said: JSON.parse(line.toString()) as Said,
    pid: child.pid,
    stop: async () => {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

export interface Demo {
  readonly endpoints: Readonly<Record<string, { readonly port: number } | undefined>>;
  readonly inspectorUrl: string;
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

export async function startDemo(...options: string[]): Promise<Demo> {
  type Said = Demo['endpoints'] & { readonly inspect: string };
  const command = await startCommand<Said>('demo', '--port', '0', '--json', ...options);
  const { inspect, ...endpoints } = command.said;
  return {
    endpoints,
    inspectorUrl: inspect,
    pid: command.pid,
    stop: () => command.stop(),
  };
}
