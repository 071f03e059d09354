/**
 * A client as the kernel and the shared memory have it: who holds and reads its socket, and what
 * its custody slot says. Each event is one indivisible step of `src/transfer/custody.ts`, `freeze`
 * or the end of a thread; a slot's generation is the number of the attempt.
 */
import { and, assign, sendTo, setup, stateIn } from 'xstate';
import type { AnyActorRef } from 'xstate';
import type { ModelEnvironment } from '../model-actor.ts';
import { unprovided } from '../../../actors/unprovided.ts';

export interface SharedClient {
  /** The giver's node and its actor; of each target's node the actor. */
  readonly giver: string;
  readonly givingStack: string;
  readonly takingStacks: Readonly<Record<string, string>>;
  /** The slot's generation. */
  readonly attempt: number;
  /** Who claimed it. */
  readonly target: string;
  /** Nodes that have built a socket over its descriptor, and live. */
  readonly holders: readonly string[];
  /** Nodes whose application keeps a place for it, once for each offer. */
  readonly places: readonly string[];
  /** Nodes whose application serves it. */
  readonly served: readonly string[];
  /** Nodes of which the giver knows that they are dead. */
  readonly lost: readonly string[];
  /** The last attempt that was accepted, and the last that was rejected; told if it is watched. */
  readonly accepted: number;
  readonly rejected: number;
  /** Offers that were sent; counted if it is watched. */
  readonly offers: number;
}
interface OfNode {
  readonly node: string;
}
interface OfAttempt {
  readonly attempt: number;
}
export type SharedClientEvent =
  | ({ type: 'freeze' } & OfAttempt) // the giver's
  | { type: 'thaw' }
  | { type: 'reclaim' }
  | { type: 'release' }
  | ({ type: 'offered' } & OfNode & OfAttempt) // an offer is sent there
  | { type: 'counted' } // another offer is sent
  | { type: 'ask' } // it reclaims, and is answered later
  | ({ type: 'lost' } & OfNode)
  | ({ type: 'claim' } & OfNode & OfAttempt) // a target's
  | ({ type: 'adopt' } & OfNode & OfAttempt)
  | ({ type: 'considered' } & OfNode) // a target application's
  | ({ type: 'served' } & OfNode)
  | ({ type: 'dismissed' } & OfNode)
  | ({ type: 'accepted' } & OfAttempt)
  | ({ type: 'rejected' } & OfAttempt)
  | ({ type: 'crashed' } & OfNode) // a thread has ended, its sockets with it
  | { type: 'swept' } // the main thread's, after the giver has ended
  | { type: 'drained' } // what the kernel says
  | { type: 'undrained' }
  | { type: 'built' }
  | { type: 'broken' };

const without = (names: readonly string[], gone: string) => {
  const at = names.indexOf(gone);
  return at < 0 ? names : names.toSpliced(at, 1);
};
interface Answer extends OfNode, OfAttempt {
  readonly type: string;
}
const telling = <Type extends string>(type: Type) => ({ type: 'tell', params: type }) as const;
/** To whom the slot belongs now. */
const answering = (type: string) =>
  ({
    type: 'answer',
    params: ({ context: { target: node, attempt } }: { context: SharedClient }) => ({
      type,
      node,
      attempt,
    }),
  }) as const;
const missed = {
  type: 'answer',
  params: ({ event: { node, attempt } }: { event: OfNode & OfAttempt }) => ({
    type: 'custody.missed',
    node,
    attempt,
  }),
} as const;
const undrained = { code: 'IPX_CLIENT_UNDRAINED', reason: '' };
const unreachable = { code: 'IPX_EXAMPLE', reason: '' };

