/**
 * Claims of whole runs: a run breaks one if it goes on for ever where the claim does not hold, and
 * is weakly fair. Such a run ends up in one component of the graph of those states. For weak
 * fairness the largest components are enough: a fair step that is possible in every state of a
 * component and never taken inside it is so in each part of it too. Staying in a state is a run
 * where no fair step is possible. After the automata-theoretic way of SPIN and TLC, without the
 * product: the two claims need none.
 */
import { componentsOf } from './components.ts';
import { lassoOf } from './lasso.ts';
import { fairStepsIn } from './region.ts';
import type { Region } from './region.ts';
import { claimsOf } from './properties.ts';
import type { Named, RunClaim } from './properties.ts';
import { evaluate } from './judge.ts';
import type { StateSet } from './state-set.ts';
import type { System } from './system.ts';
import type { SystemState } from './system-state.ts';

export interface LivenessFinding {
  readonly property: string;
  readonly kind: 'may never come' | 'vacuous';
  /** By index, the states after the start; none where the premise never held. */
  readonly path?: readonly number[];
  readonly cycleFrom?: number;
}

/** Work that pauses now and then: whoever drives it may let others go on, or leave it there. */
export type Paused<Result> = Generator<void, Result>;

/** Between two pauses, states. */
const pauseEvery = 1 << 12;

/** The first claim that a fair run breaks; the set must hold every state. */
export function* livenessFinding(
  system: System,
  set: StateSet,
): Paused<LivenessFinding | undefined> {
  for (const claim of claimsOf(system.model.properties).ofRuns) {
    const found = yield* findingFor(system, set, claim);
    if (found) return found;
  }
  return undefined;
}

function* findingFor(
  system: System,
  set: StateSet,
  { name, claim, premise }: RunClaim<SystemState>,
): Paused<LivenessFinding | undefined> {
  const pending = yield* verdicts(system, set, { name, claim: (state) => !claim(state) });
  const due =
    premise === undefined
      ? Uint8Array.of(1)
      : yield* verdicts(system, set, { name, claim: premise });
  if (!due.includes(1)) return { property: name, kind: 'vacuous' };
  const starts: number[] = [];
  for (let index = 0; index < due.length; index++) {
    if (due[index] === 1 && pending[index] === 1) starts.push(index);
  }
  const region = yield* regionFrom(system, set, { starts, pending });
  const fair = componentsOf(region).filter((component) => isFair(region, component));
  if (fair.length === 0) return undefined;
  return { property: name, kind: 'may never come', ...lassoOf(set, region, fair) };
}

/** By index, 1 where the claim holds. */
function* verdicts(
  system: System,
  set: StateSet,
  { name, claim }: Named<SystemState>,
): Paused<Uint8Array> {
  const cursor = system.cursor();
  const row = new Int32Array(set.width);
  const held = new Uint8Array(set.count);
  for (let index = 0; index < set.count; index++) {
    set.read(index, row);
    cursor.show(row);
    held[index] = evaluate({ name, claim }, cursor.state) ? 1 : 0;
    if (index % pauseEvery === 0) yield;
  }
  return held;
}

interface Due {
  readonly starts: readonly number[];
  readonly pending: Uint8Array;
}

/** What can be reached from the starts while the claim does not hold, breadth first. */
function* regionFrom(system: System, set: StateSet, { starts, pending }: Due): Paused<Region> {
  const nodeOf = new Int32Array(set.count).fill(-1);
  const states: number[] = [];
  const nodeAt = (index: number) => {
    if (pending[index] !== 1) return -1;
    if (nodeOf[index]! < 0) nodeOf[index] = states.push(index) - 1;
    return nodeOf[index]!;
  };
  const region = { states, offsets: [0], targets: [] as number[], fairAs: [] as number[] };
  const roots = starts.map((start) => nodeAt(start));
  const row = new Int32Array(set.width);
  for (let node = 0; node < states.length; node++) {
    const index = states[node]!;
    set.read(index, row);
    system.expand(row, (next, { fairAs }) => {
      const target = set.indexOf(next);
      if (target === index) return; // A step that changes nothing is none to wait for.
      region.targets.push(nodeAt(target));
      region.fairAs.push(fairAs);
    });
    region.offsets.push(region.targets.length);
    if (node % pauseEvery === 0) yield;
  }
  return { ...region, starts: roots };
}

/** Whether a run that stays in the component can be fair. */
function isFair(region: Region, component: readonly number[]): boolean {
  const { possible, taken } = fairStepsIn(region, component);
  return Array.from(possible).every(([step, count]) => count < component.length || taken.has(step));
}
