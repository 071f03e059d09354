/** What a check came to. */
import { InterplexError } from '../errors.ts';
import type { Coverage } from './coverage.ts';
import { growthAlong } from './growth.ts';
import type { Growth } from './growth.ts';
import type { LivenessFinding } from './liveness.ts';
import type { AnyActors } from './model-actor.ts';
import type { ViolationKind } from './properties.ts';
import type { Finding, FoundViolation, LimitName } from './judge.ts';
import { pathTo, rowAt } from './state-set.ts';
import type { StateSet } from './state-set.ts';
import type { System } from './system.ts';
import type { SystemState } from './system-state.ts';
import { traceAlong } from './retrace.ts';
import type { Trace } from './trace.ts';
import type { TakenStep } from './retrace.ts';
import { diagramOfTrace, placeOf, textOfTrace } from './trace-text.ts';

export interface Violation<Actors extends AnyActors = AnyActors> {
  /** The claim's name. */
  readonly property: string;
  /**
   * `broken` in a state; `deadlock`: nobody can go on; `may never come`: a fair run without it;
   * `never held`, `vacuous`: in no state at all.
   */
  readonly kind: ViolationKind;
  /** A shortest way there; none where something never held. */
  readonly trace?: Trace;
  /** The last state of the trace. */
  readonly state?: SystemState<Actors>;
  /** In numbered lines. */
  readonly text: string;
  /** As a Mermaid sequence diagram. */
  readonly diagram?: string;
}

interface Figures {
  /** Unique states. */
  readonly states: number;
  /** Transitions that were tried. */
  readonly tried: number;
  /** Steps to the farthest state. */
  readonly depth: number;
  readonly ms: number;
  /** What the states took, in bytes. */
  readonly bytes: number;
  /**
   * By the id of the machine (a second of that id: `id (2)`), the states and edges that no run went
   * through.
   */
  readonly coverage: Readonly<Record<string, Coverage>>;
}

export type Report<Actors extends AnyActors = AnyActors> = Figures &
  (
    | { readonly outcome: 'passed' }
    | { readonly outcome: 'violated'; readonly violation: Violation<Actors> }
    /** Not all was seen: this is no pass. */
    | { readonly outcome: 'limit'; readonly limit: LimitName }
  );

/** A search that has come to an end. */
export interface Searched {
  readonly finding: Finding;
  readonly states: number;
  readonly tried: number;
  readonly depth: number;
  readonly ms: number;
  readonly bytes: number;
  readonly coverage: Figures['coverage'];
  readonly set: StateSet;
}

export function reportOf<Actors extends AnyActors>(
  system: System<Actors>,
  search: Searched,
  liveness: LivenessFinding | undefined,
): Report<Actors> {
  const { finding, states, tried, depth, ms, bytes, coverage } = search;
  const report = { states, tried, depth, ms, bytes, coverage };
  if (finding.type === 'violation') {
    const violation = stateViolation(system, finding, search.set);
    return { ...report, outcome: 'violated', violation };
  }
  if (finding.type === 'limit') {
    const isLarge = finding.limit === 'states' || finding.limit === 'bytes';
    if (isLarge) requireNoGrowth(system as System, search.set);
    return { ...report, outcome: 'limit', limit: finding.limit };
  }
  if (liveness === undefined) return { ...report, outcome: 'passed' };
  const violation = livenessViolation(system, liveness, search.set);
  return { ...report, outcome: 'violated', violation };
}

function stateViolation<Actors extends AnyActors>(
  system: System<Actors>,
  { kind, property, index }: FoundViolation,
  set: StateSet,
): Violation<Actors> {
  if (index < 0) return { kind, property, text: `"${property}" held in no state.` };
  const rows = pathTo(set, index).map((at) => rowAt(set, at));
  return violationAlong(system, { kind, property }, traceAlong(system as System, rows));
}

function livenessViolation<Actors extends AnyActors>(
  system: System<Actors>,
  { kind, property, path, cycleFrom }: LivenessFinding,
  set: StateSet,
): Violation<Actors> {
  if (path === undefined) {
    return { kind, property, text: `"${property}" claims nothing: its premise never held.` };
  }
  const rows = path.map((at) => rowAt(set, at));
  const taken = traceAlong(system as System, rows);
  return violationAlong(system, { kind, property }, taken, cycleFrom);
}

export function violationAlong<Actors extends AnyActors>(
  system: System<Actors>,
  { kind, property }: Pick<Violation, 'kind' | 'property'>,
  taken: readonly TakenStep[],
  cycleFrom?: number,
): Violation<Actors> {
  const steps = taken.map(({ step }) => step);
  const state = system.stateOf(taken.at(-1)?.after ?? system.start());
  const steady = textOfTrace(system as System, taken, cycleFrom);
  const head = `"${property}": ${kind}, after ${steps.length} steps.`;
  return {
    kind,
    property,
    trace: cycleFrom === undefined ? { steps } : { steps, cycleFrom },
    state,
    text: [head, steady, `     ${placeOf(state as SystemState)}`].join('\n'),
    diagram: diagramOfTrace(system.names, steps),
  };
}

/** A space without end is an error in a machine, and none of the limit. */
function requireNoGrowth(system: System, set: StateSet): void {
  const rows = pathTo(set, set.count - 1).map((at) => rowAt(set, at));
  const taken = traceAlong(system, rows);
  const found = system.names
    .map((name) => ({ name, growth: growthOf(system, name, taken) }))
    .find(({ growth }) => growth !== undefined);
  if (found?.growth === undefined) return;
  const { part, value, event } = found.growth;
  const where = `in ${JSON.stringify(value)}, at "${event.type}"`;
  const sentence = `Actor "${found.name}", ${where}: ${part} keeps growing.`;
  throw new InterplexError('IPX_CHECK_CONTEXT', `${sentence} There is no end to the states.`);
}

function growthOf(system: System, name: string, taken: readonly TakenStep[]): Growth | undefined {
  const own = taken.filter(({ step }) => step.actor === name && step.event !== undefined);
  const waypoints = own.map(({ step, before, after }) => ({
    state: system.stateOf(before).actors[name]!,
    event: step.event!,
    nextState: system.stateOf(after).actors[name]!,
  }));
  return growthAlong(waypoints);
}
