/** A node in a thread of its own, whose event loop can be blocked. */
import { parentPort, workerData } from 'node:worker_threads';
import { newMessenger, type MessagingEvent, type MessengerOptions } from 'interplex';
import { answerThreads } from './thread-call.ts';

type Command = { readonly type: 'block' } | { readonly type: 'close' };

export interface BlockedNode {
  readonly options: MessengerOptions;
  /** It is blocked until this is 1. */
  readonly released: Int32Array;
}
export interface Blocked {
  /** What it said of others for a second from then on. */
  readonly accusations: readonly MessagingEvent[];
  readonly hasNoticed: boolean;
}

const { options, released } = workerData as BlockedNode;
const messenger = newMessenger(options);

async function block(): Promise<Blocked> {
  const events: MessagingEvent[] = [];
  const stop = messenger.subscribe((event) => events.push(event));
  Atomics.wait(released, 0, 0);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  stop();
  return {
    accusations: events.filter(
      (event) => event.type === 'member.changed' && event.status !== 'alive',
    ),
    hasNoticed: events.some(({ type }) => type === 'self.lagged'),
  };
}

answerThreads<Command>(options.node, (command) =>
  command.type === 'block' ? block() : messenger.close(),
);
await messenger.start();
parentPort?.postMessage('ready');
