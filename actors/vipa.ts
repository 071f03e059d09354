// tidy: file-size: It is one statechart, read top to bottom; its events are its documentation.
/**
 * A VIPA's endpoint at one node that may own it (CT-14). The first living node of the preference
 * owns it, by the fenced lease of the coupling facility: no lease, no listener. The idea and the
 * words takeover and takeback are z/OS's dynamic VIPA; unlike there, accepted connections live on.
 */
import { assign, fromCallback, sendParent, setup, type EventObject } from 'xstate';
import { unprovided, unprovidedActor } from './unprovided.ts';
import type { Epoch, NodeId, Refusal, VipaName } from './vocabulary.ts';

/** When a backup gives the endpoint back to a node that is preferred to it. */
export type Takeback = 'whenIdle' | 'immediate';

/** What a node must know of an endpoint that it may own. */
export interface EndpointDuty {
  readonly vipa: VipaName;
  /** The owner, then its backups in order. */
  readonly preference: readonly NodeId[];
  readonly takeback: Takeback;
}
export interface VipaInput extends EndpointDuty {
  readonly node: NodeId;
  readonly living: readonly NodeId[];
  readonly retryMs: number;
}
export interface Vipa extends VipaInput {
  /** Of the lease that is or was last held here. */
  readonly epoch: Epoch;
}
export type VipaEvent =
  | { type: 'members.changed'; living: readonly NodeId[] } // certain: threads begun and ended
  | { type: 'lease.granted'; epoch: Epoch } // the coupling facility's answers
  | { type: 'lease.denied' }
  | { type: 'lease.freed' } // its holder gave it up, or has ended
  | { type: 'lease.lost'; epoch: Epoch }
  | { type: 'listener.opened'; epoch: Epoch } // facts of the listener
  | { type: 'listener.failed'; epoch: Epoch; refusal: Refusal }
  | { type: 'clients.gone' } // the routing application converses with nobody
  | { type: 'revoke' }; // command of the stack

const firstLiving = ({ preference, living }: VipaInput) =>
  preference.find((node) => living.includes(node));
const noEpoch = 0 as Epoch;

export const vipaMachine = setup({
  types: {} as { context: Vipa; input: VipaInput; events: VipaEvent; tags: 'owner' },
  actors: {
    listener: fromCallback<EventObject, { vipa: VipaName; epoch: Epoch }>(
      unprovidedActor('listener'),
    ),
  },
  actions: {
    acquire: unprovided('acquire'),
    release: unprovided('release'),
    awaitIdle: unprovided('awaitIdle'),
    reportSettled: sendParent(({ context: { vipa } }) => ({ type: 'vipa.settled', vipa })),
    reportFailed: sendParent(({ context: { vipa } }, refusal: Refusal) => ({
      type: 'vipa.failed',
      vipa,
      refusal,
    })),
    noteLiving: assign({ living: (_, living: readonly NodeId[]) => living }),
    noteEpoch: assign({ epoch: (_, epoch: Epoch) => epoch }),
  },
  guards: {
    isFirst: ({ context }) => firstLiving(context) === context.node,
    isPreceded: ({ context }) => firstLiving(context) !== context.node,
    isPrecededAtOnce: ({ context }) =>
      context.takeback === 'immediate' && firstLiving(context) !== context.node,
    // A word of another lease changes nothing, however late it arrives.
    isCurrent: ({ context, event }) => 'epoch' in event && event.epoch === context.epoch,
  },
  delays: { retryPause: ({ context }) => context.retryMs },
}).createMachine({
  id: 'vipa',
  context: ({ input }) => ({ ...input, epoch: noEpoch }),
  initial: 'backup',
  on: {
    'members.changed': { actions: { type: 'noteLiving', params: ({ event }) => event.living } },
    revoke: '.revoked',
  },
  states: {
    backup: {
      initial: 'deciding',
      states: {
        deciding: {
          always: [{ guard: 'isFirst', target: '#vipa.acquiring' }, { target: 'standing' }],
        },
        standing: {
          entry: 'reportSettled',
          always: { guard: 'isFirst', target: '#vipa.acquiring' },
        },
      },
    },
    acquiring: {
      entry: 'acquire',
      on: {
        'lease.granted': {
          target: 'owner',
          actions: { type: 'noteEpoch', params: ({ event }) => event.epoch },
        },
        'lease.denied': 'denied',
        revoke: 'abandoning',
      },
    },
    // What was asked for may still be granted, and must not be kept.
    abandoning: {
      on: {
        'lease.granted': {
          target: 'revoked',
          actions: [{ type: 'noteEpoch', params: ({ event }) => event.epoch }, 'release'],
        },
        'lease.denied': 'revoked',
        revoke: {},
      },
    },
    // Whoever holds it is about to give it up, once it is idle, or is not yet known to have ended.
    denied: {
      entry: 'reportSettled',
      always: { guard: 'isPreceded', target: 'backup' },
      on: { 'lease.freed': 'acquiring' },
      after: { retryPause: 'acquiring' },
    },
    owner: {
      tags: 'owner',
      exit: 'release', // XState stops the listener when the step's actions are done.
      initial: 'listening',
      on: {
        'lease.lost': { guard: 'isCurrent', target: 'backup' },
        'listener.failed': {
          guard: 'isCurrent',
          target: 'failed',
          actions: { type: 'reportFailed', params: ({ event }) => event.refusal },
        },
      },
      states: {
        listening: {
          invoke: {
            src: 'listener',
            input: ({ context: { vipa, epoch } }) => ({ vipa, epoch }),
          },
          initial: 'opening',
          states: {
            opening: { on: { 'listener.opened': { guard: 'isCurrent', target: 'serving' } } },
            serving: {
              entry: 'reportSettled',
              always: [
                { guard: 'isPrecededAtOnce', target: '#vipa.backup' },
                { guard: 'isPreceded', target: 'yielding' },
              ],
            },
            yielding: {
              entry: 'awaitIdle',
              on: {
                'clients.gone': '#vipa.backup',
                // Whoever was preferred may have died again.
                'members.changed': {
                  target: 'serving',
                  actions: { type: 'noteLiving', params: ({ event }) => event.living },
                },
              },
            },
          },
        },
      },
    },
    revoked: { type: 'final' },
    failed: { type: 'final' },
  },
});
