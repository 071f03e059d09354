/** `interplex demo`: a chat whose clients move between worker threads. */
import { Command } from 'commander';
import type { Cluster } from '../../cluster/cluster.ts';
import { startCluster } from '../../cluster/start-cluster.ts';
import { whenAskedToStop } from '../signals.ts';
import { whole } from '../whole.ts';

interface DemoOptions {
  readonly port: number;
  readonly halls: number;
  readonly capacity: number;
  readonly httpPort?: number;
  readonly killEdgeAfter?: number;
  readonly inspectPort?: number;
  readonly control?: true;
  readonly json?: true;
}

const address = '127.0.0.1';

export const demoCommand = (): Command =>
  new Command('demo')
    .description('Run a chat whose clients move, still connected, between worker threads.')
    .option('--port <port>', 'TCP port of the chat, 0 for any free one', whole(0, 65_535), 7000)
    .option('--halls <count>', 'nodes that the rooms are spread over', whole(1, 64), 3)
    .option('--capacity <count>', 'members that each hall accepts', whole(1, 1_000_000), 50)
    .option('--http-port <port>', 'serve the rooms by HTTP and WebSocket too', whole(0, 65_535))
    .option('--kill-edge-after <seconds>', 'kill the edge, for show', whole(0, 86_400))
    .option('--inspect-port <port>', 'show what runs in a page of this port', whole(0, 65_535))
    .option('--control', 'let that page send events, cut paths, and kill, drain and restart nodes')
    .option('--json', 'print where it listens as one line of JSON')
    .action(runDemo);

async function runDemo(options: DemoOptions): Promise<void> {
  const cluster = await startDemo(options);
  const stopped = whenAskedToStop();
  const endpoints = Object.fromEntries(cluster.vipas().map(({ vipa, port }) => [vipa, port]));
  process.stdout.write(options.json ? jsonOf(cluster, endpoints) : welcome(cluster, endpoints));
  const show = killEdgeLater(cluster, options.killEdgeAfter);
  await stopped;
  clearTimeout(show);
  await cluster.stop();
}

/** The chat goes on: those in rooms are served by halls, and a hall answers who comes next. */
function killEdgeLater(cluster: Cluster, seconds: number | undefined): NodeJS.Timeout | undefined {
  if (seconds === undefined) return undefined;
  cluster.on('node.ended', ({ node, cause }) => process.stderr.write(`${node} was ${cause}\n`));
  cluster.on('vipa.owned', ({ vipa, node }) => process.stderr.write(`${node} owns ${vipa} now\n`));
  return setTimeout(() => void cluster.kill('edge'), seconds * 1_000);
}

function startDemo(options: DemoOptions): Promise<Cluster> {
  const { port, httpPort, halls: count, capacity, inspectPort, control = false } = options;
  const halls = Array.from({ length: count }, (_, index) => `hall-${index + 1}`);
  const place = { address, owner: 'edge', backups: halls };
  const hasHttp = httpPort !== undefined;
  const run = ['room', ...(hasHttp ? ['http-room'] : [])];
  // Of a port that the kernel chooses only this thread is told, in time for no link.
  const seenAt = inspectPort ? `&inspector=${inspectPort}` : '';
  const withCapacity = (module: URL) => new URL(`?capacity=${capacity}${seenAt}`, module);
  return startCluster({
    // nc does not hang up by itself when it is told goodbye.
    drainMs: 1_000,
    ...(inspectPort !== undefined && { inspect: { port: inspectPort, control } }),
    applications: {
      lobby: new URL('./lobby.js', import.meta.url),
      room: withCapacity(new URL('./room.js', import.meta.url)),
      ...(hasHttp && {
        'http-lobby': new URL('./http-lobby.js', import.meta.url),
        'http-room': withCapacity(new URL('./http-room.js', import.meta.url)),
      }),
    },
    nodes: { edge: {}, ...Object.fromEntries(halls.map((hall) => [hall, { run }])) },
    vipas: {
      chat: { ...place, port, routing: 'lobby' },
      ...(hasHttp && { http: { ...place, port: httpPort, routing: 'http-lobby' } }),
    },
  });
}

/** The port of each VIPA. */
type Endpoints = Readonly<Record<string, number | undefined>>;

const jsonOf = ({ inspectorUrl }: Cluster, endpoints: Endpoints): string => {
  const entries = Object.entries(endpoints).map(([vipa, port]) => [vipa, { address, port }]);
  const inspect = inspectorUrl === undefined ? {} : { inspect: inspectorUrl };
  return `${JSON.stringify({ ...Object.fromEntries(entries), ...inspect })}\n`;
};

const httpWelcome = (port: number): string => `
In a browser: http://${address}:${port}/
By HTTP, the same rooms:

  curl http://${address}:${port}/rooms/kitchen            which thread answers, as JSON
  npx wscat -c 'ws://${address}:${port}/rooms/kitchen/socket?name=bob'
`;

const inspectorWelcome = (url: string): string => `
See it at work, each actor in each thread: ${url}
`;

const welcome = (cluster: Cluster, { chat: port = 0, http }: Endpoints): string => `
The chat listens on ${address}:${port}; its nodes are ${cluster.nodes().join(', ')}.

Open two more terminals, and in each:

  nc ${address} ${port}

Give a name and a room; then type lines, or
  /where         which thread serves you, and how you came there
  /move <room>   go to another room: the same connection moves to the thread that has it
  /who           who is in the room
  /quit
${http === undefined ? '' : httpWelcome(http)}${
  cluster.inspectorUrl === undefined ? '' : inspectorWelcome(cluster.inspectorUrl)
}
Ctrl-C ends it.
`;