export const sharedClientMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as {
    context: SharedClient;
    input: Pick<SharedClient, 'giver' | 'givingStack' | 'takingStacks'>;
    events: SharedClientEvent;
  },
  actions: {
    ponder: unprovided('ponder'),
    drain: unprovided('drain'),
    build: unprovided('build'),
    sweep: unprovided('sweep'),
    still: unprovided('still'),
    cease: unprovided('cease'),
    // To the giver's transfer, and to a target's offer.
    tell: sendTo(
      ({ context, system }) => system.get(context.givingStack) as AnyActorRef,
      (_, type: string) => ({ type, refusal: undrained }),
    ),
    answer: sendTo(
      ({ context, system }, { node }: Answer) =>
        system.get(context.takingStacks[node] ?? node) as AnyActorRef,
      (_, { type, attempt }: Answer) => ({ type, attempt }),
    ),
    // There is no link any more to a node that is lost.
    refuse: sendTo(
      ({ context, system }) => system.get(context.givingStack) as AnyActorRef,
      (_, attempt: number) => ({ type: 'transfer.reject', attempt, refusal: unreachable }),
    ),
    noteSlot: assign({ attempt: (_, attempt: number) => attempt }),
    noteTarget: assign({ target: (_, target: string) => target }),
    noteHolder: assign({
      holders: ({ context }) => [...context.holders, context.target].toSorted(),
    }),
    noteEnd: assign(({ context: { holders, places, served } }, node: string) => ({
      holders: without(holders, node),
      served: without(served, node),
      places: places.filter((other) => other !== node),
    })),
    noteLost: assign({ lost: ({ context }, node: string) => [...context.lost, node].toSorted() }),
    notePlace: assign({
      places: ({ context }, node: string) => [...context.places, node].toSorted(),
    }),
    noteServed: assign({ served: ({ context }, node: string) => [...context.served, node] }),
    noteSettled: assign({ places: ({ context }, node: string) => without(context.places, node) }),
    countOffer: assign({ offers: ({ context }) => context.offers + 1 }),
    noteAccepted: assign({
      accepted: ({ context }, attempt: number) => Math.max(context.accepted, attempt),
    }),
    noteRejected: assign({
      rejected: ({ context }, attempt: number) => Math.max(context.rejected, attempt),
    }),
  },
  guards: {
    isOfSlot: ({ context, event }) => 'attempt' in event && event.attempt === context.attempt,
    isGiver: ({ context, event }) => 'node' in event && event.node === context.giver,
    isTarget: ({ context, event }) => 'node' in event && event.node === context.target,
    isLost: ({ context, event }) => 'node' in event && context.lost.includes(event.node),
    isTargetLost: ({ context }) => context.lost.includes(context.target),
    isDraining: stateIn({ socket: 'draining' }),
    isGivenUp: and(['isTarget', stateIn({ socket: 'released' })]),
  },
}).createMachine({
  id: 'sharedClient',
  context: ({ input }) => ({
    ...input,
    attempt: -1,
    target: '',
    holders: [],
    places: [],
    served: [],
    lost: [],
    accepted: -1,
    rejected: -1,
    offers: 0,
  }),
  type: 'parallel',
  states: {
    // The giver's own socket.
    socket: {
      initial: 'read',
      on: { crashed: { guard: 'isGiver', target: '.ended' } },
      states: {
        read: {
          on: {
            freeze: {
              target: 'draining',
              actions: { type: 'noteSlot', params: ({ event }) => event.attempt },
            },
            release: 'released',
          },
        },
        draining: {
          entry: 'drain',
          exit: 'still',
          on: {
            drained: { target: 'frozen', actions: telling('client.frozen') },
            undrained: { target: 'read', actions: telling('client.unmovable') },
            thaw: 'read',
          },
        },
        frozen: { on: { thaw: 'read', release: 'released' } },
        released: {},
        ended: { entry: 'sweep' },
      },
    },
    // The duplicate of its descriptor.
    slot: {
      initial: 'free',
      on: {
        claim: { actions: missed },
        reclaim: { actions: telling('custody.passed') },
      },
      states: {
        free: {
          on: {
            drained: { guard: 'isDraining', target: 'offered' },
            reclaim: { actions: telling('custody.kept') },
          },
        },
        offered: {
          on: {
            claim: [
              {
                guard: 'isOfSlot',
                target: 'claimed',
                actions: [
                  { type: 'noteTarget', params: ({ event }) => event.node },
                  answering('custody.claimed'),
                ],
              },
              { actions: missed },
            ],
            thaw: 'free',
            reclaim: { target: 'free', actions: telling('custody.kept') },
            swept: 'closed',
          },
        },
        claimed: {
          on: {
            adopt: { guard: 'isOfSlot', target: 'building' },
            crashed: { guard: 'isTarget', target: 'stranded' },
          },
        },
        building: {
          entry: 'build',
          exit: 'cease',
          on: {
            built: { target: 'adopted', actions: ['noteHolder', answering('client.adopted')] },
            broken: { target: 'closed', actions: answering('client.broken') },
            crashed: { guard: 'isTarget', target: 'stranded' },
          },
        },
        // The target died between its claim and its mark.
        stranded: {
          on: {
            reclaim: [
              { guard: 'isTargetLost', target: 'free', actions: telling('custody.kept') },
              { actions: telling('custody.passed') },
            ],
            lost: { guard: 'isGivenUp', target: 'closed' },
            swept: 'closed',
          },
        },
        adopted: {},
        closed: {},
      },
    },
    notes: {
      on: {
        ask: { actions: 'ponder' },
        counted: { actions: 'countOffer' },
        offered: {
          guard: 'isLost',
          actions: [
            { type: 'noteRejected', params: ({ event }) => event.attempt },
            { type: 'refuse', params: ({ event }) => event.attempt },
          ],
        },
        crashed: { actions: { type: 'noteEnd', params: ({ event }) => event.node } },
        lost: { actions: { type: 'noteLost', params: ({ event }) => event.node } },
        considered: { actions: { type: 'notePlace', params: ({ event }) => event.node } },
        served: {
          actions: [
            { type: 'noteServed', params: ({ event }) => event.node },
            { type: 'noteSettled', params: ({ event }) => event.node },
          ],
        },
        dismissed: { actions: { type: 'noteSettled', params: ({ event }) => event.node } },
        accepted: { actions: { type: 'noteAccepted', params: ({ event }) => event.attempt } },
        rejected: { actions: { type: 'noteRejected', params: ({ event }) => event.attempt } },
      },
    },
  },
});

/** The world of it: what the kernel may answer, and the main thread's sweep, which does come. */
export const sharedClientEnvironment: ModelEnvironment<typeof sharedClientMachine> = {
  effects: {
    ponder: () => [{ type: 'reclaim' }],
    drain: () => [{ type: 'drained' }, { type: 'undrained' }],
    build: () => [{ type: 'built' }, { type: 'broken' }],
    sweep: () => [{ type: 'swept' }],
    still: () => [],
    cease: () => [],
  },
  silences: { still: ['drain'], cease: ['build'] },
};
