/**
 * The threads that nodes live in, seen from the main thread: one may end at any time, and takes all
 * its actors with it at once; whoever lives is told of it later, for certain. That it comes after
 * all that the dead one sent is not kept here: what holds without it holds with it.
 */
import { enqueueActions, setup } from 'xstate';
import type { AnyActorRef } from 'xstate';
import { unprovided } from '../../../actors/unprovided.ts';
import type { ModelEnvironment } from '../model.ts';

export interface Threads {
  /** By node, the actors that end with it. */
  readonly nodes: Readonly<Record<string, readonly string[]>>;
  /** Who sees its sockets closed at once. */
  readonly kernel: readonly string[];
  readonly crashesLeft: number;
  readonly dead: readonly string[];
}
interface Notice {
  readonly to: string;
  readonly node: string;
}
export type ThreadsEvent =
  | { type: 'crash'; node: string }
  | ({ type: 'announced' } & Notice);

export const threadsMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as {
    context: Threads;
    input: Omit<Threads, 'dead'>;
    events: ThreadsEvent;
  },
  actions: {
    announce: unprovided('announce'),
    end: enqueueActions(({ context, system, enqueue }, node: string) => {
      const { nodes, kernel, crashesLeft, dead } = context;
      const tell = (name: string, event: object) =>
        enqueue.sendTo(system.get(name) as AnyActorRef, event as { type: string });
      for (const part of nodes[node] ?? []) tell(part, { type: 'crash' });
      for (const name of kernel) tell(name, { type: 'crashed', node });
      enqueue.assign({ crashesLeft: crashesLeft - 1, dead: [...dead, node].toSorted() });
      for (const to of Object.keys(nodes)) {
        if (to !== node && !dead.includes(to)) enqueue({ type: 'announce', params: { to, node } } as never);
      }
    }),
    tell: enqueueActions(({ context, system, enqueue }, { to, node }: Notice) => {
      for (const part of context.nodes[to] ?? []) {
        enqueue.sendTo(system.get(part) as AnyActorRef, { type: 'peer.lost', node });
      }
    }),
  },
  guards: {
    mayCrash: ({ context: { crashesLeft, dead } }, node: string) =>
      crashesLeft > 0 && !dead.includes(node),
  },
}).createMachine({
  id: 'threads',
  context: ({ input }) => ({ ...input, dead: [] }),
  on: {
    crash: {
      guard: { type: 'mayCrash', params: ({ event }) => event.node },
      actions: { type: 'end', params: ({ event }) => event.node },
    },
    announced: { actions: { type: 'tell', params: ({ event }) => event } },
  },
});

/** Its world: any of the nodes may crash, and each notice does come. */
export const threadsEnvironment = (
  nodes: readonly string[],
): ModelEnvironment<typeof threadsMachine> => ({
  effects: {
    announce: ({ params }) => [{ type: 'announced', ...(params as Notice) }],
  },
  unasked: nodes.map((node) => ({ type: 'crash', node }) as const),
});
