/**
 * A stack that takes a unit of ports, holds it for some time and gives it back, each by a run of
 * the lock machine; and that reclaims what a dead one held.
 */
import { assign, enqueueActions, setup } from 'xstate';
import type { AnyActorRef } from 'xstate';
import { portLockMachine, type PortLockEvent } from '../../../actors/ports/port-lock.ts';
import { unprovided } from '../../../actors/unprovided.ts';
import type { ModelEnvironment } from '../model-actor.ts';
import type { LockEffect, PortWish } from './port-memory.ts';

export interface PortStack {
  readonly name: string;
  /** Whom it has to bury; empty: nobody. */
  readonly dead: string;
  readonly fact: PortLockEvent['type'];
}
type PortStackEvent =
  | { type: 'memory.answered'; fact: PortLockEvent['type'] } // at once; it hears of it later
  | { type: 'peer.died'; stack: string }
  | PortLockEvent;

const isRevised = ({ event }: { readonly event: unknown }) =>
  (event as { output?: unknown }).output === 'revised';
const lock = { src: 'lock', id: 'lock' } as const;

export const portStackMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as {
    context: PortStack;
    input: { name: string };
    events: PortStackEvent;
    children: { lock: 'lock' };
  },
  actors: { lock: portLockMachine },
  guards: { isRevised, mustBury: ({ context }) => context.dead !== '' },
  actions: {
    hear: unprovided('hear'),
    noteFact: assign({ fact: (_, fact: PortLockEvent['type']) => fact }),
    noteDead: assign({ dead: (_, dead: string) => dead }),
    noteBuried: assign({ dead: '' }),
    want: enqueueActions(({ context: { name: stack, dead }, system, enqueue }, wish: PortWish) => {
      const memory = system.get('memory') as AnyActorRef;
      enqueue.sendTo(memory, { type: 'wanted', stack, wish, dead });
    }),
    tellLock: enqueueActions(({ event, enqueue }) => {
      enqueue.sendTo('lock', event);
    }),
  },
}).createMachine({
  id: 'portStack',
  context: ({ input }) => ({ ...input, dead: '', fact: 'lock.changed' }),
  initial: 'taking',
  on: {
    'memory.answered': {
      actions: [{ type: 'noteFact', params: ({ event }) => event.fact }, 'hear'],
    },
    'peer.died': { actions: { type: 'noteDead', params: ({ event }) => event.stack } },
    '*': { actions: 'tellLock' },
  },
  states: {
    taking: {
      entry: { type: 'want', params: 'take' },
      invoke: { ...lock, onDone: [{ guard: 'isRevised', target: 'holding' }, { target: 'idle' }] },
    },
    holding: { after: { 1: 'giving' } },
    giving: {
      entry: { type: 'want', params: 'give' },
      invoke: { ...lock, onDone: 'idle' },
    },
    idle: { always: { guard: 'mustBury', target: 'unlocking' } },
    unlocking: {
      entry: { type: 'want', params: 'unlock' },
      invoke: { ...lock, onDone: 'burying' },
    },
    burying: {
      entry: { type: 'want', params: 'bury' },
      invoke: {
        ...lock,
        onDone: [{ guard: 'isRevised', target: 'burying', reenter: true }, { target: 'freeing' }],
      },
    },
    freeing: {
      entry: { type: 'want', params: 'free' },
      invoke: {
        ...lock,
        onDone: [
          { guard: 'isRevised', target: 'freeing', reenter: true },
          { target: 'idle', actions: 'noteBuried' },
        ],
      },
    },
  },
});

export const portStackEnvironment: ModelEnvironment<typeof portStackMachine> = {
  effects: { hear: ({ context: { fact } }) => [{ type: fact }] },
};

/** All that a run of the lock does, but to wait for it. */
export const lockEffects: readonly LockEffect[] = [
  'choose',
  'announceWait',
  'tryLock',
  'seize',
  'repair',
  'endWait',
  'noteIntent',
  'revise',
  'publish',
  'findNext',
  'passLock',
];
/** Each effect is performed at once, by the memory; the lock hears of it later, or never. */
export const portLockEnvironment = (stack: string): ModelEnvironment<typeof portLockMachine> => ({
  effects: {
    ...Object.fromEntries(
      lockEffects.map((effect) => [
        effect,
        () => [{ to: 'memory', event: { type: 'perform', stack, effect } as const }],
      ]),
    ),
    awaitLock: () => [{ type: 'lock.changed' }],
  },
});
