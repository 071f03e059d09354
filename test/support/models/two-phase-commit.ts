/**
 * Two-phase commit, as in "Consensus on Transaction Commit" (Gray and Lamport, 2004) and in
 * stateright's `2pc.rs`: their resource manager is a participant here, their transaction manager
 * the coordinator.
 */
import { actor } from 'interplex/check';
import type { ModelActor } from 'interplex/check';
import { assign, enqueueActions, fromPromise, sendTo, setup } from 'xstate';
import type { AnyActorRef } from 'xstate';

/** XState does not know who is there. */
const named = (system: ActorSystem, name: string) => system.get(name) as AnyActorRef;
type ActorSystem = AnyActorRef['system'];

const participantMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as {
    context: { readonly name: string };
    input: { readonly name: string };
    events: { type: 'commit' } | { type: 'abort' };
  },
  actors: { work: fromPromise(async () => {}) },
  actions: {
    tellPrepared: sendTo(
      ({ system }) => named(system, 'coordinator'),
      ({ context }) => ({ type: 'participant.prepared', name: context.name }),
    ),
  },
}).createMachine({
  id: 'participant',
  context: ({ input }) => input,
  initial: 'working',
  on: { commit: '.committed', abort: '.aborted' },
  states: {
    working: { invoke: { src: 'work', id: 'work', onDone: 'prepared', onError: 'aborted' } },
    prepared: { entry: 'tellPrepared' },
    committed: { type: 'final' },
    aborted: { type: 'final' },
  },
});

/** By name: a list would put them in an order, and then none could stand for another. */
type Names = Readonly<Record<string, true>>;

interface Coordinator {
  readonly participants: Names;
  readonly prepared: Names;
}

export const coordinatorMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as {
    context: Coordinator;
    input: Names;
    events: { type: 'participant.prepared'; name: string } | { type: 'decide' };
  },
  guards: {
    isUnanimous: ({ context: { participants, prepared } }) =>
      Object.keys(prepared).length === Object.keys(participants).length,
  },
  delays: { patience: 1_000 },
  actions: {
    notePrepared: assign({
      prepared: ({ context, event }) =>
        event.type === 'participant.prepared'
          ? { ...context.prepared, [event.name]: true as const }
          : context.prepared,
    }),
    tellAll: enqueueActions(({ context, enqueue }, verdict: 'commit' | 'abort') => {
      for (const name of Object.keys(context.participants)) {
        enqueue.sendTo(({ system }) => named(system, name), { type: verdict });
      }
    }),
  },
}).createMachine({
  id: 'coordinator',
  context: ({ input }) => ({ participants: input, prepared: {} }),
  initial: 'collecting',
  states: {
    collecting: {
      on: {
        'participant.prepared': { actions: 'notePrepared' },
        decide: { guard: 'isUnanimous', target: 'committed' },
      },
      after: { patience: 'aborted' },
    },
    committed: { type: 'final', entry: { type: 'tellAll', params: 'commit' } },
    aborted: { type: 'final', entry: { type: 'tellAll', params: 'abort' } },
  },
});

/** Whoever works ends it well or badly; the coordinator decides when it likes. */
const work = () =>
  [{ type: 'xstate.done.actor.work' }, { type: 'xstate.error.actor.work' }] as const;

type Name = `participant-${number}`;
type Actors = Readonly<Record<Name, ModelActor<typeof participantMachine>>> & {
  readonly coordinator: ModelActor<typeof coordinatorMachine>;
};

export function twoPhaseCommit(count: number, coordinating = coordinatorMachine) {
  const names = Array.from({ length: count }, (_, index): Name => `participant-${index + 1}`);
  const participants = Object.fromEntries(
    names.map((name) => [
      name,
      actor(participantMachine, { input: { name }, environment: { effects: { work } } }),
    ]),
  );
  const coordinator = actor(coordinating, {
    input: Object.fromEntries(names.map((name) => [name, true as const])),
    environment: { unasked: [{ type: 'decide' }] },
  });
  const actors: Actors = { ...participants, coordinator };
  return { names, actors };
}
