/** `npm run soak -- <name> …`: the full counts and seeds of what `npm test` does in brief. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

interface Soak {
  readonly files: readonly string[];
  /** What the files read: see the docstring of each. One that is set outside is kept. */
  readonly variables: Readonly<Record<string, string>>;
}

const soaks: ReadonlyMap<string, Soak> = new Map<string, Soak>([
  [
    'transfer',
    {
      files: ['test/world/endurance.test.ts', 'test/world/relay.test.ts'],
      variables: { IPX_TRANSFERS: '20000', IPX_KILLS: '200', IPX_RELAY_TRANSFERS: '20000' },
    },
  ],
  [
    'ring',
    {
      files: ['test/world/ring.test.ts'],
      variables: { IPX_RING_HOPS: '1000', IPX_RELAY_RING_HOPS: '1000' },
    },
  ],
  [
    'mirror',
    { files: ['test/world/mirror-deaths.test.ts'], variables: { IPX_MIRROR_KILLS: '300' } },
  ],
  [
    'processes',
    { files: ['test/world/processes.test.ts'], variables: { IPX_PROCESS_HOPS: '2000' } },
  ],
  [
    'inspect',
    {
      files: ['test/world/inspector-endurance.test.ts'],
      variables: { IPX_INSPECT_SECONDS: '3600' },
    },
  ],
  ['vipa', { files: ['test/world/vipa.test.ts'], variables: { IPX_OWNER_KILLS: '50' } }],
  [
    'ports',
    {
      files: [
        'test/world/port-deaths.test.ts',
        'test/world/port-history.test.ts',
        'test/world/host-ports.test.ts',
      ],
      variables: { IPX_PORT_DEATHS: '1000', IPX_PORT_SECONDS: '60', IPX_HOST_SECONDS: '60' },
    },
  ],
  [
    'data-port',
    {
      files: [
        'test/data-port-simulation.test.ts',
        'test/frame.test.ts',
        'test/world/data-port-faults.test.ts',
      ],
      variables: {
        IPX_PORT_SEEDS: '10000',
        IPX_FRAME_STREAMS: '1000000',
        IPX_PORT_SCHEDULES: '200',
        IPX_PORT_RESETS: '10000',
        IPX_PORT_STILL_MS: '30000',
      },
    },
  ],
  [
    'check',
    {
      files: [
        'test/check-models.test.ts',
        'test/check-mutants.test.ts',
        'test/outgoing-transfer.test.ts',
      ],
      variables: { INTERPLEX_CHECK: 'all' },
    },
  ],
  [
    'messaging',
    {
      files: [
        'test/convergence.test.ts',
        'test/reliable-messages.test.ts',
        'test/suspicion.test.ts',
        'test/datagrams.test.ts',
        'test/namesakes.test.ts',
      ],
      variables: { IPX_SEEDS: '1000', IPX_DATAGRAMS: '1000000' },
    },
  ],
]);

const usage = `usage: npm run soak -- <name> …; names: all, ${[...soaks.keys()].join(', ')}`;

/** Its exit code. The runner says what failed. */
async function run(name: string, { files, variables }: Soak): Promise<number> {
  console.log(`soak ${name}: ${JSON.stringify(variables)}`);
  const root = fileURLToPath(new URL('..', import.meta.url));
  const runner = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
  const child = spawn(process.execPath, [runner, 'run', ...files], {
    cwd: root,
    env: { ...variables, ...process.env },
    stdio: 'inherit',
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

const wished = process.argv.slice(2);
const names = wished.includes('all') ? [...soaks.keys()] : wished;
const unknown = names.find((name) => !soaks.has(name));
if (names.length === 0 || unknown !== undefined) {
  console.error(unknown === undefined ? usage : `"${unknown}" is no soak. ${usage}`);
  process.exitCode = 2;
} else {
  for (const name of names) {
    const soak = soaks.get(name);
    if (soak && (await run(name, soak)) !== 0) process.exitCode = 1;
  }
}
