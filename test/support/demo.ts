/** The demo as users start it: a process of its own, ended by a signal. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

export interface Demo {
  readonly endpoints: Readonly<Record<string, { readonly port: number } | undefined>>;
  readonly inspectorUrl: string;
  stop(): Promise<void>;
}

export async function startDemo(...options: string[]): Promise<Demo> {
  const args = [command, 'demo', '--port', '0', '--json', ...options];
  const process_ = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(process_.stdout, 'data')) as [Buffer];
  const { inspect, ...endpoints } = JSON.parse(String(line)) as Demo['endpoints'] & {
    inspect: string;
  };
  return {
    endpoints,
    inspectorUrl: inspect,
    stop: async () => {
      if (process_.exitCode !== null) return;
      process_.kill('SIGTERM');
      await once(process_, 'exit');
    },
  };
}
