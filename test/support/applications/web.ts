/**
 * An http server with WebSockets as a target, behind a routing application that reads the first
 * head. It tells where it is: `url node carrier`; a body is sent back as it came.
 */
import { createServer, type IncomingMessage } from 'node:http';
import {
  answerRequest,
  contextOf,
  peekHead,
  routingApplication,
  serveWith,
  targetApplication,
} from 'interplex';
import { WebSocketServer } from 'ws';

const whereOf = ({ url, socket }: IncomingMessage) => {
  const context = contextOf(socket);
  return `${url} ${context?.node.id} ${context?.client.carrier}`;
};

const server = createServer({ keepAliveTimeout: 200 }, (request, response) => {
  if (request.method === 'POST') request.pipe(response);
  else response.end(`${whereOf(request)}\n`);
});

new WebSocketServer({ server }).on('connection', (socket, request) => {
  socket.on('message', (frame, isBinary) => socket.send(frame, { binary: isBinary }));
  socket.send(whereOf(request));
});

export const routing = routingApplication(async (client, route) => {
  await peekHead(client);
  const result = await route.transfer(client, { to: 'room' });
  if (result.outcome === 'refused') await answerRequest(client, 503, result.reason);
});

export const target = targetApplication({ serve: serveWith(server) });
