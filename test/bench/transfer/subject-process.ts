/** One process that serves clients, in the way that its argument names. */
import { answerBenchmark } from '../partner.ts';
import { askThread, startThread } from '../../support/thread-call.ts';
import { clusterSubject } from './cluster-subject.ts';
import type { SubjectCommand } from './commands.ts';
import { memoryOf } from './heap.ts';
import { sendSubject } from './send-subject.ts';

type Answer = (command: SubjectCommand) => unknown;

const startPlain = () =>
  startThread<number>(new URL('./plain-thread.ts', import.meta.url), undefined);

/** A server in a thread that clients reach at `port`. */
const threadSubject =
  (port: number): Answer =>
  (command) => {
    if (command.type === 'port') return port;
    if (command.type === 'memory') return memoryOf(['plain'], command.idleMs);
    if (command.type === 'emptied') return askThread('plain', command);
    return undefined; // Nobody moves here.
  };

const subjects: Readonly<Record<string, () => Promise<Answer>>> = {
  cluster: clusterSubject,
  send: sendSubject,
  plain: async () => threadSubject(await startPlain()),
  relay: async () => {
    const relay = new URL('./relay-thread.ts', import.meta.url);
    return threadSubject(await startThread<number>(relay, await startPlain()));
  },
};

const subject = subjects[process.argv[2] ?? '']?.();
answerBenchmark<SubjectCommand>(async (command) => (await subject)?.(command));
