/** Both roles as users' own XState machines, in one module: a greeting, then a counting room. */
import type { Client, RouteContext, ServeContext, TransferResult } from 'interplex';
import { assign, fromCallback, fromPromise, setup } from 'xstate';

interface Arrival {
  readonly client: Client;
  readonly route: RouteContext;
}

/** Asks for a name, then moves the client. */
export const routing = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as { context: Arrival & { name: string }; input: Arrival },
  actors: {
    ask: fromPromise<string, Client>(({ input: client }) => {
      client.write('name?\n');
      return client.readLine();
    }),
    move: fromPromise<TransferResult, Arrival & { name: string }>(
      ({ input: { client, route, name } }) =>
        route.transfer(client, { to: 'counter', state: { name } }),
    ),
  },
  actions: { apologise: ({ context: { client } }) => client.end('nobody is there\n') },
  guards: { isRefused: (_, { outcome }: TransferResult) => outcome === 'refused' },
}).createMachine({
  context: ({ input }) => ({ ...input, name: '' }),
  initial: 'asking',
  states: {
    asking: {
      invoke: {
        src: 'ask',
        input: ({ context }) => context.client,
        onDone: { target: 'moving', actions: assign({ name: ({ event }) => event.output }) },
      },
    },
    moving: {
      invoke: {
        src: 'move',
        input: ({ context }) => context,
        onDone: [
          {
            guard: { type: 'isRefused', params: ({ event }) => event.output },
            target: 'over',
            actions: 'apologise',
          },
          { target: 'over' },
        ],
      },
    },
    over: { type: 'final' },
  },
});

interface Seat {
  readonly client: Client;
  readonly context: ServeContext<{ readonly name: string }>;
}
type Heard = { type: 'line'; text: string } | { type: 'left' };

/** Counts the client's lines until it says `bye`. */
export const target = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as { context: Seat & { count: number }; input: Seat; events: Heard },
  actors: {
    lines: fromCallback<Heard, Client>(({ input: client, sendBack }) => {
      const hear = async () => {
        for await (const text of client.lines()) sendBack({ type: 'line', text });
        sendBack({ type: 'left' });
      };
      void hear();
    }),
  },
  actions: {
    count: assign({ count: ({ context }) => context.count + 1 }),
    tell: ({ context: { client, context, count } }) =>
      client.write(`${context.state.name} ${count}\n`),
    dismiss: ({ context: { client } }) => client.end(),
  },
  guards: { isFarewell: ({ event }) => event.type === 'line' && event.text === 'bye' },
}).createMachine({
  context: ({ input }) => ({ ...input, count: 0 }),
  invoke: { src: 'lines', input: ({ context }) => context.client },
  initial: 'seated',
  states: {
    seated: {
      on: {
        line: [{ guard: 'isFarewell', target: 'gone' }, { actions: ['count', 'tell'] }],
        left: 'gone',
      },
    },
    gone: { type: 'final', entry: 'dismiss' },
  },
});
