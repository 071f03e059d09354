/** A routing application that does what cannot be done: its client tells it what, by a line. */
import {
  InterplexError,
  routingApplication,
  type Client,
  type RouteContext,
  type Target,
} from 'interplex';
import { underTls } from './tls-session.ts';

type Misdeed = (client: Client, route: RouteContext) => unknown;

const move = (client: Client, route: RouteContext, state: unknown = { answer: 'accept' }) =>
  route.transfer(client, { to: 'room', state });

/** With what TypeScript would not take. */
const planned =
  (plan: object): Misdeed =>
  (client, route) =>
    route.transfer(client, { to: 'room', ...plan });

const misdeeds: Readonly<Record<string, Misdeed>> = {
  'decode, then move': (client, route) => {
    client.socket.setEncoding('utf8');
    return move(client, route);
  },
  'forget to uncork, then move': async (client, route) => {
    client.socket.cork();
    client.write('corked\n');
    const result = await move(client, route);
    client.socket.uncork();
    return result;
  },
  'move twice at once': async (client, route) => {
    const first = move(client, route, { answer: 'never' });
    const second = await move(client, route);
    await first;
    return second;
  },
  'state with a function': (client, route) => move(client, route, { run: () => undefined }),
  'state too large': (client, route) => move(client, route, 'x'.repeat(2 * 1024 * 1024)),
  'state that throws': (client, route) =>
    route.transfer(client, {
      to: 'room',
      state: () => {
        throw new InterplexError('IPX_USAGE', 'state() has thrown.');
      },
    }),
  'move on while a state is late': async (client, route) => {
    let comeLate = (_state: unknown) => {};
    const late = new Promise((resolve) => (comeLate = resolve));
    const plan = { to: 'room', deadlineMs: 20 };
    const first = await route.transfer(client, { ...plan, state: () => late });
    const second = await route.transfer(client, {
      to: 'room',
      state: async () => {
        comeLate({ answer: 'reject: this is the state of the first transfer' });
        await new Promise((resolve) => setImmediate(resolve));
        return { answer: 'reject: this is the state of the second transfer' };
      },
    });
    return { first, second };
  },
  'no attempts': (client, route) => route.transfer(client, { to: 'room', attemptsMax: 0 }),
  'all the time': (client, route) =>
    route.transfer(client, { to: 'room', deadlineMs: 3_000_000_000 }),
  'no time': (client, route) => route.transfer(client, { to: 'room', deadlineMs: -1 }),
  'prefer a name': planned({ prefer: () => ['hall'] }),
  'prefer a foreign object': planned({ prefer: () => [{ node: 'hall' }] }),
  'prefer nobody': planned({ prefer: () => null }),
  'prefer a promise': planned({ prefer: async () => [] }),
  'prefer a number': planned({ prefer: 5 }),
  'go on to a name': planned({ next: () => 'hall', state: { answer: 'reject: no' } }),
  'go on to a number': planned({ next: 5 }),
  'to a number': planned({ to: 5 }),
  'no plan': (client, route) => route.transfer(client, undefined as never),
  'null as the plan': (client, route) => route.transfer(client, null as never),
  'no client': (_client, route) => route.transfer(undefined as never, { to: 'room' }),
  'a socket as the client': ({ socket }, route) => route.transfer(socket as never, { to: 'room' }),
  'prefer one that has gone': (client, route) =>
    route.transfer(client, {
      to: 'room',
      prefer: (targets) => targets.map((target) => ({ ...target, node: 'gone' as Target['node'] })),
    }),
  'read a short line': (client) => client.readLine({ limitBytes: 10 }),
  'read with haste': (client) => client.readLine({ timeoutMs: 30 }),
  'read nothing': (client) => client.read(0),
  'read twice at once': async (client) => {
    const first = client.readLine({ timeoutMs: 30 }).catch((error: unknown) => error);
    const second = await client.readLine().catch((error: unknown) => error);
    await first;
    throw second;
  },
};

/** Whose answer cannot go over the client as it was. */
const spoiling: Readonly<Record<string, Misdeed>> = {
  'end, then move': async (client, route) => {
    client.end('the end\n');
    const result = await move(client, route);
    if (result.outcome === 'refused') throw new Error(`${result.code}: ${result.reason}`);
  },
  'encrypt, then move': async (client, route) => {
    const session = await underTls(client);
    session.end(`${JSON.stringify(await move(client, route))}\n`);
  },
  throw: () => {
    throw new Error('the routing application has thrown');
  },
};

export const routing = routingApplication(async (client, route) => {
  const word = await client.readLine();
  if (spoiling[word]) return spoiling[word](client, route);
  const outcome = await told(() => misdeeds[word]?.(client, route));
  client.write(`${JSON.stringify(outcome)}\n`);
  // Whatever it was, the client is as good as before.
  if (client.socket.readableEncoding === null) client.write(`${await client.readLine()}\n`);
  client.end();
});

/** What a misdeed came to: its result, or the code and sentence that it was refused with. */
async function told(misdeed: () => unknown): Promise<unknown> {
  try {
    return await misdeed();
  } catch (error) {
    if (!(error instanceof InterplexError)) throw error;
    return { code: error.code, reason: error.message };
  }
}
