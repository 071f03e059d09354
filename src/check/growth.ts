/** Tells a space that is only large from one without end: what grows along a path, and where. */
import type { AnyEventObject, StateValue } from 'xstate';
import { fingerprintOf } from './fingerprint.ts';

/** As much of a state and of a step as shows growth. */
interface Place {
  readonly value: StateValue;
  readonly context: object;
  readonly outstanding: readonly unknown[];
}
export interface Waypoint {
  readonly state: Place;
  readonly event: AnyEventObject;
  readonly nextState: Place;
}

export interface Growth {
  readonly part: string;
  /** The state and the event at which it grew last. */
  readonly value: StateValue;
  readonly event: AnyEventObject;
}

const timesMin = 4; // chosen: a counter up to three is common, and the limit was reached besides
const answers = 'the list of outstanding answers';

/** The part that grew most often while the machine came back to one state value, if any did. */
export function growthAlong(path: readonly Waypoint[]): Growth | undefined {
  const context = path.at(-1)?.nextState.context ?? {};
  const parts = [...Object.keys(context).map((name) => `context.${name}`), answers];
  const [most] = parts
    .map((part) => ({ part, times: Math.max(...timesGrown(path, part)) }))
    .toSorted((a, b) => b.times - a.times);
  if (!most || most.times < timesMin) return undefined;
  const { part } = most;
  const last = path.findLast((step) => sizeOf(step.nextState, part) > sizeOf(step.state, part));
  return last && { part, value: last.state.value, event: last.event };
}

/** By state value, how often a part was larger than at the visit before. */
const timesGrown = (path: readonly Waypoint[], part: string): number[] =>
  Array.from(visitsByValue(path).values(), (visits) => {
    const sizes = visits.map((visit) => sizeOf(visit, part));
    return sizes.filter((size, index) => size > (sizes[index - 1] ?? size)).length;
  });

function visitsByValue(path: readonly Waypoint[]): Map<string, Place[]> {
  const visits = new Map<string, Place[]>();
  for (const { nextState } of path) {
    const key = fingerprintOf(nextState.value);
    visits.set(key, [...(visits.get(key) ?? []), nextState]);
  }
  return visits;
}

function sizeOf({ context, outstanding }: Place, part: string): number {
  if (part === answers) return outstanding.length;
  const value: unknown = (context as Record<string, unknown>)[part.slice('context.'.length)];
  return typeof value === 'number' ? Math.abs(value) : fingerprintOf(value).length;
}
