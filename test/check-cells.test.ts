/**
 * Goal: memory that actors share is swapped within their steps (AF-8).
 * Method: two actors that take one place: over a cell each knows at once whether it has it.
 */
import { actor, checkModel } from 'interplex/check';
import type { SystemState } from 'interplex/check';
import { expect, test } from 'vitest';
import { assign, sendTo, setup } from 'xstate';
import type { AnyActorRef, AnyStateMachine } from 'xstate';

const placeMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as { context: { owner: string }; events: { type: 'take'; by: string } },
  guards: { isFree: ({ context }) => context.owner === '' },
}).createMachine({
  id: 'place',
  context: { owner: '' },
  on: {
    take: {
      guard: 'isFree',
      actions: [
        assign({ owner: ({ event }) => event.by }),
        sendTo(({ system, event }) => system.get(event.by) as AnyActorRef, { type: 'taken' }),
      ],
    },
  },
});

const takerMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as {
    context: { name: string };
    input: { name: string };
    events: { type: 'go' } | { type: 'taken' };
  },
}).createMachine({
  id: 'taker',
  context: ({ input }) => input,
  initial: 'waiting',
  states: {
    waiting: {
      after: { 1: 'asking' },
    },
    asking: {
      entry: sendTo(
        ({ system }) => system.get('place') as AnyActorRef,
        ({ context }) => ({ type: 'take', by: context.name }),
      ),
      on: { taken: 'owning' },
    },
    owning: {},
  },
});

const taking = (cells: readonly string[]) => ({
  actors: {
    place: actor(placeMachine as AnyStateMachine),
    a: actor(takerMachine as AnyStateMachine, { input: { name: 'a' } }),
    b: actor(takerMachine as AnyStateMachine, { input: { name: 'b' } }),
  },
  cells,
  deadlock: 'fine' as const,
  properties: [
    {
      always: 'the owner knows that it is one',
      holds: ({ actors }: SystemState) => {
        const { owner } = actors['place']!.context as { owner: string };
        return owner === '' || actors[owner]!.matches('owning');
      },
    },
  ],
});

test('AF-8 what is sent to a cell, and its answer, are received within the step', async () => {
  expect(await checkModel(taking(['place']))).toMatchObject({ outcome: 'passed', states: 5 });
  expect(await checkModel(taking([]))).toMatchObject({ outcome: 'violated' });
});
