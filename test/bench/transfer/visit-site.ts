/** The server that is measured: the same as a target of the VIPA and as a worker of `cluster`. */
import { createServer } from 'node:net';

import { welcome } from './commands.ts';

export const visitSite = () =>
  createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => undefined); // Its clients leave by a reset.
    socket.on('data', () => socket.write(welcome));
  });
