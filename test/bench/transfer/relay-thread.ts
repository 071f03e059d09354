/** A routing thread that stays between its clients and the server: bytes are piped both ways. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

const target = workerData as number;

const server = createServer({ allowHalfOpen: true }, (client) => {
  const upstream = connect({ host: '127.0.0.1', port: target, allowHalfOpen: true });
  client.on('error', () => upstream.destroy());
  upstream.on('error', () => client.destroy());
  client.pipe(upstream).pipe(client);
});
server.listen({ host: '127.0.0.1', port: 0, backlog: 4_096 });
await once(server, 'listening');
parentPort?.postMessage((server.address() as AddressInfo).port);
