/** The child process of the subject `send`: it serves the sockets that it is sent. */
import type { Socket } from 'node:net';

import { emptied, serve } from './served.ts';

type Word = 'ready' | 'served' | 'emptied';
const say = (word: Word) => process.send?.(word);

process.on('disconnect', () => process.exit());
process.on('message', (_message: unknown, socket?: Socket) => {
  if (!socket) {
    void emptied().then(() => say('emptied'));
    return;
  }
  serve(socket);
  say('served');
});
say('ready');
