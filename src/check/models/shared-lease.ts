/**
 * The lease of a VIPA's endpoint in shared memory, with who watches it: each event is one step of
 * `src/ports/shared-leases.ts` and of the watches in `src/transfer/vipa-effects.ts`.
 */
import { assign, enqueueActions, setup } from 'xstate';
import type { AnyActorRef } from 'xstate';

export interface SharedLease {
  readonly epoch: number;
  /** Empty: nobody holds it. */
  readonly holder: string;
  /** By node: the epoch that it holds it under, or -1 where it waits for its being freed. */
  readonly watches: Readonly<Record<string, number>>;
  /** By epoch, to whom it was granted. */
  readonly grants: readonly string[];
  /** By node, who lives as far as it knows; all, where it has not said. */
  readonly living: Readonly<Record<string, readonly string[]>>;
}
export type SharedLeaseEvent =
  | { type: 'begin'; node: string } // its thread has started, perhaps again
  | { type: 'acquire'; node: string }
  | { type: 'knows'; node: string; living: readonly string[] }
  | { type: 'release'; node: string; epoch: number }
  | { type: 'look'; node: string }
  | { type: 'crashed'; node: string };

const isFreed = -1;

export const sharedLeaseMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as { context: SharedLease; events: SharedLeaseEvent },
  guards: {
    // Whoever takes it knows for certain that its holder is dead.
    isFree: ({ context: { holder, living } }, node: string) =>
      holder === '' || holder === node || living[node]?.includes(holder) === false,
    isHeld: ({ context: { holder, epoch }, event }) =>
      event.type === 'release' && holder === event.node && epoch === event.epoch,
  },
  actions: {
    take: assign(({ context: { epoch, watches, grants } }, node: string) => ({
      epoch: epoch + 1,
      holder: node,
      watches: { ...watches, [node]: epoch + 1 },
      grants: [...grants, node],
    })),
    know: assign({
      living: ({ context }, { node, living }: { node: string; living: readonly string[] }) => ({
        ...context.living,
        [node]: living,
      }),
    }),
    give: assign({ holder: '' }),
    forsake: assign({
      holder: ({ context: { holder } }, node: string) => (holder === node ? '' : holder),
    }),
    watch: assign({
      watches: ({ context }, { node, what }: { node: string; what: number }) => ({
        ...context.watches,
        [node]: what,
      }),
    }),
    tell: enqueueActions(({ system, enqueue }, { to, event }: Telling) => {
      enqueue.sendTo(system.get(to) as AnyActorRef, event);
    }),
    tellGrant: enqueueActions(({ context: { epoch }, system, enqueue }, node: string) => {
      const to = system.get(node) as AnyActorRef;
      enqueue.sendTo(to, { type: 'lease.taken' });
      enqueue.sendTo(to, { type: 'lease.answered', answer: { type: 'lease.granted', epoch } });
    }),
    tellWatcher: enqueueActions(({ context, system, enqueue }, node: string) => {
      const { watches, holder, epoch } = context;
      const watched = watches[node] ?? 0;
      const to = system.get(node) as AnyActorRef;
      if (watched === isFreed) enqueue.sendTo(to, { type: 'lease.freed' });
      const isCurrent = watched === epoch && holder === node;
      if (watched > 0 && !isCurrent) {
        enqueue.sendTo(to, { type: 'lease.lost', epoch: watched });
      }
    }),
  },
}).createMachine({
  id: 'sharedLease',
  context: { epoch: 0, holder: '', watches: {}, grants: [], living: {} },
  on: {
    // What an earlier life of the node held, it holds no more.
    begin: { actions: { type: 'forsake', params: ({ event }) => event.node } },
    acquire: [
      {
        guard: { type: 'isFree', params: ({ event }) => event.node },
        actions: [
          { type: 'take', params: ({ event }) => event.node },
          { type: 'tellGrant', params: ({ event }) => event.node },
        ],
      },
      {
        actions: [
          { type: 'watch', params: ({ event }) => ({ node: event.node, what: isFreed }) },
          {
            type: 'tell',
            params: ({ event }) => ({
              to: event.node,
              event: { type: 'lease.answered', answer: { type: 'lease.denied' } },
            }),
          },
        ],
      },
    ],
    release: [
      {
        guard: 'isHeld',
        actions: [
          'give',
          { type: 'watch', params: ({ event }) => ({ node: event.node, what: 0 }) },
          {
            type: 'tell',
            params: ({ event }) => ({ to: event.node, event: { type: 'lease.taken' } }),
          },
        ],
      },
      { actions: { type: 'watch', params: ({ event }) => ({ node: event.node, what: 0 }) } },
    ],
    knows: { actions: { type: 'know', params: ({ event }) => event } },
    look: { actions: { type: 'tellWatcher', params: ({ event }) => event.node } },
    crashed: { actions: { type: 'watch', params: ({ event }) => ({ node: event.node, what: 0 }) } },
  },
});
interface Telling {
  readonly to: string;
  readonly event: { readonly type: string; readonly answer?: { readonly type: string } };
}
