/** The process of clients that come, ask once, and leave; so many are there at a time. */
import { connect } from 'node:net';

import { answerBenchmark } from '../partner.ts';
import { greeting, now } from './commands.ts';

export interface VisitCommand {
  readonly port: number;
  readonly count: number;
}

export interface Visits {
  readonly elapsedMs: number;
}

/** Fewer than any listener's backlog. */
const atOnce = 64;

async function visits({ port, count }: VisitCommand): Promise<Visits> {
  let begun = 0;
  const lane = async () => {
    while (begun < count) {
      begun += 1;
      await visit(port);
    }
  };
  const from = now();
  await Promise.all(Array.from({ length: atOnce }, lane));
  return { elapsedMs: now() - from };
}

const visit = (port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let isAnswered = false;
    socket.write(greeting);
    socket.once('data', () => {
      isAnswered = true;
      socket.resetAndDestroy(); // Its port is free at once.
    });
    socket.on('error', reject);
    socket.on('close', () => {
      if (isAnswered) resolve();
      else reject(new Error('A client was closed before its answer.'));
    });
  });

answerBenchmark<VisitCommand>(visits);
