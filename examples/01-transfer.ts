/** A client is asked for its name and moves, still connected, to the thread that greets it. */
import { connect } from 'node:net';
import { isMainThread, threadId } from 'node:worker_threads';
import { routingApplication, startCluster, targetApplication } from 'interplex';

export const routing = routingApplication(async (client, route) => {
  client.write(`hello from thread ${threadId}, name? `);
  const name = await client.readLine();
  const result = await route.transfer(client, { to: 'greeter', state: { name } });
  if (result.outcome === 'refused') client.end(`sorry: ${result.reason}\n`);
});

export const target = targetApplication<{ name: string }>({
  serve: (client, { state }) => client.end(`welcome ${state.name}, from thread ${threadId}\n`),
});

if (isMainThread) {
  const here = new URL(import.meta.url);
  const cluster = await startCluster({
    applications: { door: here, greeter: here },
    nodes: { edge: {}, hall: { run: ['greeter'] } },
    vipas: { door: { address: '127.0.0.1', port: 0, routing: 'door', owner: 'edge' } },
  });
  const [{ port }] = cluster.vipas() as [{ port: number }];
  const client = connect(port, '127.0.0.1', () => client.write('ann\n'));
  for await (const chunk of client) process.stdout.write(chunk as Buffer);
  await cluster.stop();
}
