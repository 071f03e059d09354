/** Where a claim of whole runs is due and does not hold. */

/** The part of the graph that a run can stay in for ever without meeting the claim. */
export interface Region {
  /** By node, the index of its state. */
  readonly states: readonly number[];
  readonly offsets: readonly number[];
  readonly targets: readonly number[];
  /** By edge, the number of the fair step; negative where it need not come. */
  readonly fairAs: readonly number[];
  /** The nodes at which the claim falls due. */
  readonly starts: readonly number[];
}

/** In how many nodes each fair step is possible, and which are taken inside. */
export function fairStepsIn(
  { offsets, targets, fairAs }: Region,
  component: readonly number[],
): { readonly possible: ReadonlyMap<number, number>; readonly taken: ReadonlySet<number> } {
  const members = new Set(component);
  const possible = new Map<number, number>();
  const taken = new Set<number>();
  for (const node of component) {
    const here = new Set<number>();
    for (let edge = offsets[node]!; edge < offsets[node + 1]!; edge++) {
      const step = fairAs[edge]!;
      if (step < 0) continue;
      here.add(step);
      if (members.has(targets[edge]!)) taken.add(step);
    }
    for (const step of here) possible.set(step, (possible.get(step) ?? 0) + 1);
  }
  return { possible, taken };
}
