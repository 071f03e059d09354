/** The demo's routing application for HTTP: it reads the first request's head, and no more. */
import { answerRequest, peekHead } from '../../transfer/http-head.ts';
import { routingApplication } from '../../transfer/routing-role.ts';
import { hallsOf } from './chat.ts';
import { parseRoomPath, type Visit } from './room-path.ts';

export const routing = routingApplication(async (client, route) => {
  route.signal.addEventListener('abort', () => client.end());
  const { url } = await peekHead(client);
  // The page is served by a hall as well: a lobby reads a request's head, and answers none.
  const path = url === '/' ? { room: 'page', isSocket: false } : parseRoomPath(url);
  if (!path) {
    const sentence = 'There are /, /rooms/<room> and its WebSocket, with /socket.';
    await answerRequest(client, 404, sentence);
    return;
  }
  const { room, isSocket } = path;
  const result = await route.transfer(client, {
    to: 'http-room',
    prefer: (targets) => hallsOf(targets, room),
    state: { room, isSocket } satisfies Visit,
  });
  if (result.outcome === 'refused') await answerRequest(client, 503, `sorry: ${result.reason}`);
});
