/** A page in a process of its own, as a browser's is: it reads and parses all that comes. */
import { WebSocket } from 'ws';
import { answerBenchmark } from '../partner.ts';

export type PageCommand =
  | { readonly type: 'open'; readonly url: string; readonly isStalled: boolean }
  | { readonly type: 'close' };

let page: WebSocket | undefined;

answerBenchmark<PageCommand>(async (command) => {
  page?.terminate();
  page = undefined;
  if (command.type === 'close') return;
  const socket = new WebSocket(new URL('live', command.url.replace('http', 'ws')));
  page = socket;
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (data: Buffer) => {
      JSON.parse(data.toString());
      resolve();
    });
  });
  if (command.isStalled) socket.pause();
});
