/**
 * Goal: what the demo says it does by HTTP and WebSocket, real clients see, and those who chat by
 * TCP meet them.
 * Method: the command itself, as a process; `fetch`, `http`, `ws` and plain sockets.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { serveChatPage } from '#internal/cli/demo/chat-page';
import { until } from '../support/until.ts';

const program = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

interface Endpoint {
  readonly port: number;
}

/** What it prints with `--json`. */
interface Printed {
  readonly chat: Endpoint;
  readonly http?: Endpoint;
}

class Demo {
  readonly #child: ChildProcess;
  readonly printed: Printed;

  private constructor(child: ChildProcess, printed: Printed) {
    this.#child = child;
    this.printed = printed;
  }

  static async start(...args: readonly string[]): Promise<Demo> {
    const command = [program, 'demo', '--port', '0', '--json', ...args];
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'ignore'] });
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    return new Demo(child, JSON.parse(line) as Printed);
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.printed.http?.port}${path}`;
  }

  /** Its exit code. */
  async stop(): Promise<number | null> {
    if (this.#child.exitCode !== null) return this.#child.exitCode;
    const ended = once(this.#child, 'exit') as Promise<[number | null]>;
    this.#child.kill('SIGINT');
    const [code] = await ended;
    return code;
  }
}

/** A chatter, by either way: what came, line by line. */
interface Chatter {
  readonly lines: string[];
  say(line: string): void;
}

/** Settles when the line has come. */
const hears = ({ lines }: Chatter, line: string | RegExp) =>
  until(`the line ${String(line)}`, () =>
    lines.some((heard) => (typeof line === 'string' ? heard === line : line.test(heard))),
  );

function byTcp({ printed }: Demo, name: string, room: string): Chatter {
  const socket = connect(printed.chat.port, '127.0.0.1');
  socket.write(`${name}\n${room}\n`);
  onTestFinished(() => void socket.destroy());
  const lines: string[] = [];
  createInterface({ input: socket }).on('line', (line) => lines.push(line));
  return { lines, say: (line) => void socket.write(`${line}\n`) };
}

interface WebChatter extends Chatter {
  readonly socket: WebSocket;
}

async function byWeb(demo: Demo, name: string, room: string): Promise<WebChatter> {
  const path = `/rooms/${encodeURIComponent(room)}/socket?name=${name}`;
  const socket = new WebSocket(demo.url(path).replace('http', 'ws'));
  onTestFinished(() => socket.terminate());
  const lines: string[] = [];
  socket.on('message', (frame: Buffer) => lines.push(frame.toString('utf8')));
  await once(socket, 'open');
  return { lines, socket, say: (line) => socket.send(line) };
}

const rooms = ['kitchen', 'attic', 'cellar', 'garden', 'roof', 'hall'];

interface Place {
  readonly node: string;
  readonly thread: number;
  readonly room: string;
  readonly hops: number;
}

async function placeOf(demo: Demo, room: string): Promise<Place> {
  const response = await fetch(demo.url(`/rooms/${room}`), { headers: { connection: 'close' } });
  return (await response.json()) as Place;
}

/** Two rooms that are at different halls. */
async function apart(demo: Demo): Promise<[Place, Place]> {
  const places = await Promise.all(rooms.map((room) => placeOf(demo, room)));
  const [first] = places;
  const other = places.find(({ node }) => node !== first?.node);
  if (!first || !other) throw new Error('All rooms are at one hall.');
  return [first, other];
}

let demo: Demo;
beforeAll(async () => {
  demo = await Demo.start('--http-port', '0');
});
afterAll(() => demo.stop());

test('CT-15 without the flag no HTTP is spoken', async () => {
  const plain = await Demo.start();
  onTestFinished(() => plain.stop().then(() => undefined));
  expect(Object.keys(plain.printed)).toEqual(['chat']);
});

test('CT-15 a room tells which thread has it, in the hall where those who chat are', async () => {
  const ann = byTcp(demo, 'ann', 'kitchen');
  ann.say('/where');
  await hears(ann, /^node=/);
  const { node, thread, room, hops } = await placeOf(demo, 'kitchen');
  const where = `node=${node} thread=${thread} carrier=descriptor hops=${hops}`;
  expect([room, hops, ann.lines.at(-1)]).toEqual(['kitchen', 1, where]);
});

test('CT-15 later requests arrive there, one for a room of another hall gets 421', async () => {
  const [first, other] = await apart(demo);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const ask = async (path: string): Promise<[number | undefined, string]> => {
    const [response] = (await once(get(demo.url(path), { agent }), 'response')) as [
      IncomingMessage,
    ];
    return [response.statusCode, await text(response)];
  };
  expect(await ask(`/rooms/${first.room}`)).toEqual([200, `${JSON.stringify(first)}\n`]);
  expect(await ask(`/rooms/${other.room}`)).toEqual([421, expect.stringContaining(other.node)]);
  expect(await ask(`/rooms/${first.room}`)).toEqual([200, `${JSON.stringify(first)}\n`]);
  expect(await ask('/elsewhere')).toEqual([404, expect.any(String)]);
  expect(await ask(`/rooms/${first.room}/socket`)).toEqual([426, expect.any(String)]);
});

test('CT-15 what is no room is answered at once, and methods that a room has not', async () => {
  for (const path of [
    '/room',
    '/rooms/',
    '/rooms/%zz',
    '/rooms/%2Fa',
    `/rooms/${'x'.repeat(33)}`,
  ]) {
    expect((await fetch(demo.url(path))).status).toBe(404);
  }
  const post = await fetch(demo.url('/rooms/kitchen'), { method: 'POST', body: 'x' });
  expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
});

test('CT-15 who comes by TCP and who comes by WebSocket meet in one room', async () => {
  const ann = byTcp(demo, 'ann', 'meeting');
  await hears(ann, /joined meeting/);
  const bob = await byWeb(demo, 'bob', 'meeting');
  await hears(bob, /^joined meeting on hall-\d$/);
  ann.say('hello bob');
  await hears(bob, 'ann: hello bob');
  bob.say('hello ann\nand all');
  await hears(ann, 'bob: and all');
  bob.say('/who');
  await hears(bob, 'ann, bob');
  bob.say('/nonsense');
  await hears(bob, 'There is no /nonsense: try /where, /who, /move <room> or /quit.');
  bob.say('/quit');
  await once(bob.socket, 'close');
  expect(bob.lines.at(-1)).toBe('bye');
  ann.say('/who');
  await hears(ann, 'ann');
});

test('CT-3 CT-9 CT-15 a WebSocket moves between halls with the frames behind it', async () => {
  const [first, other] = await apart(demo);
  const bob = await byWeb(demo, 'bob', first.room);
  const expected = [`joined ${first.room} on ${first.node}`];
  let hops = 1;
  for (const to of [other, first, other, other]) {
    hops += 1;
    bob.say(`/move ${to.room}`); // Nothing here waits for an answer.
    bob.say(`line ${hops} ${'x'.repeat(3_000)}`);
    bob.say('/where');
    const where = `node=${to.node} thread=${to.thread} carrier=descriptor hops=${hops}`;
    const line = `bob: line ${hops} ${'x'.repeat(3_000)}`;
    expected.push(`joined ${to.room} on ${to.node}`, line, where);
  }
  await until('all answers', () => bob.lines.length >= expected.length);
  expect(bob.lines).toEqual(expected);
  bob.socket.ping();
  await once(bob.socket, 'pong');
  bob.say('y'.repeat(70_000));
  expect(await once(bob.socket, 'close')).toEqual([1009, expect.anything()]);
});

test('CT-15 a hall counts its members, however they came', async () => {
  const small = await Demo.start('--http-port', '0', '--halls', '1', '--capacity', '1');
  onTestFinished(() => small.stop().then(() => undefined));
  const ann = byTcp(small, 'ann', 'kitchen');
  await hears(ann, /joined kitchen/);
  const full = await fetch(small.url('/rooms/kitchen/socket'), {
    headers: { connection: 'close' },
  });
  expect([full.status, await full.text()]).toEqual([503, 'sorry: hall-1 is full\n']);
  expect(await placeOf(small, 'kitchen')).toMatchObject({ node: 'hall-1' });
  ann.say('/quit');
  await hears(ann, 'bye');
  const bob = await byWeb(small, 'bob', 'kitchen');
  await hears(bob, 'joined kitchen on hall-1');
  const cyd = byTcp(small, 'cyd', 'kitchen');
  await hears(cyd, /sorry: hall-1 is full/);
});

test('CT-15 who chats is told when the demo ends', async () => {
  const ending = await Demo.start('--http-port', '0');
  const bob = await byWeb(ending, 'bob', 'kitchen');
  await hears(bob, /^joined/);
  const closed = once(bob.socket, 'close');
  expect(await ending.stop()).toBe(0);
  expect(await closed).toEqual([1001, Buffer.alloc(0)]);
  expect(bob.lines.at(-1)).toBe('bye: the server is stopping');
});

test('AF-7 the chat’s page leads to the inspector, where there is one', async () => {
  let moduleUrl = 'file:///http-room.js?capacity=50&inspector=7788';
  const server = createServer((_, response) => serveChatPage(response, moduleUrl));
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const page = async () => (await fetch(`http://127.0.0.1:${port}/`)).text();
  expect(await page()).toContain('data-inspector="http://127.0.0.1:7788/"');
  moduleUrl = 'file:///http-room.js?inspector=%22%3E%3Cscript%3E';
  expect(await page()).not.toContain('data-inspector');
});
