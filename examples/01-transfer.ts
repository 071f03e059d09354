/**
 * A client is asked for its name in one thread and welcomed, on the same connection, in another.
 * Run: npx tsx examples/01-transfer.ts
 */
import { connect } from 'node:net';
import { isMainThread } from 'node:worker_threads';
import { routingApplication, startCluster, targetApplication } from 'interplex';

export const routing = routingApplication(async (client, route) => {
  client.write(`this is ${route.node.id}, thread ${route.node.threadId}. name? `);
  const name = await client.readLine();
  const result = await route.transfer(client, { to: 'greeter', state: { name } });
  if (result.outcome === 'refused') client.end(`sorry: ${result.reason}\n`);
});

export const target = targetApplication<{ name: string }>({
  serve: (client, { state, node }) =>
    client.end(`welcome ${state.name}, this is ${node.id}, thread ${node.threadId}\n`),
});

if (isMainThread) {
  const here = new URL(import.meta.url);
  const cluster = await startCluster({
    applications: { door: here, greeter: here },
    nodes: { edge: {}, hall: { run: ['greeter'] } },
    vipas: { door: { address: '127.0.0.1', port: 0, routing: 'door', owner: 'edge' } },
  });
  const port = cluster.vipas()[0]?.port ?? 0;
  const client = connect(port, '127.0.0.1', () => client.write('ann\n'));
  client.pipe(process.stdout);
  client.on('close', () => void cluster.stop());
}
