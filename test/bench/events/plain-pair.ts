/** The peer's two threads, with a port between them. */
import { once } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { PlainRole } from './plain-thread.ts';

/** Settles when both answer. Returns how to end them. */
export async function startPlainPair(): Promise<() => Promise<void>> {
  const { port1, port2 } = new MessageChannel();
  const workers = await Promise.all([
    start({ name: 'plain-hall', port: port1 }),
    start({ name: 'plain-edge', port: port2 }),
  ]);
  return async () => {
    await Promise.all(workers.map((worker) => worker.terminate()));
  };
}

/** On Node 20 a thread reads TypeScript only when tsx is registered in it. */
async function start(role: PlainRole): Promise<Worker> {
  const module = new URL('./plain-thread.ts', import.meta.url).href;
  const code =
    "import('tsx/esm/api').then(({ register }) => { register(); " +
    `return import(${JSON.stringify(module)}); })`;
  const worker = new Worker(code, { eval: true, workerData: role, transferList: [role.port] });
  await once(worker, 'message');
  return worker;
}
