// tidy: file-size: It is one statechart, read top to bottom.
/**
 * A data port at one of its two ends (DP-1): several logical connections to its target at once. It
 * lives on while one of them is up; when all are dead it fails over to a backup (DP-8), if it has
 * one, and waits if not. While it is opened nobody has it who could decide, or wait: it goes to a
 * backup by itself, or fails. Its messages are not its business: a session beside it has them.
 */
import { assign, enqueueActions, sendTo, setup } from 'xstate';
import { unprovided } from '../unprovided.ts';
import type { Epoch, NodeId, Refusal } from '../vocabulary.ts';
import { failoverMachine } from './failover.ts';
import { logicalConnectionMachine } from './logical-connection.ts';
import { abandoned, candidatesOf, fenced, silent } from './port-knowledge.ts';
import { idOf, indexes, without, withPath } from './port-knowledge.ts';
import type {
  DataPort,
  DataPortEvent,
  DataPortInput,
  DataPortOutput,
  FailoverOrder,
} from './port-knowledge.ts';

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
    noteOpened: assign({ isOpened: true }),
    noteArrived: assign({ hasMoved: false }),
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
        hasMoved: true,
        up: [],
        dead: [],
      }),
    ),
    forgetOrder: assign({ to: undefined, isDecided: false }),
  },
  guards: {
    isUp: ({ context }) => context.up.length > 0,
    hasArrived: ({ context }) => context.hasMoved && context.up.length > 0,
    isInterrupted: ({ context }) => context.up.length === 0,
    isOpened: ({ context }) => context.isOpened,
    areAllDead: ({ context: { dead, links } }) => dead.length === links,
    hasBackup: ({ context }) =>
      context.failover === 'client' ? context.backups.length > 0 : candidatesOf(context).length > 0,
    opensElsewhere: ({ context }) =>
      context.failover === 'automatic' && candidatesOf(context).length > 0,
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
    isOpened: false,
    hasMoved: false,
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
        { guard: 'areAllDead', target: 'unanswered' },
      ],
      after: { openLimit: 'unanswered' },
    },
    unanswered: {
      always: [
        { guard: 'opensElsewhere', target: 'failingOver', actions: 'tellUnreachable' },
        { target: 'failed' },
      ],
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
          entry: ['noteOpened', 'tellOpen', 'hastenPaths'],
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
            guard: 'hasArrived',
            target: 'open',
            actions: ['forgetOrder', 'noteArrived', 'tellFailedOver'],
          },
          { guard: 'isOpened', target: 'stranded', actions: 'forgetOrder' },
          { target: 'failed' },
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
      always: [
        { guard: 'hasArrived', target: 'open', actions: ['noteArrived', 'tellFailedOver'] },
        { guard: 'isUp', target: 'open' },
      ],
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
