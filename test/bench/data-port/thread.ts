/** One end of a line of the suite: a data port, a plain socket or a peer's, in its own thread. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { startNode, type DataPort, type NodeAddress, type OpenDataPortOptions } from 'interplex';
import * as zeromq from 'zeromq';
import { answerThreads } from '../../support/thread-call.ts';
import { Deferred } from '../deferred.ts';

/** What carries the messages: ours, one `write` each, one stream of chunks, or zeromq. */
export type Way = 'port' | 'plain' | 'zeromq';
export type Command =
  | { readonly type: 'serve'; readonly way: Way }
  | { readonly type: 'expect'; readonly bytes: number }
  | { readonly type: 'open'; readonly options: Omit<OpenDataPortOptions, 'service'> }
  | { readonly type: 'connect'; readonly way: 'plain' | 'zeromq'; readonly port: number }
  | { readonly type: 'send'; readonly way: Way; readonly count: number; readonly length: number }
  | { readonly type: 'control'; readonly count: number }
  | { readonly type: 'gaps'; readonly forMs: number }
  | { readonly type: 'untilBackup' }
  | { readonly type: 'close' }
  | { readonly type: 'end' }
  | LastingCommand;
type LastingCommand =
  | { readonly type: 'memory'; readonly seconds: number }
  | { readonly type: 'stand' | 'goOn' | 'drain' | 'numbers' }
  | { readonly type: 'sendNumbers'; readonly from: number; readonly count: number }
  | { readonly type: 'resets'; readonly links: number; readonly count: number };

const channels = {
  control: { priority: 'control' },
  bulk: { priority: 'bulk' },
  numbers: {},
} as const;
const name = workerData as string;
const node = startNode({ id: name, applications: {}, log: { level: 'fatal' } });
let port: DataPort | undefined;
let socket: Socket | undefined;
let push: zeromq.Push | undefined;
let pull: zeromq.Pull | undefined;

let heardBytes = 0;
let expectedBytes = Infinity;
let heardAll = new Deferred();
let lastMs = 0;
let longestMs = 0;
function hear(bytes: number): void {
  const now = performance.now();
  longestMs = Math.max(longestMs, now - lastMs);
  lastMs = now;
  heardBytes += bytes;
  if (heardBytes >= expectedBytes) heardAll.resolve();
}

/** What the application waits for before it takes more. */
let standing: Deferred | undefined;
function take({ length }: Buffer): void | Promise<void> {
  if (standing) return standing.promise;
  hear(length);
}

const numbers = { right: 0, wrong: 0 };
function countNumber(message: Buffer): void {
  if (message.readUInt32LE(0) === numbers.right) numbers.right += 1;
  else numbers.wrong += 1;
}
async function sendNumbers(from: number, many: number): Promise<void> {
  for (let number = from; number < from + many; number += 1) {
    const message = Buffer.alloc(64);
    message.writeUInt32LE(number);
    if (number + 1 < from + many) await port!.post(message, { channel: 'numbers' });
    else await port!.send(message, { channel: 'numbers', acknowledgement: 'applied' });
  }
}

async function serve(way: Way): Promise<NodeAddress> {
  if (way === 'plain') {
    const server = createServer((taken) => taken.on('data', ({ length }) => hear(length)));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return { address: '127.0.0.1', port: (server.address() as AddressInfo).port };
  }
  if (way === 'zeromq') {
    pull = new zeromq.Pull();
    await pull.bind('tcp://127.0.0.1:*');
    void drain(pull);
    return { address: '127.0.0.1', port: Number(pull.lastEndpoint?.split(':').at(-1)) };
  }
  const { addresses } = await (
    await node
  ).acceptDataPorts('bench', (taken) => {
    taken.receive(take, { channel: 'bulk', isLent: true });
    taken.receive(countNumber, { channel: 'numbers' });
    taken.receive(() => {}, { channel: 'control' });
    taken.receive(({ length }) => hear(length), { isLent: true });
  });
  return addresses[0]!;
}

async function drain(from: zeromq.Pull): Promise<void> {
  for await (const [message] of from) hear(message?.length ?? 0);
}

function expectBytes(bytes: number): Promise<void> {
  heardBytes = 0;
  expectedBytes = bytes;
  heardAll = new Deferred();
  return heardAll.promise;
}

