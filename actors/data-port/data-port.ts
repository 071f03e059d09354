// tidy: file-size: It is one statechart, read top to bottom; its events are its documentation.
/**
 * A data port at one of its two ends (DP-1): several logical connections to its target at once. It
 * lives on while one of them is up; when all are dead it fails over to a backup (DP-8), if it has
 * one, and waits if not. Its messages are not its business: a session beside it has them.
 */
import { assign, enqueueActions, sendTo, setup } from 'xstate';
import { unprovided } from '../unprovided.ts';
import type { Epoch, NodeId, Refusal } from '../vocabulary.ts';
import { failoverMachine, type FailoverMode } from './failover.ts';
import { logicalConnectionMachine } from './logical-connection.ts';
import type { PathLimits } from './reset.ts';

export interface DataPortLimits extends PathLimits {
  /** How long it may take to open, and a candidate to answer. */
  readonly openMs: number;
  /** Without any path for so long, it is given up. */
  readonly abandonMs: number;
  /** How long what was accepted may take to be applied when it is closed. */
  readonly drainMs: number;
}
export interface DataPortInput {
  /** The node at the other end. */
  readonly target: NodeId;
  readonly epoch: Epoch;
  readonly links: number;
  readonly backups: readonly NodeId[];
  readonly failover: FailoverMode;
  readonly limits: DataPortLimits;
}
export interface DataPort extends DataPortInput {
  /** The target that it was opened to: where `failback` leads. */
  readonly primary: NodeId;
  /** Targets that it has left: not to be used again until somebody says so. */
  readonly left: readonly NodeId[];
  /** Where it is told to go. */
  readonly to: NodeId | undefined;
  readonly isDecided: boolean;
  readonly up: readonly number[];
  /** Paths that could not be established when they were tried last. */
  readonly dead: readonly number[];
  readonly refusal: Refusal;
}
export type DataPortEvent =
  | { type: 'path.up'; path: number } // facts of the logical connections
  | { type: 'path.down'; path: number }
  | { type: 'path.dead'; path: number }
  | { type: 'path.refused'; path: number; refusal: Refusal }
  | { type: 'path.suspected'; path: number }
  | { type: 'path.trusted'; path: number }
  | { type: 'target.chosen'; target: NodeId; epoch: Epoch } // of the failover
  | { type: 'session.drained' } // facts of the session
  | { type: 'peer.closed' }
  | { type: 'session.fenced' }
  | { type: 'target.doubted' } // of the membership: it holds the target for dead
  | { type: 'failover'; to?: NodeId | undefined } // commands of the client
  | { type: 'failback' }
  | { type: 'reset'; path: number }
  | { type: 'close' };
export type DataPortOutput = { outcome: 'closed' } | (Refusal & { outcome: 'failed' });

/** Where a client wants the port to go; nowhere in particular: to the next backup. */
export interface FailoverOrder {
  readonly to: NodeId | undefined;
}

const silent: Refusal = { code: 'IPX_PORT_UNREACHABLE', reason: 'No address of it answers.' };
const abandoned: Refusal = {
  code: 'IPX_PORT_LOST',
  reason: 'No path to the other end was left for too long.',
};
const fenced: Refusal = {
  code: 'IPX_PORT_FENCED',
  reason: 'The other end has gone on under a later epoch.',
};
const idOf = (epoch: Epoch, path: number) => `path.${epoch}.${path}`;
const indexes = (count: number) => Array.from({ length: count }, (_, path) => path);
const without = (paths: readonly number[], path: number) => paths.filter((other) => other !== path);
const withPath = (paths: readonly number[], path: number) =>
  [...without(paths, path), path].toSorted((one, other) => one - other);
const candidatesOf = ({ to, backups, left, target }: DataPort): readonly NodeId[] => {
  const others = backups.filter((node) => node !== target && node !== to && !left.includes(node));
  return to === undefined ? others : [to, ...others];
};
const failing = (refusal: Refusal) =>
  ({ target: '#failed', actions: { type: 'noteRefusal', params: refusal } }) as const;

