/** Calls between the threads of one process, by the name of the thread that answers. */
import { BroadcastChannel, Worker } from 'node:worker_threads';

interface Question {
  readonly to: string;
  readonly id: string;
  readonly command: unknown;
}
type Answer =
  | { readonly id: string; readonly value: unknown }
  | { readonly id: string; readonly failure: string };

const channelName = 'interplex.test.calls';
let lastId = 0;

/** Asks the thread that answers by that name. It must have begun to: nobody keeps a question. */
export function askThread<Value>(to: string, command: unknown): Promise<Value> {
  const channel = new BroadcastChannel(channelName);
  lastId += 1;
  const id = `${to}/${process.pid}/${lastId}`;
  return new Promise<Value>((resolve, reject) => {
    listen(channel, (message) => {
      const answer = message as Question | Answer;
      if ('to' in answer || answer.id !== id) return;
      channel.close();
      if ('failure' in answer) reject(new Error(answer.failure));
      else resolve(answer.value as Value);
    });
    const question: Question = { to, id, command };
    channel.postMessage(question);
  });
}

/** Answers what other threads ask of `name`. Does not keep the thread alive. */
export function answerThreads<Command>(name: string, answer: (command: Command) => unknown): void {
  const channel = new BroadcastChannel(channelName);
  listen(channel, (message) => {
    const question = message as Question | Answer;
    if (!('to' in question) || question.to !== name) return;
    const { id } = question;
    Promise.resolve()
      .then(() => answer(question.command as Command))
      .then(
        (value) => channel.postMessage({ id, value }),
        (error: unknown) => channel.postMessage({ id, failure: String(error) }),
      );
  });
  channel.unref();
}

/**
 * A thread that runs a module, which is TypeScript here: on Node 20 a thread reads that only when
 * tsx is registered in it. Settles with the module's first message.
 */
export async function startThread<Ready>(module: URL, workerData: unknown): Promise<Ready> {
  const code =
    "import('tsx/esm/api').then(({ register }) => { register(); " +
    `return import(${JSON.stringify(module.href)}); })`;
  const worker = new Worker(code, { eval: true, workerData });
  return new Promise<Ready>((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (ready: Ready) => {
      worker.off('error', reject); // Its later errors end this process.
      resolve(ready);
    });
  });
}

function listen(channel: BroadcastChannel, listener: (message: unknown) => void): void {
  channel.addEventListener('message', (event) => listener((event as MessageEvent).data));
}
