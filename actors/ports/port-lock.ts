/**
 * One use of a pool's lock: a unit of ports is taken or given back (SP-3). Every entry is one
 * atomic operation on the shared memory, so that its stack may die between any two (SP-5): whoever
 * finds the lock with a dead holder seizes it and finishes what that one intended. It is handed to
 * those who wait in turn. The context names nobody: whoever performs the effects knows whose they
 * are.
 */
import { assign, setup } from 'xstate';
import { unprovided } from '../unprovided.ts';

/** Whether the unit is this stack's now; there was none to be had; or it was not this stack's. */
export type PortLockOutcome = 'revised' | 'none';
export interface PortLock {
  readonly outcome: PortLockOutcome;
}
export type PortLockEvent =
  | { type: 'unit.chosen' } // a unit that looks right, of what was read last
  | { type: 'unit.none' }
  | { type: 'wait.announced' }
  | { type: 'lock.taken' } // by this stack, or handed to it
  | { type: 'lock.held' } // by another, who lives
  | { type: 'lock.orphaned' } // its holder is dead, for certain
  | { type: 'lock.changed' } // since it was seen, or it is time to look again
  | { type: 'index.repaired' }
  | { type: 'wait.over' }
  | { type: 'intent.noted' }
  | { type: 'unit.revised' }
  | { type: 'unit.lost' } // between being chosen and the lock, to another
  | { type: 'unit.published' }
  | { type: 'next.found' } // who waits, or nobody
  | { type: 'lock.passed' };

export const portLockMachine = setup({
  types: {} as {
    context: PortLock;
    events: PortLockEvent;
    output: PortLockOutcome;
    tags: 'locked';
  },
  actions: {
    choose: unprovided('choose'),
    announceWait: unprovided('announceWait'),
    tryLock: unprovided('tryLock'),
    awaitLock: unprovided('awaitLock'),
    seize: unprovided('seize'),
    repair: unprovided('repair'),
    endWait: unprovided('endWait'),
    noteIntent: unprovided('noteIntent'),
    revise: unprovided('revise'),
    publish: unprovided('publish'),
    findNext: unprovided('findNext'),
    passLock: unprovided('passLock'),
    noteRevised: assign({ outcome: 'revised' }),
  },
}).createMachine({
  id: 'portLock',
  context: { outcome: 'none' },
  initial: 'obtaining',
  output: ({ context }) => context.outcome,
  states: {
    // Most of the looking is done before the lock is asked for.
    obtaining: { entry: 'choose', on: { 'unit.chosen': 'contending', 'unit.none': 'done' } },
    contending: {
      initial: 'announcing',
      states: {
        announcing: { entry: 'announceWait', on: { 'wait.announced': 'trying' } },
        trying: {
          entry: 'tryLock',
          on: {
            'lock.taken': '#portLock.locked',
            'lock.held': 'waiting',
            'lock.orphaned': 'seizing',
          },
        },
        waiting: { entry: 'awaitLock', on: { 'lock.changed': 'trying' } },
        seizing: {
          entry: 'seize',
          on: { 'lock.taken': '#portLock.locked.repairing', 'lock.changed': 'trying' },
        },
      },
    },
    locked: {
      tags: 'locked',
      initial: 'settling',
      states: {
        repairing: { entry: 'repair', on: { 'index.repaired': 'settling' } },
        settling: { entry: 'endWait', on: { 'wait.over': 'intending' } },
        intending: { entry: 'noteIntent', on: { 'intent.noted': 'revising' } },
        revising: {
          entry: 'revise',
          on: {
            'unit.revised': { target: 'returning', actions: 'noteRevised' },
            'unit.lost': 'choosing',
          },
        },
        choosing: {
          entry: 'choose',
          on: { 'unit.chosen': 'intending', 'unit.none': 'unlocking' },
        },
        returning: { entry: 'publish', on: { 'unit.published': 'unlocking' } },
        unlocking: { entry: 'findNext', on: { 'next.found': '#portLock.passing' } },
      },
    },
    // From here on it may be another's.
    passing: { entry: 'passLock', on: { 'lock.passed': 'done' } },
    done: { type: 'final' },
  },
});
