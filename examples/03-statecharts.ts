// tidy: file-size: two whole machines and the program that runs them fit on one screen.
/**
 * Users' own XState machines as routing and as target application.
 * Run: npx tsx examples/03-statecharts.ts
 */
import { connect } from 'node:net';
import { isMainThread } from 'node:worker_threads';
import { startCluster, targetApplication } from 'interplex';
import type { Client, RouteContext, ServeContext } from 'interplex';
import { transferLogic } from 'interplex/actors';
import { assign, fromPromise, setup } from 'xstate';

const greetings: Record<string, string> = { en: 'Good morning!', de: 'Guten Morgen!' };
const readLine = fromPromise<string, Client>(({ input: client }) => client.readLine());
type Asked = { client: Client; route: RouteContext; language?: string };
type Served = { client: Client; context: ServeContext<string> };

/** Asks for a language until one is known, then moves the client to where it is spoken. */
export const routing = setup({
  types: { input: {} as Asked, context: {} as Asked },
  actors: { readLine, transfer: transferLogic },
  actions: { ask: ({ context: { client } }) => void client.write('en or de? ') },
  guards: { isKnown: ({ context }) => (context.language ?? '') in greetings },
}).createMachine({
  id: 'interpreter',
  context: ({ input }) => input,
  initial: 'asking',
  states: {
    asking: {
      entry: 'ask',
      invoke: {
        src: 'readLine',
        input: ({ context }) => context.client,
        onDone: { target: 'deciding', actions: assign({ language: ({ event }) => event.output }) },
      },
    },
    deciding: { always: [{ guard: 'isKnown', target: 'moving' }, { target: 'asking' }] },
    moving: {
      invoke: {
        src: 'transfer',
        input: ({ context: { client, route: by, language: state } }) => {
          return { client, by, to: 'speaker', state };
        },
        onDone: 'done',
      },
    },
    done: { type: 'final' },
  },
});

const speaker = setup({
  types: { input: {} as Served, context: {} as Served },
  actions: {
    greet: ({ context: { client, context } }) => client.end(`${greetings[context.state]}\n`),
  },
}).createMachine({ context: ({ input }) => input, entry: 'greet', type: 'final' });

export const target = targetApplication<string>({ serve: speaker });

if (isMainThread) {
  const module = new URL(import.meta.url);
  const cluster = await startCluster({
    applications: { interpreter: module, speaker: module },
    nodes: { edge: {}, hall: { run: ['speaker'] } },
    vipas: { door: { address: '127.0.0.1', port: 0, routing: 'interpreter', owner: 'edge' } },
  });
  const client = connect(cluster.vipas()[0]?.port ?? 0, '127.0.0.1');
  client.end('fr\nde\n').pipe(process.stdout);
  client.on('close', () => void cluster.stop());
}
