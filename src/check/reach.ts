/** Whether a goal stays within reach: the finding of states from which there is no way out. */
import type { AnyStateMachine } from 'xstate';
import type { Exploration, Step } from './explore.ts';
import type { State } from './state.ts';

export interface ReachOptions<Machine extends AnyStateMachine> {
  /** Only these steps count as ways: say, the timers alone, when nobody else says a word. */
  readonly by?: (step: Step<Machine>) => boolean;
}

/** The states from which no state with the goal can be reached; none is what one hopes for. */
export function outOfReach<Machine extends AnyStateMachine>(
  { states, steps }: Exploration<Machine>,
  goal: (state: State<Machine>) => boolean,
  { by = () => true }: ReachOptions<Machine> = {},
): State<Machine>[] {
  const sources = new Map<State<Machine>, State<Machine>[]>();
  for (const step of steps.filter(by)) {
    const known = sources.get(step.nextState);
    if (known) known.push(step.state);
    else sources.set(step.nextState, [step.state]);
  }
  const reached = new Set(states.filter(goal));
  for (const state of reached) for (const source of sources.get(state) ?? []) reached.add(source);
  return states.filter((state) => !reached.has(state));
}
