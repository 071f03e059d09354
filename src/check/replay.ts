/** Runs a trace again, against the machines as they are now. */
import type { Model } from './model.ts';
import type { AnyActors } from './model-actor.ts';
import { claimsOf } from './properties.ts';
import { evaluate } from './judge.ts';
import { System } from './system.ts';
import type { SystemState } from './system-state.ts';
import { retrace } from './retrace.ts';
import type { Trace } from './trace.ts';

export interface Replay<Actors extends AnyActors = AnyActors> {
  /** The state at the start, and after each step. */
  readonly states: readonly SystemState<Actors>[];
  /** The last of them. */
  readonly state: SystemState<Actors>;
  /** The names of the claims `always` and `never` that do not hold there. */
  readonly broken: readonly string[];
}

/**
 * Takes the steps of a trace in a model; nothing is explored. Throws `IPX_CHECK_TRACE` at the first
 * step that is not possible: the machines, or the model, are no more what they were.
 */
export function replay<Actors extends AnyActors>(
  model: Model<Actors>,
  trace: Trace,
): Replay<Actors> {
  const system = new System(model);
  const taken = retrace(system as System, trace);
  const first = system.stateOf(system.start());
  const states = [first, ...taken.map(({ after }) => system.stateOf(after))];
  const state = states.at(-1) ?? first;
  return { states, state, broken: brokenIn(model, state) };
}

/** The names of the claims `always` and `never` that do not hold in a state. */
export const brokenIn = <Actors extends AnyActors>(
  { properties }: Model<Actors>,
  state: SystemState<Actors>,
): string[] =>
  claimsOf(properties)
    .invariants.filter(({ name, claim }) => {
      const anyClaim = claim as (state: SystemState) => boolean;
      return !evaluate({ name, claim: anyClaim }, state as SystemState);
    })
    .map(({ name }) => name);
