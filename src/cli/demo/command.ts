/** `interplex demo`: a chat whose clients move between worker threads. */
import { Command, InvalidArgumentError } from 'commander';
import type { Cluster } from '../../cluster/cluster.ts';
import { startCluster } from '../../cluster/start-cluster.ts';
import { whenAskedToStop } from '../signals.ts';

interface DemoOptions {
  readonly port: number;
  readonly halls: number;
  readonly capacity: number;
  readonly json?: true;
}

const address = '127.0.0.1';

export const demoCommand = (): Command =>
  new Command('demo')
    .description('Run a chat whose clients move, still connected, between worker threads.')
    .option('--port <port>', 'TCP port of the chat, 0 for any free one', whole(0, 65_535), 7000)
    .option('--halls <count>', 'nodes that the rooms are spread over', whole(1, 64), 3)
    .option('--capacity <count>', 'members that each hall accepts', whole(1, 1_000_000), 50)
    .option('--json', 'print where it listens as one line of JSON')
    .action(runDemo);

async function runDemo(options: DemoOptions): Promise<void> {
  const halls = Array.from({ length: options.halls }, (_, index) => `hall-${index + 1}`);
  const room = new URL('./room.js', import.meta.url);
  room.searchParams.set('capacity', String(options.capacity));
  const cluster = await startCluster({
    // nc does not hang up by itself when it is told goodbye.
    drainMs: 1_000,
    applications: {
      lobby: new URL('./lobby.js', import.meta.url),
      room,
    },
    nodes: { edge: {}, ...Object.fromEntries(halls.map((hall) => [hall, { run: ['room'] }])) },
    vipas: {
      chat: { address, port: options.port, routing: 'lobby', owner: 'edge', backups: halls },
    },
  });
  const stopped = whenAskedToStop();
  const port = cluster.vipas().find(({ vipa }) => vipa === 'chat')?.port ?? options.port;
  process.stdout.write(
    options.json ? `${JSON.stringify({ chat: { address, port } })}\n` : welcome(cluster, port),
  );
  await stopped;
  await cluster.stop();
}

const welcome = (cluster: Cluster, port: number): string => `
The chat listens on ${address}:${port}; its nodes are ${cluster.nodes().join(', ')}.

Open two more terminals, and in each:

  nc ${address} ${port}

Give a name and a room; then type lines, or
  /where         which thread serves you, and how you came there
  /move <room>   go to another room: the same connection moves to the thread that has it
  /who           who is in the room
  /quit

Ctrl-C ends it.
`;

/** A parser of whole numbers for commander, whose refusal ends in exit code 2. */
const whole = (least: number, most: number) => (text: string) => {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most && text.trim() !== '') {
    return value;
  }
  throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
};
