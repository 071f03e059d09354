/**
 * A chat in one process: every room lives on one of two halls, and clients move to theirs.
 * Run: npx tsx examples/02-chat.ts, which has two clients meet in a room.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { isMainThread } from 'node:worker_threads';
import { rendezvous, routingApplication, startCluster, targetApplication } from 'interplex';
import type { Client } from 'interplex';

export const routing = routingApplication(async (client, route) => {
  client.write('name? ');
  const name = await client.readLine();
  client.write('room? ');
  const room = await client.readLine();
  const result = await route.transfer(client, {
    to: 'room',
    prefer: (targets) => rendezvous(targets, room), // each room has one hall, whoever asks
    state: { name, room },
  });
  if (result.outcome === 'refused') client.end(`sorry: ${result.reason}\n`);
});

const rooms = new Map<string, Set<Client>>();

export const target = targetApplication<{ name: string; room: string }>({
  serve: async (client, { node, state: { name, room } }) => {
    const members = rooms.get(room) ?? new Set();
    rooms.set(room, members.add(client));
    client.write(`joined ${room} on ${node.id}\n`);
    for await (const line of client.lines()) {
      for (const member of members) member.write(`${name}: ${line}\n`);
    }
    members.delete(client);
  },
});

if (isMainThread) {
  const here = new URL(import.meta.url);
  const cluster = await startCluster({
    applications: { lobby: here, room: here },
    nodes: { edge: {}, 'hall-1': { run: ['room'] }, 'hall-2': { run: ['room'] } },
    vipas: { chat: { address: '127.0.0.1', port: 0, routing: 'lobby', owner: 'edge' } },
  });
  const join = async (name: string) => {
    const client = connect(cluster.vipas()[0]?.port ?? 0, '127.0.0.1');
    const lines = createInterface({ input: client });
    lines.on('line', (line) => console.log(`${name} reads | ${line}`));
    client.write(`${name}\nkitchen\n`);
    await once(lines, 'line');
    return client;
  };
  const [ann, bob] = [await join('ann'), await join('bob')];
  ann.write('hello bob\n');
  bob.once('data', () => bob.end('hello ann\n'));
  ann.on('data', (chunk) => chunk.includes('hello ann') && ann.end());
  ann.on('close', () => void cluster.stop());
}
