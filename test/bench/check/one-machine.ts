/**
 * Two-phase commit as one machine, the way in which `xstate/graph` can walk it: everybody's state
 * and the messages are its context.
 */
import { assign, setup } from 'xstate';
import { getAdjacencyMap } from 'xstate/graph';

type Verdict = 'commit' | 'abort';
interface Context {
  readonly participants: readonly ('working' | 'prepared' | 'committed' | 'aborted')[];
  readonly coordinator: 'collecting' | 'committed' | 'aborted';
  readonly noted: readonly boolean[];
  readonly sentPrepared: readonly boolean[];
  readonly verdict: Verdict | null;
}
type Event =
  | { type: 'prepare' | 'giveUp' | 'note' | 'commit' | 'abort'; index: number }
  | { type: 'decide'; verdict: Verdict };

const isPossible = (context: Context, event: Event): boolean => {
  if (event.type === 'decide') {
    const isDue = event.verdict === 'abort' || context.noted.every((noted) => noted);
    return context.coordinator === 'collecting' && isDue;
  }
  const state = context.participants[event.index];
  switch (event.type) {
    case 'prepare':
    case 'giveUp':
      return state === 'working';
    case 'note':
      return context.coordinator === 'collecting' && context.sentPrepared[event.index] === true;
    case 'commit':
    case 'abort':
      return context.verdict === event.type;
  }
};

function after(context: Context, event: Event): Context {
  const { participants, noted, sentPrepared } = context;
  if (event.type === 'decide') {
    const { verdict } = event;
    return { ...context, verdict, coordinator: verdict === 'commit' ? 'committed' : 'aborted' };
  }
  const { index } = event;
  switch (event.type) {
    case 'prepare':
      return {
        ...context,
        participants: participants.with(index, 'prepared'),
        sentPrepared: sentPrepared.with(index, true),
      };
    case 'giveUp':
    case 'abort':
      return { ...context, participants: participants.with(index, 'aborted') };
    case 'note':
      return { ...context, noted: noted.with(index, true) };
    case 'commit':
      return { ...context, participants: participants.with(index, 'committed') };
  }
}

const oneMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as { context: Context; input: number; events: Event },
  guards: { isPossible: ({ context, event }) => isPossible(context, event) },
  actions: { go: assign(({ context, event }) => after(context, event)) },
}).createMachine({
  context: ({ input }) => ({
    participants: Array.from({ length: input }, () => 'working' as const),
    coordinator: 'collecting',
    noted: Array.from({ length: input }, () => false),
    sentPrepared: Array.from({ length: input }, () => false),
    verdict: null,
  }),
  on: { '*': { guard: 'isPossible', actions: 'go' } },
});

interface Walked {
  /** Of each state the events that are possible there. */
  readonly tried: number;
  readonly ms: number;
  /** None where the walk was cut off. */
  readonly states: number | undefined;
}

/** Takes at most so many steps. */
export function walkOneMachine(count: number, stepsMax: number): Walked {
  const indexes = Array.from({ length: count }, (_, index) => index);
  const events: Event[] = [
    { type: 'decide', verdict: 'commit' },
    { type: 'decide', verdict: 'abort' },
    ...(['prepare', 'giveUp', 'note', 'commit', 'abort'] as const).flatMap((type) =>
      indexes.map((index) => ({ type, index })),
    ),
  ];
  let tried = 0;
  const offer = ({ context }: { readonly context: Context }) => {
    const possible = events.filter((event) => isPossible(context, event));
    tried += possible.length;
    return possible;
  };
  const begunAt = performance.now();
  const walk = () => getAdjacencyMap(oneMachine, { input: count, events: offer, limit: stepsMax });
  const states = untilLimit(() => Object.keys(walk()).length);
  return { tried, ms: performance.now() - begunAt, states };
}

function untilLimit<Value>(act: () => Value): Value | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof Error && error.message === 'Traversal limit exceeded') return undefined;
    throw error;
  }
}
