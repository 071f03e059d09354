/** A room's members by WebSocket, which move as the others do: each line of a text frame is one. */
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import type { ServerContext } from '../../transfer/server-target.ts';
import { farewell, hallsOf } from './chat.ts';
import { FrameStream } from './frame-stream.ts';
import { hear, join, members, type Member } from './members.ts';
import type { Visit } from './room-path.ts';

const lineBytesMax = 64 * 1024;
/** RFC 6455, section 7.4.1. */
const closeCodes = { normal: 1000, goingAway: 1001, unsupported: 1003 } as const;

const sockets = new WebSocketServer({
  noServer: true,
  clientTracking: false,
  maxPayload: lineBytesMax,
});

/** A client that asks for a WebSocket, with what it sent behind its request. */
export function upgrade(
  request: IncomingMessage,
  head: Buffer,
  visit: Required<Visit>,
  context: ServerContext<unknown>,
): void {
  if (head.length > 0) context.client.unread(head);
  enter(request, new FrameStream(context.client, false), visit, context);
}

/** A member that has moved here: it had its upgrade where it came from. */
export function resume(visit: Required<Visit>, context: ServerContext<unknown>): void {
  const request = new IncomingMessage(new Socket());
  request.method = 'GET';
  request.headers = {
    upgrade: 'websocket',
    'sec-websocket-key': Buffer.alloc(16).toString('base64'),
    'sec-websocket-version': '13',
  };
  enter(request, new FrameStream(context.client, true), visit, context);
}

function enter(
  request: IncomingMessage,
  stream: FrameStream,
  { name, room }: Required<Visit>,
  context: ServerContext<unknown>,
): void {
  sockets.handleUpgrade(request, stream, Buffer.alloc(0), (webSocket) => {
    const { client, node, signal } = context;
    const member: Member = {
      name,
      room,
      client,
      node,
      tell: (line) => webSocket.send(line),
      dismiss: (line) => dismiss(webSocket, line, closeCodes.normal),
      move: (to) => move(stream, { name, room: to, isSocket: true }, context),
    };
    signal.addEventListener('abort', () => dismiss(webSocket, farewell, closeCodes.goingAway));
    let heard = Promise.resolve();
    webSocket.on('error', (error) => node.log.debug({ error }, 'a WebSocket is closed'));
    webSocket.on('close', () => members.delete(member));
    webSocket.on('message', (frame, isBinary) => {
      if (isBinary || !Buffer.isBuffer(frame)) webSocket.close(closeCodes.unsupported, 'No text.');
      else for (const line of linesOf(frame)) heard = heard.then(() => hear(member, line));
    });
    join(member);
    stream.flow(lineBytesMax, () => heard).catch((error: Error) => stream.destroy(error));
  });
}

async function move(
  stream: FrameStream,
  visit: Required<Visit>,
  context: ServerContext<unknown>,
): Promise<string | undefined> {
  const result = await context.transfer(context.client, {
    to: 'http-room',
    prefer: (targets) => hallsOf(targets, visit.room),
    state: visit,
  });
  if (result.outcome === 'refused') return result.reason;
  stream.release();
  return undefined;
}

function dismiss(webSocket: WebSocket, line: string, code: number): void {
  webSocket.send(line);
  webSocket.close(code);
}

/** A frame may hold several lines; they would be several to those who read by TCP. */
const linesOf = (frame: Buffer): string[] =>
  frame
    .toString('utf8')
    .replace(/\r?\n$/, '')
    .split(/\r?\n/);
