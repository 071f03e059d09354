/** `interplex run`: the nodes of one process, from a configuration that its cluster shares. */
import { Command } from 'commander';
import type { Cluster } from '../cluster/cluster.ts';
import type { ClusterOptions } from '../cluster/configuration.ts';
import { startCluster } from '../cluster/start-cluster.ts';
import { readConfiguration } from './configuration-file.ts';
import { whenAskedToStop } from './signals.ts';
import { whole } from './whole.ts';

interface RunOptions {
  readonly here?: readonly string[];
  readonly inspectPort?: number;
  readonly control?: true;
  readonly json?: true;
}

/** Standard output tells what happens, a line each; the log goes to standard error. */
export const runCommand = (): Command =>
  new Command('run')
    .description("start the nodes of this process, which joins its cluster's other processes")
    .argument('<configuration>', 'a module that exports `cluster`, or JSON: see startCluster()')
    .option('--here <nodes...>', 'the nodes of this process; default: as configured, or all')
    .option('--inspect-port <port>', 'show what runs here in a page of this port', whole(0, 65_535))
    .option('--control', 'let that page send events, cut paths, and kill, drain and restart nodes')
    .option('--json', 'print what happens as lines of JSON')
    .action(run);

async function run(path: string, { here, json, ...seen }: RunOptions): Promise<void> {
  const stopped = whenAskedToStop();
  const options = await readConfiguration(path);
  const inspect = inspectionOf(options, seen);
  const cluster = await startCluster({
    ...withKey(options),
    ...(here && { here }),
    ...(inspect && { inspect }),
  });
  const write = json ? writeLine : writeText;
  tellOf(cluster, write);
  const vipas = cluster.vipas().filter(({ owner }) => owner !== undefined);
  const { inspectorUrl } = cluster;
  write('ready', {
    nodes: cluster.nodes(),
    vipas,
    members: cluster.members(),
    ...(inspectorUrl !== undefined && { inspect: inspectorUrl }),
  });
  await Promise.race([stopped, allFailed(cluster)]);
  await cluster.stop();
}

/** None of its nodes will be started again: a process that goes on would serve nobody. */
async function allFailed(cluster: Cluster): Promise<void> {
  const left = new Set(cluster.nodes());
  await new Promise<void>((resolve) => {
    cluster.on('node.failed', ({ node }) => {
      left.delete(node);
      if (left.size === 0) resolve();
    });
  });
  process.exitCode = 1;
}

/** Processes of one host share a configuration, and no port: what is said here goes before it. */
function inspectionOf(
  { inspect }: ClusterOptions,
  { inspectPort: port, control }: Pick<RunOptions, 'inspectPort' | 'control'>,
): ClusterOptions['inspect'] {
  if (port === undefined && !(inspect && control)) return inspect;
  return { ...inspect, ...(port !== undefined && { port }), ...(control && { control }) };
}

/** A key in a file is read by whoever reads the file: INTERPLEX_KEY stands in for it. */
function withKey(options: ClusterOptions): ClusterOptions {
  const key = process.env['INTERPLEX_KEY'];
  if (key === undefined || options.messaging?.key !== undefined) return options;
  return { ...options, messaging: { ...options.messaging, key } };
}

type Write = (event: string, told: object) => void;

function tellOf(cluster: Cluster, write: Write): void {
  cluster.on('node.ended', (told) => write('node.ended', told));
  cluster.on('node.restarting', (told) => write('node.restarting', told));
  cluster.on('node.failed', (told) => write('node.failed', told));
  cluster.on('vipa.owned', (told) => write('vipa.owned', told));
  cluster.on('member.changed', (told) => write('member.changed', told));
}

const writeLine: Write = (event, told) =>
  void process.stdout.write(`${JSON.stringify({ event, ...told })}\n`);

const writeText: Write = (event, told) =>
  void process.stdout.write(`${event} ${Object.entries(told).map(wordOf).join(' ')}\n`);

const wordOf = ([name, value]: [string, unknown]) =>
  `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`;