async function send(way: Way, count: number, length: number): Promise<void> {
  const message = Buffer.alloc(length, 7);
  const channel = length > 1_000 ? 'bulk' : 'main';
  if (way === 'port') {
    for (let left = count; left > 1; left -= 1) await port!.post(message, { channel });
    await port!.send(message, { channel, acknowledgement: 'applied' });
    return;
  }
  for (let left = count; left > 0; left -= 1) {
    if (way === 'zeromq') await push!.send(message);
    else if (!socket!.write(message)) await once(socket!, 'drain');
  }
}

/** Round trips of control messages, one after the other, in milliseconds. */
async function control(count: number): Promise<number[]> {
  const roundTrips: number[] = [];
  for (let left = count; left > 0; left -= 1) {
    const begunAt = performance.now();
    await port!.send(Buffer.alloc(16), { channel: 'control' });
    roundTrips.push(performance.now() - begunAt);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return roundTrips;
}

/** The longest time in which nothing came, while something was sent all the time. */
async function gaps(forMs: number): Promise<number> {
  lastMs = performance.now();
  longestMs = 0;
  await new Promise((resolve) => setTimeout(resolve, forMs));
  return longestMs;
}

function bytesOf(): number {
  globalThis.gc?.();
  globalThis.gc?.(); // Buffers that the first one found dead are freed beside it, until the next.
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** What this thread's memory grows by while its target takes nothing. */
async function memory(seconds: number): Promise<number> {
  const before = bytesOf();
  const untilMs = performance.now() + seconds * 1_000;
  const posting = async () => {
    while (performance.now() < untilMs) await port!.post(Buffer.alloc(4_000), { channel: 'bulk' });
  };
  const ended = new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  await Promise.race([posting(), ended]);
  return bytesOf() - before;
}

/** Every path is reset again and again, all at once; what this thread's memory grows by. */
async function resets(links: number, many: number): Promise<number> {
  const before = bytesOf();
  const up = Array.from({ length: links }, () => new Deferred());
  const forget = port!.register({
    onEvent: (event) => event.type === 'path.up' && up[event.path]?.resolve(),
  });
  const resetting = up.map(async (_, path) => {
    for (let left = many / links; left > 0; left -= 1) {
      up[path] = new Deferred();
      port!.reset(path);
      await up[path].promise;
    }
  });
  await Promise.all(resetting);
  forget();
  await port!.send(Buffer.alloc(64), { acknowledgement: 'applied' });
  return bytesOf() - before;
}

async function answer(command: Command): Promise<unknown> {
  switch (command.type) {
    case 'serve':
      return serve(command.way);
    case 'expect':
      return expectBytes(command.bytes);
    case 'open':
      port = await (await node).openDataPort({ service: 'bench', channels, ...command.options });
      return undefined;
    case 'connect':
      if (command.way === 'zeromq') {
        push = new zeromq.Push();
        push.connect(`tcp://127.0.0.1:${command.port}`);
        return undefined;
      }
      socket = connect(command.port, '127.0.0.1').setNoDelay(true);
      return once(socket, 'connect').then(() => undefined);
    case 'send':
      return send(command.way, command.count, command.length);
    case 'control':
      return control(command.count);
    case 'gaps':
      return gaps(command.forMs);
    case 'untilBackup':
      await port!.send(Buffer.alloc(64), { acknowledgement: 'applied' });
      return port!.target;
    case 'close':
      await port?.close();
      port = undefined;
      return undefined;
    case 'end':
      // What zeromq has open when its thread ends ends the process.
      push?.close();
      pull?.close();
      socket?.destroy();
      setTimeout(() => process.exit(), 100);
      return undefined;
    default:
      return answerLasting(command);
  }
}

async function answerLasting(command: LastingCommand): Promise<unknown> {
  switch (command.type) {
    case 'memory':
      return memory(command.seconds);
    case 'stand':
      standing = new Deferred();
      return undefined;
    case 'goOn':
      standing?.resolve();
      standing = undefined;
      return undefined;
    case 'drain':
      return port!.send(Buffer.alloc(64), { channel: 'bulk', acknowledgement: 'applied' });
    case 'sendNumbers':
      return sendNumbers(command.from, command.count);
    case 'numbers':
      return numbers;
    case 'resets':
      return resets(command.links, command.count);
  }
}

answerThreads<Command>(name, answer);
parentPort?.on('message', () => undefined); // What keeps the thread, whose calls do not.
parentPort?.postMessage('ready');
