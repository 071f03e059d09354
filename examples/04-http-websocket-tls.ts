/**
 * HTTP, a WebSocket and TLS, each brought to a hall by what the client says first: the path of its
 * first request, or the server name with which it begins TLS, before any handshake.
 * Run: npx tsx examples/04-http-websocket-tls.ts
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import * as tls from 'node:tls';
import { isMainThread } from 'node:worker_threads';
import { answerRequest, contextOf, peekClientHello, peekHead, rendezvous } from 'interplex';
import { routingApplication, serveWith, startCluster, targetApplication } from 'interplex';
import { WebSocket, WebSocketServer } from 'ws';

export const routing = routingApplication(async (client, route) => {
  const isTls = route.vipa === 'secure';
  const key = isTls ? (await peekClientHello(client)).serverName : (await peekHead(client)).url;
  const result = await route.transfer(client, {
    to: isTls ? 'vault' : 'site',
    prefer: (targets) => rendezvous(targets, key ?? ''),
    state: key,
  });
  if (result.outcome === 'refused' && !isTls) await answerRequest(client, 503, result.reason);
});

const site = createServer((request, response) => {
  response.end(`${request.url} by ${contextOf(request.socket)?.node.id}`);
});
const sockets = new WebSocketServer({ server: site });
sockets.on('connection', (socket, { url }) => socket.send(`a WebSocket at ${url}`));

const psk = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const;
const key = Buffer.alloc(16, 1); // Both sides know it: no certificate is needed.
const vault = tls.createServer({ ...psk, pskCallback: () => key }, (session) => {
  session.end(`the vault of ${String(contextOf(session)?.state)}`);
});

const here = new URL(import.meta.url); // one module, two targets
export const target = targetApplication({ serve: serveWith(here.search ? vault : site) });

if (isMainThread) {
  const hall = { run: ['site', 'vault'] };
  const vipa = { address: '127.0.0.1', port: 0, routing: 'door', owner: 'edge' };
  const cluster = await startCluster({
    applications: { door: here, site: here, vault: new URL('?vault', here) },
    nodes: { edge: {}, 'hall-1': hall, 'hall-2': hall },
    vipas: { secure: vipa, web: vipa },
  });
  const [secure = 0, web = 0] = cluster.vipas().map(({ port }) => port);
  for (const path of ['/ann', '/bob']) {
    console.log(await (await fetch(`http://127.0.0.1:${web}${path}`)).text());
  }
  const socket = new WebSocket(`ws://127.0.0.1:${web}/live`);
  console.log(String((await once(socket, 'message'))[0]));
  const pskCallback = () => ({ psk: key, identity: 'you' });
  const wish = { port: secure, servername: 'ann.example', checkServerIdentity: () => undefined };
  const session = tls.connect({ ...psk, ...wish, pskCallback });
  console.log(String((await once(session, 'data'))[0]));
  socket.close();
  await cluster.stop();
}
