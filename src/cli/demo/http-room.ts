/**
 * The demo's target application for HTTP: an ordinary `http.Server` on the hall that has the room.
 * A later request of the connection comes directly here.
 */
import { createServer, STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { contextOf, serveWith, type ServerContext } from '../../transfer/server-target.ts';
import { accept, reject, targetApplication } from '../../transfer/target-role.ts';
import { capacityIn, hallsOf } from './chat.ts';
import { serveChatPage } from './chat-page.ts';
import { members } from './members.ts';
import { parseRoomPath, type RoomPath, type Visit } from './room-path.ts';
import { resume, upgrade } from './web-socket-room.ts';

/** A request's answer, when it is not the room itself. */
interface Refusal {
  readonly status: number;
  readonly sentence: string;
}

interface Found {
  readonly path: RoomPath;
  readonly context: ServerContext<Visit>;
}

const capacity = capacityIn(import.meta.url);
const methods: readonly string[] = ['GET', 'HEAD'];
let guests = 0;

const server = createServer((request, response) => {
  if (request.url === '/' && methods.includes(request.method ?? '')) {
    serveChatPage(response, import.meta.url);
    return;
  }
  const found = find(request, false);
  const refusal = 'status' in found ? found : undefined;
  response.statusCode = refusal?.status ?? 200;
  response.setHeader('Content-Type', refusal ? 'text/plain' : 'application/json');
  if (refusal?.status === 405) response.setHeader('Allow', methods.join(', '));
  if (refusal?.status === 426) response.setHeader('Upgrade', 'websocket');
  response.end(`${'status' in found ? found.sentence : JSON.stringify(placeOf(found))}\n`);
});

server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
  const found = find(request, true);
  if ('status' in found) {
    const { status, sentence } = found;
    const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, 'Connection: close', '', ''];
    socket.end(`${lines.join('\r\n')}${sentence}\n`);
    return;
  }
  guests += 1;
  const { room, name = `guest-${guests}` } = found.path;
  upgrade(request, head, { room, name, isSocket: true }, found.context);
});

const http = serveWith(server);

export const target = targetApplication<Visit>({
  consider: ({ state, from, node }) =>
    // Who moves between two rooms of this hall has a place in it already.
    !state.isSocket || members.size < capacity || from === node.id
      ? accept()
      : reject(`${node.id} is full`),
  serve: (client, context) => {
    const { state } = context;
    if (state.name === undefined) http(client, context);
    else resume({ ...state, name: state.name }, Object.assign(context, { client }));
  },
  allowHalfOpen: http.allowHalfOpen,
});

/** The room that a request names, if it is at this hall and asked for as it should be. */
function find(request: IncomingMessage, isUpgrade: boolean): Found | Refusal {
  const context = contextOf<Visit>(request.socket);
  const path = parseRoomPath(request.url ?? '');
  if (!path || !context) return { status: 404, sentence: 'There is /rooms/<room>.' };
  if (!methods.includes(request.method ?? '')) {
    return { status: 405, sentence: 'A room is there to GET.' };
  }
  // Where this connection was brought for its room is that room's hall, even if not its first.
  const hall = hallsOf(context.targets('http-room'), path.room)[0]?.node;
  if (hall !== context.node.id && path.room !== context.state.room) {
    const sentence = `${path.room} is at ${hall}: a new connection is brought there.`;
    return { status: 421, sentence };
  }
  if (path.isSocket !== isUpgrade) {
    return path.isSocket
      ? { status: 426, sentence: 'This is a WebSocket.' }
      : { status: 404, sentence: `The WebSocket is /rooms/${path.room}/socket.` };
  }
  if (isUpgrade && members.size >= capacity) {
    return { status: 503, sentence: `sorry: ${context.node.id} is full` };
  }
  return { path, context };
}

function placeOf({ path, context: { node, client } }: Found) {
  return { node: node.id, thread: node.threadId, room: path.room, hops: client.hops };
}
