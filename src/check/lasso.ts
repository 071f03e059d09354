/** A run that breaks a claim of whole runs: a way into a component, and round in it for ever. */
import { fairStepsIn } from './region.ts';
import type { Region } from './region.ts';
import { pathTo } from './state-set.ts';
import type { StateSet } from './state-set.ts';

interface Lasso {
  /** By index, the states after the start. */
  readonly path: readonly number[];
  /** Where the round begins; the length of the path where the run stays at its end. */
  readonly cycleFrom: number;
}

export function lassoOf(set: StateSet, region: Region, fair: readonly number[][]): Lasso {
  const componentOf = new Map(fair.flatMap((nodes) => nodes.map((node) => [node, nodes] as const)));
  const isFair = (node: number) => componentOf.has(node);
  const entry = shortest(region, region.starts, { isGoal: isFair })!;
  const [start, ...way] = entry;
  const stem = pathTo(set, region.states[start!]!);
  const round = roundFrom(region, entry.at(-1)!, componentOf.get(entry.at(-1)!)!);
  const path = [...stem, ...[...way, ...round].map((node) => region.states[node]!)];
  return { path, cycleFrom: path.length - round.length };
}

/** Back to where it began, through all that makes it fair: the nodes after the first. */
function roundFrom(region: Region, first: number, component: readonly number[]): number[] {
  if (component.length === 1) return [];
  const members = new Set(component);
  const isInside = (node: number) => members.has(node);
  const { possible, taken } = fairStepsIn(region, component);
  const round: number[] = [];
  let at = first;
  const go = (way: readonly number[] | undefined) => {
    const nodes = way?.slice(1) ?? [];
    round.push(...nodes);
    at = round.at(-1) ?? first;
  };
  for (const step of possible.keys()) {
    // A fair step is taken, or is at some time not possible.
    if (isServed(region, [first, ...round], step)) continue;
    const wish = taken.has(step)
      ? { takes: step }
      : { isGoal: (node: number) => !isPossible(region, node, step) };
    go(shortest(region, [at], { isInside, ...wish }));
  }
  if (round.length === 0) go(shortest(region, [at], { isInside, takes: -1 }));
  if (at !== first) go(shortest(region, [at], { isInside, isGoal: (node) => node === first }));
  return round;
}

/** Whether along these nodes the step is taken, or is once not possible. */
const isServed = (region: Region, nodes: readonly number[], step: number): boolean =>
  nodes.some(
    (node, index) =>
      !isPossible(region, node, step) || leadsTo(region, [node, nodes[index + 1]], step),
  );

function leadsTo(
  { offsets, targets, fairAs }: Region,
  [from, to]: readonly [number, number | undefined],
  step: number,
): boolean {
  for (let edge = offsets[from]!; edge < offsets[from + 1]!; edge++) {
    if (targets[edge] === to && fairAs[edge] === step) return true;
  }
  return false;
}

function isPossible({ offsets, fairAs }: Region, node: number, step: number): boolean {
  for (let edge = offsets[node]!; edge < offsets[node + 1]!; edge++) {
    if (fairAs[edge] === step) return true;
  }
  return false;
}

interface Wish {
  readonly isInside?: (node: number) => boolean;
  readonly isGoal?: (node: number) => boolean;
  /** The way ends with this step; -1: with any that need not come. */
  readonly takes?: number;
}

/** A shortest way from one of the nodes, with that node. */
function shortest(
  { offsets, targets, fairAs }: Region,
  from: readonly number[],
  { isInside = () => true, isGoal = () => false, takes }: Wish,
): number[] | undefined {
  const cameFrom = new Map<number, number>(from.map((node) => [node, -1]));
  for (const node of cameFrom.keys()) {
    if (isGoal(node)) return wayTo(cameFrom, node);
    for (let edge = offsets[node]!; edge < offsets[node + 1]!; edge++) {
      const target = targets[edge]!;
      if (target < 0 || !isInside(target)) continue;
      if (takes !== undefined && fairAs[edge] === takes) return [...wayTo(cameFrom, node), target];
      if (!cameFrom.has(target)) cameFrom.set(target, node);
    }
  }
  return undefined;
}

function wayTo(cameFrom: ReadonlyMap<number, number>, node: number): number[] {
  const way: number[] = [];
  for (let at = node; at >= 0; at = cameFrom.get(at)!) way.unshift(at);
  return way;
}
