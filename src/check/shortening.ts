/**
 * Makes a run shorter that breaks a claim: pieces are left out, large ones first, as long as what
 * is left still breaks the same claim. After Zeller's delta debugging.
 */
import { RunWatch } from './run-watch.ts';
import type { Breach } from './run-watch.ts';
import type { System } from './system.ts';
import { taking } from './retrace.ts';
import type { TakenStep } from './retrace.ts';

export function shortened(
  system: System,
  taken: readonly TakenStep[],
  breach: Breach,
): readonly TakenStep[] {
  let shortest = taken;
  for (let size = Math.ceil(taken.length / 2); size >= 1;) {
    const shorter = withoutPiece(system, { taken: shortest, breach, size });
    if (shorter) shortest = shorter;
    else size = size === 1 ? 0 : Math.ceil(size / 2);
  }
  return shortest;
}

interface Cut {
  readonly taken: readonly TakenStep[];
  readonly breach: Breach;
  /** Steps that are left out at once. */
  readonly size: number;
}

function withoutPiece(system: System, { taken, breach, size }: Cut): TakenStep[] | undefined {
  for (let from = 0; from < taken.length; from += size) {
    const shorter = broken(system, taken.toSpliced(from, size), breach);
    if (shorter && shorter.length < taken.length) return shorter;
  }
  return undefined;
}

/** As far as the claim is broken, without the steps that are not possible any more. */
function broken(
  system: System,
  wished: readonly TakenStep[],
  breach: Breach,
): TakenStep[] | undefined {
  const watch = new RunWatch(system);
  const taken: TakenStep[] = [];
  let row = system.start();
  const isBroken = () => {
    const found = watch.arrive(row, prospectsAt(system, row));
    return found?.property === breach.property && found.kind === breach.kind;
  };
  if (isBroken()) return taken;
  for (const { step } of wished) {
    const next = taking(system, row, step);
    if (next === undefined) continue;
    taken.push(next);
    row = next.after;
    if (isBroken()) return taken;
  }
  return undefined;
}

function prospectsAt(system: System, row: Int32Array) {
  let isStuck = true;
  let mayStay = true;
  system.expand(row, (_, { isFault, fairAs }) => {
    if (!isFault) isStuck = false;
    if (fairAs >= 0) mayStay = false;
  });
  return { isStuck, mayStay };
}
