/**
 * The threads that nodes live in, seen from the main thread: one may end at any time, and takes all
 * its actors with it at once; whoever lives is told of it later, for certain.
 */
import { assign, enqueueActions, setup } from 'xstate';
import type { AnyActorRef } from 'xstate';
import type { ModelEnvironment } from '../model-actor.ts';

export interface Threads {
  /** By node, the actors that end with it. */
  readonly nodes: Readonly<Record<string, readonly string[]>>;
  /** Who sees its sockets closed at once. */
  readonly kernel: readonly string[];
  readonly crashesLeft: number;
  readonly restartsLeft: number;
  readonly dead: readonly string[];
  /** Ends so far; 1 for any number. */
  readonly ends: number;
  /** Who has not been told yet, once for each end. */
  readonly untold: readonly Notice[];
}
interface Notice {
  readonly to: string;
  readonly node: string;
}
export type ThreadsEvent =
  | { type: 'crash'; node: string }
  | { type: 'restart'; node: string }
  | { type: 'ended'; node: string } // a node's word that it is done
  | { type: 'end'; node: string } // its thread's end, which does come
  | ({ type: 'announced' } & Notice);

export const threadsMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as {
    context: Threads;
    input: Omit<Threads, 'dead' | 'untold' | 'ends'>;
    events: ThreadsEvent;
  },
  actions: {
    announce: (_told, _notice: Notice) => {},
    linger: (_told, _node: string) => {},
    end: enqueueActions(({ context, system, enqueue }, node: string) => {
      const { nodes, kernel, dead, untold } = context;
      const tell = (name: string, event: { type: string; node?: string }) =>
        enqueue.sendTo(system.get(name) as AnyActorRef, event);
      for (const part of nodes[node] ?? []) tell(part, { type: 'crash' });
      for (const name of kernel) tell(name, { type: 'crashed', node });
      const others = Object.keys(nodes).filter((to) => to !== node && !dead.includes(to));
      const notices = others.map((to) => ({ to, node }));
      const left = untold.filter(({ to }) => to !== node);
      enqueue.assign({
        dead: [...dead, node].toSorted(),
        untold: [...left, ...notices],
        ends: Math.min(context.ends + 1, 1),
      });
      for (const notice of notices) enqueue({ type: 'announce', params: notice } as never);
    }),
    spend: assign({ crashesLeft: ({ context }) => context.crashesLeft - 1 }),
    // A node starts again when all know of its end, and they know of its start before it does.
    start: enqueueActions(({ context, system, enqueue }, node: string) => {
      const { nodes, restartsLeft } = context;
      const dead = context.dead.filter((other) => other !== node);
      const living = Object.keys(nodes).filter((other) => !dead.includes(other));
      for (const other of living) {
        const event = other === node ? { type: 'restart', living } : { type: 'peer.opened', node };
        for (const part of nodes[other] ?? []) {
          enqueue.sendTo(system.get(part) as AnyActorRef, event);
        }
      }
      enqueue.assign({ restartsLeft: restartsLeft - 1, dead });
    }),
    tell: enqueueActions(({ context, system, enqueue }, { to, node }: Notice) => {
      const { untold, nodes } = context;
      enqueue.assign({
        untold: untold.filter((other) => other.to !== to || other.node !== node),
      });
      for (const part of nodes[to] ?? []) {
        enqueue.sendTo(system.get(part) as AnyActorRef, { type: 'peer.lost', node });
      }
    }),
  },
  guards: {
    mayCrash: ({ context: { crashesLeft, dead } }, node: string) =>
      crashesLeft > 0 && !dead.includes(node),
    mayStart: ({ context: { restartsLeft, dead, untold } }, node: string) =>
      restartsLeft > 0 && dead.includes(node) && !untold.some((notice) => notice.node === node),
    // Who has ended itself meanwhile, and perhaps started again, knows already who lives.
    isUntold: ({ context: { untold } }, { to, node }: Notice) =>
      untold.some((notice) => notice.to === to && notice.node === node),
    isAlive: ({ context: { dead } }, node: string) => !dead.includes(node),
  },
}).createMachine({
  id: 'threads',
  context: ({ input }) => ({ ...input, dead: [], untold: [], ends: 0 }),
  on: {
    crash: {
      guard: { type: 'mayCrash', params: ({ event }) => event.node },
      actions: ['spend', { type: 'end', params: ({ event }) => event.node }],
    },
    restart: {
      guard: { type: 'mayStart', params: ({ event }) => event.node },
      actions: { type: 'start', params: ({ event }) => event.node },
    },
    ended: { actions: { type: 'linger', params: ({ event }) => event.node } },
    end: {
      guard: { type: 'isAlive', params: ({ event }) => event.node },
      actions: { type: 'end', params: ({ event }) => event.node },
    },
    announced: {
      guard: { type: 'isUntold', params: ({ event }) => event },
      actions: { type: 'tell', params: ({ event }) => event },
    },
  },
});

interface World {
  readonly crashing: readonly string[];
  readonly restarting?: readonly string[];
  /** Whether the dead themselves tell of it: last of all that they sent, on the same way. */
  readonly isToldInOrder?: boolean;
}

/** Who may crash, and start again, at any time; each notice does come. */
export const threadsEnvironment = ({
  crashing,
  restarting = [],
  isToldInOrder = false,
}: World): ModelEnvironment<typeof threadsMachine> => ({
  effects: {
    announce: ({ params }) => (isToldInOrder ? [] : [{ type: 'announced', ...(params as Notice) }]),
    linger: ({ params }) => [{ type: 'end', node: params as string }],
  },
  unasked: [
    ...crashing.map((node) => ({ type: 'crash', node }) as const),
    ...restarting.map((node) => ({ type: 'restart', node }) as const),
  ],
});
