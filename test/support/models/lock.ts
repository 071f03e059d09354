/** The lock of example 06, and the two to whom it is lent for some time. */
import { actor } from 'interplex/check';
import { assign, createMachine, sendTo, setup } from 'xstate';
import type { AnyActorRef } from 'xstate';

const named = (system: AnyActorRef['system'], name: string) => system.get(name) as AnyActorRef;
const lockMachine = createMachine({
  id: 'lock',
  context: { owner: '' },
  initial: 'free',
  states: {
    free: {
      on: {
        acquire: { target: 'lent', actions: assign({ owner: ({ event }) => `${event.from}` }) },
      },
    },
    lent: {
      entry: sendTo(({ system, context }) => named(system, context.owner), { type: 'granted' }),
      on: {
        release: { guard: ({ context, event }) => event.from === context.owner, target: 'free' },
      },
      after: { 10_000: 'free' },
    },
  },
});
const clientMachine = setup({
  actions: {
    tellLock: sendTo(
      ({ system }) => named(system, 'lock'),
      ({ context }, type: 'acquire' | 'release') => ({ type, from: context['name'] as string }),
    ),
  },
}).createMachine({
  id: 'client',
  context: ({ input }) => ({ name: input }),
  initial: 'waiting',
  states: {
    waiting: { entry: { type: 'tellLock', params: 'acquire' }, on: { granted: 'holding' } },
    holding: { exit: { type: 'tellLock', params: 'release' }, after: { 100: 'done' } },
    done: { type: 'final' },
  },
});
export const lending = {
  lock: actor(lockMachine),
  ann: actor(clientMachine, { input: 'ann' }),
  bob: actor(clientMachine, { input: 'bob' }),
};