export const dataPortMachine = setup({
  types: {} as {
    context: DataPort;
    input: DataPortInput;
    events: DataPortEvent;
    output: DataPortOutput;
    tags: 'usable';
  },
  actors: { logicalConnection: logicalConnectionMachine, failover: failoverMachine },
  actions: {
    tellPath: unprovided('tellPath'),
    tellOpen: unprovided('tellOpen'),
    tellInterrupted: unprovided('tellInterrupted'),
    tellUnreachable: unprovided('tellUnreachable'),
    tellFailedOver: unprovided('tellFailedOver'),
    tellStranded: unprovided('tellStranded'),
    /** Closes all connections of the former target, and has what is not applied go again. */
    fence: unprovided('fence'),
    awaitDrained: unprovided('awaitDrained'),
    /** Says goodbye; what was not applied is reported. */
    closeSession: unprovided('closeSession'),
    /** The same without a goodbye: nobody is there to hear it. */
    abandonSession: unprovided('abandonSession'),
    startPaths: enqueueActions(({ enqueue, context: { links, epoch, limits } }) => {
      for (const path of indexes(links)) {
        const input = { path, limits };
        enqueue.spawnChild('logicalConnection', { id: idOf(epoch, path), input });
      }
    }),
    stopPaths: enqueueActions(({ enqueue, context: { links, epoch } }) => {
      for (const path of indexes(links)) enqueue.stopChild(idOf(epoch, path));
    }),
    hastenPaths: enqueueActions(({ enqueue, context: { dead, epoch } }) => {
      for (const path of dead) enqueue.sendTo(idOf(epoch, path), { type: 'hasten' });
    }),
    resetPath: sendTo(
      ({ context, event }) => idOf(context.epoch, 'path' in event ? event.path : -1),
      { type: 'reset' },
    ),
    tellReached: sendTo('failover', ({ context: { epoch } }) => ({
      type: 'target.reached',
      epoch,
    })),
    tellUnreached: sendTo('failover', ({ context: { epoch } }) => ({
      type: 'target.unreached',
      epoch,
    })),
    decide: sendTo('failover', ({ context: { primary }, event }) => ({
      type: 'failover',
      to: event.type === 'failover' ? event.to : primary,
    })),
    noteDecided: assign({ isDecided: true }),
    noteUp: assign(({ context: { up, dead } }, path: number) => ({
      up: withPath(up, path),
      dead: without(dead, path),
    })),
    noteDown: assign({ up: ({ context }, path: number) => without(context.up, path) }),
    noteDead: assign({ dead: ({ context }, path: number) => withPath(context.dead, path) }),
    noteRefusal: assign({ refusal: (_, refusal: Refusal) => refusal }),
    noteOrder: assign({ to: (_, { to }: FailoverOrder) => to, isDecided: true }),
    noteFailback: assign({ to: ({ context }) => context.primary, isDecided: true }),
    noteTarget: assign(
      ({ context }, { target, epoch }: { target: NodeId; epoch: Epoch }): Partial<DataPort> => ({
        target,
        epoch,
        left: [...new Set([...context.left, context.target])].filter((node) => node !== target),
        isDecided: true,
        up: [],
        dead: [],
      }),
    ),
    forgetOrder: assign({ to: undefined, isDecided: false }),
  },
  guards: {
    isUp: ({ context }) => context.up.length > 0,
    isInterrupted: ({ context }) => context.up.length === 0,
    areAllDead: ({ context: { dead, links } }) => dead.length === links,
    hasBackup: ({ context }) =>
      context.failover === 'client' ? context.backups.length > 0 : candidatesOf(context).length > 0,
    isPath: ({ context, event }) => 'path' in event && event.path < context.links,
    isUndecided: ({ context: { failover, isDecided } }) => failover === 'client' && !isDecided,
    isElsewhere: ({ context }, to: NodeId) => to !== context.target,
    isLastAlive: ({ context: { dead, links } }, path: number) =>
      withPath(dead, path).length === links,
  },
  delays: {
    openLimit: ({ context }) => context.limits.openMs,
    abandonLimit: ({ context }) => context.limits.abandonMs,
    drainLimit: ({ context }) => context.limits.drainMs,
  },
}).createMachine({
  id: 'dataPort',
  context: ({ input }) => ({
    ...input,
    primary: input.target,
    left: [],
    to: undefined,
    isDecided: false,
    up: [],
    dead: [],
    refusal: silent,
  }),
  output: ({ event }) => event.output as DataPortOutput,
  initial: 'opening',
  entry: 'startPaths',
  on: {
    'path.up': {
      actions: [{ type: 'noteUp', params: ({ event }) => event.path }, 'tellPath'],
    },
    'path.down': {
      actions: [{ type: 'noteDown', params: ({ event }) => event.path }, 'tellPath'],
    },
    'path.dead': { actions: { type: 'noteDead', params: ({ event }) => event.path } },
    'path.refused': { actions: { type: 'noteRefusal', params: ({ event }) => event.refusal } },
    'path.suspected': { actions: 'tellPath' },
    'path.trusted': { actions: 'tellPath' },
    reset: { guard: 'isPath', actions: 'resetPath' },
    'peer.closed': '#closed',
    'session.fenced': failing(fenced),
    close: '#closed',
  },
  states: {
    opening: {
      always: [
        { guard: 'isUp', target: 'open' },
        { guard: 'areAllDead', target: '#failed' },
      ],
      after: { openLimit: '#failed' },
    },
    open: {
      initial: 'flowing',
      on: {
        failover: {
          target: 'failingOver',
          actions: { type: 'noteOrder', params: ({ event: { to } }) => ({ to }) },
        },
        failback: {
          guard: {
            type: 'isElsewhere',
            params: ({ context }) => context.primary,
          },
          target: 'failingOver',
          actions: 'noteFailback',
        },
        close: 'draining',
      },
      states: {
        flowing: {
          tags: 'usable',
          entry: ['tellOpen', 'hastenPaths'],
          always: { guard: 'isInterrupted', target: 'interrupted' },
        },
        interrupted: {
          entry: 'tellInterrupted',
          always: [
            { guard: 'isUp', target: 'flowing' },
            { guard: 'areAllDead', target: '#unreachable' },
          ],
          // Its word hastens what the port has seen by itself, and never takes its place.
          on: { 'target.doubted': { guard: 'hasBackup', target: '#unreachable' } },
          after: { abandonLimit: failing(abandoned) },
        },
      },
    },
    unreachable: {
      id: 'unreachable',
      entry: 'tellUnreachable',
      always: [{ guard: 'hasBackup', target: 'failingOver' }, { target: 'stranded' }],
    },
    failingOver: {
      invoke: {
        id: 'failover',
        src: 'failover',
        input: ({ context }) => ({
          mode: context.failover,
          candidates: candidatesOf(context),
          isDecided: context.isDecided,
          epoch: context.epoch,
          answerMs: context.limits.openMs,
        }),
        onDone: [
          {
            guard: 'isUp',
            target: 'open',
            actions: ['forgetOrder', 'tellFailedOver'],
          },
          { target: 'stranded', actions: 'forgetOrder' },
        ],
      },
      on: {
        'target.chosen': {
          actions: [
            'stopPaths',
            { type: 'noteTarget', params: ({ event }) => event },
            'fence',
            'startPaths',
          ],
        },
        failover: { actions: ['decide', 'noteDecided'] },
        failback: { actions: ['decide', 'noteDecided'] },
        'path.up': [
          {
            guard: 'isUndecided',
            target: 'open', // The target is back before anybody has left it.
            actions: [{ type: 'noteUp', params: ({ event }) => event.path }, 'tellPath'],
          },
          {
            actions: [
              { type: 'noteUp', params: ({ event }) => event.path },
              'tellPath',
              'tellReached',
            ],
          },
        ],
        'path.dead': [
          {
            guard: { type: 'isLastAlive', params: ({ event }) => event.path },
            actions: [{ type: 'noteDead', params: ({ event }) => event.path }, 'tellUnreached'],
          },
          { actions: { type: 'noteDead', params: ({ event }) => event.path } },
        ],
      },
    },
    // Nobody is left to go to; whoever answers first goes on.
    stranded: {
      entry: 'tellStranded',
      always: { guard: 'isUp', target: 'open' },
      on: {
        failover: {
          target: 'failingOver',
          actions: { type: 'noteOrder', params: ({ event: { to } }) => ({ to }) },
        },
        failback: { target: 'failingOver', actions: 'noteFailback' },
      },
      after: { abandonLimit: failing(abandoned) },
    },
    draining: {
      entry: 'awaitDrained',
      on: { 'session.drained': 'closed', close: {} },
      after: { drainLimit: 'closed' },
    },
    closed: {
      id: 'closed',
      type: 'final',
      entry: ['stopPaths', 'closeSession'],
      output: { outcome: 'closed' },
    },
    failed: {
      id: 'failed',
      type: 'final',
      entry: ['stopPaths', 'abandonSession'],
      output: ({ context: { refusal } }) => ({ outcome: 'failed', ...refusal }),
    },
  },
});
