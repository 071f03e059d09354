/** What the world may do to the machines of a data port. */
import { none, refusal, targets, type Environment } from '../alternatives.ts';
import type { Epoch, NodeId } from '../vocabulary.ts';
import type { dataPortMachine } from './data-port.ts';
import type { failoverMachine } from './failover.ts';
import type { logicalConnectionMachine } from './logical-connection.ts';
import type { mirrorMachine } from './mirror.ts';
import type { resetMachine } from './reset.ts';

/** A dial fails, or opens a connection that may be lost at any later time. */
const dialled = (dial: number) => {
  const opened = { type: 'carrier.opened', dial } as const;
  const lost = { type: 'carrier.lost', dial, refusal } as const;
  return [[opened, lost], opened, { type: 'carrier.failed', dial, refusal }] as const;
};

export const reset: Environment<typeof resetMachine, 'countDial' | 'countFailure'> = {
  effects: {
    reroute: none,
    hangUp: ({ context: { dial } }) => [{ type: 'carrier.closed', dial }],
    dial: ({ context: { dial } }) => dialled(dial),
    reportDead: none,
  },
  // Who dials anew, or hangs up, hears no more of the dial before.
  silences: { hangUp: ['dial', 'hangUp'], dial: ['dial', 'hangUp'] },
  unasked: [{ type: 'hasten' }],
};

export const logicalConnection: Environment<
  typeof logicalConnectionMachine,
  'tellReset' | 'noteDial' | 'noteFailure'
> = {
  effects: {
    dial: ({ context: { dial } }) => dialled(dial),
    reset: ({ params: { dial }, received }) =>
      received === undefined
        ? [
            { type: 'xstate.done.actor.reset', output: { dial: (dial % 8) + 1 } },
            [
              { type: 'reset.failed' },
              { type: 'xstate.done.actor.reset', output: { dial: (dial % 8) + 1 } },
            ],
          ]
        : [],
    reportUp: none,
    reportDown: none,
    reportDead: none,
    reportSuspected: none,
    reportTrusted: none,
    reportRefused: none,
  },
  unasked: [{ type: 'path.silent' }, { type: 'path.heard' }, { type: 'hasten' }, { type: 'reset' }],
};

const epochs = [1, 2, 3] as Epoch[];

export const failover: Environment<typeof failoverMachine, 'choose' | 'prefer'> = {
  effects: {
    follow: ({ context: { epoch } }) => [
      { type: 'target.reached', epoch },
      { type: 'target.unreached', epoch },
    ],
  },
  unasked: [
    ...epochs.flatMap((epoch) => [
      { type: 'target.reached', epoch } as const,
      { type: 'target.unreached', epoch } as const,
    ]),
    { type: 'failover' },
    ...targets.map((to) => ({ type: 'failover', to }) as const),
  ],
};

/** What a path may come to, one after the other. */
const lifeOf = (path: number) =>
  [
    [{ type: 'path.up', path }],
    [
      { type: 'path.suspected', path },
      { type: 'path.trusted', path },
    ],
    [
      { type: 'path.up', path },
      { type: 'path.down', path },
    ],
    [
      { type: 'path.up', path },
      { type: 'path.down', path },
      { type: 'path.dead', path },
      { type: 'path.up', path },
    ],
    [
      { type: 'path.refused', path, refusal },
      { type: 'path.dead', path },
    ],
  ] as const;

export const dataPort: Environment<
  typeof dataPortMachine,
  | 'startPaths'
  | 'stopPaths'
  | 'hastenPaths'
  | 'resetPath'
  | 'tellReached'
  | 'tellUnreached'
  | 'decide'
  | 'noteDecided'
  | 'noteOpened'
  | 'noteArrived'
  | 'noteUp'
  | 'noteDown'
  | 'noteDead'
  | 'noteRefusal'
  | 'noteOrder'
  | 'noteFailback'
  | 'noteTarget'
  | 'forgetOrder'
> = {
  effects: {
    tellPath: none,
    tellOpen: none,
    tellInterrupted: none,
    tellUnreachable: none,
    tellFailedOver: none,
    tellStranded: none,
    fence: none,
    awaitDrained: () => [{ type: 'session.drained' }],
    closeSession: none,
    abandonSession: none,
    logicalConnection: ({ params: { path }, received }) =>
      received === undefined ? lifeOf(path) : [],
    failover: ({ params: { candidates, epoch }, received }) => {
      if (received !== undefined) return [];
      const [target] = candidates;
      const ended = { type: 'xstate.done.actor.failover' } as const;
      if (target === undefined) return [ended];
      const raised = ((epoch % 3) + 1) as Epoch; // Three in turn tell one from those before it.
      return [[{ type: 'target.chosen', target: target as NodeId, epoch: raised }, ended], ended];
    },
  },
  unasked: [
    { type: 'peer.closed' },
    { type: 'session.fenced' },
    { type: 'target.doubted' },
    { type: 'failover' },
    ...targets.map((to) => ({ type: 'failover', to }) as const),
    { type: 'failback' },
    { type: 'reset', path: 0 },
    { type: 'close' },
  ],
};

/** A target is lost, or taken in by another, at any time. */
const troubles = [
  [{ type: 'channel.lost', refusal }],
  [{ type: 'target.changed' }, { type: 'channel.lost', refusal }],
] as const;
const level = { type: 'replica.level' } as const;

export const mirror: Environment<
  typeof mirrorMachine,
  'noteRefusal' | 'noteFailure' | 'noteReached' | 'noteCopied'
> = {
  effects: {
    connect: () => [
      ...troubles.map((trouble) => [{ type: 'channel.opened' } as const, ...trouble]),
      { type: 'channel.lost', refusal },
    ],
    greet: () =>
      (['recent', 'shared', 'none', 'foreign'] as const).map(
        (history) => ({ type: 'replica.greeted', history }) as const,
      ),
    resend: () => [level, { type: 'ranges.marked' }],
    resynchronise: () => [[level, { type: 'ranges.marked' }], level],
    copyAll: () => [[level, { type: 'ranges.marked' }], level],
    drain: () => [{ type: 'replica.drained' }],
    hangUp: none,
  },
  // A session, and a channel, are one at a time; what another has said does not count.
  silences: {
    hangUp: ['connect', 'greet', 'resend', 'resynchronise', 'copyAll', 'drain'],
    greet: ['greet', 'resend', 'resynchronise', 'copyAll'],
  },
  unasked: [{ type: 'source.failed', refusal }, { type: 'close' }],
};
