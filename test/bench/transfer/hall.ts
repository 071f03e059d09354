/** The target application of the subject `cluster`. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import { targetApplication, type ConnectionDescription } from 'interplex';

import { answerThreads } from '../../support/thread-call.ts';
import { now } from './commands.ts';
import { heapHere } from './heap.ts';
import { emptied, serve } from './served.ts';

export type HallCommand =
  | { type: 'watch'; wanted: boolean }
  | { type: 'resumed' }
  | { type: 'emptied' }
  | { type: 'heap' };

let resumedAt = new Map<number, number>();

export const target = targetApplication<{ name: string }>({
  serve: ({ socket }) => serve(socket),
});

function note(message: unknown): void {
  resumedAt.set((message as ConnectionDescription).number, now());
}

answerThreads<HallCommand>('hall', (command) => {
  switch (command.type) {
    case 'watch':
      resumedAt = new Map();
      unsubscribe('interplex:client.resumed', note);
      if (command.wanted) subscribe('interplex:client.resumed', note);
      return undefined;
    case 'resumed':
      return resumedAt;
    case 'emptied':
      return emptied();
    case 'heap':
      return heapHere();
  }
});
