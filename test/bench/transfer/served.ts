/** What every subject does with a client that it serves: it says so, then echoes. */
import type { Socket } from 'node:net';

import { welcome } from './commands.ts';

let open = 0;
let onEmpty: (() => void)[] = [];

/** Serves a client. No closure is made for it, so that memory is compared like for like. */
export function serve(socket: Socket): void {
  open += 1;
  socket.on('error', ignore).on('close', leave).on('data', echo);
  socket.write(welcome);
}

/** Settles when none is left that is served in this thread. */
export const emptied = (): Promise<void> =>
  new Promise((resolve) => {
    if (open === 0) resolve();
    else onEmpty.push(resolve);
  });

function echo(this: Socket, chunk: Buffer): void {
  this.write(chunk);
}

function leave(): void {
  open -= 1;
  if (open > 0) return;
  for (const resolve of onEmpty) resolve();
  onEmpty = [];
}

/** The clients of a benchmark leave by a reset. */
function ignore(): void {}
