/**
 * Random walks through a model, for spaces too large to explore: what they find is real, and what
 * they do not find may be there all the same. After the walks of TLC and FoundationDB.
 */
import type { Coverage } from './coverage.ts';
import type { Model } from './model.ts';
import type { AnyActors } from './model-actor.ts';
import { claimsOf } from './properties.ts';
import { violationAlong } from './report.ts';
import type { Violation } from './report.ts';
import { RunWatch } from './run-watch.ts';
import type { Breach, Prospects } from './run-watch.ts';
import { shortened } from './shortening.ts';
import { System } from './system.ts';
import type { TakenStep } from './retrace.ts';
import { randomOf } from './random.ts';

export interface SimulateOptions {
  /** Whole; the same seed walks the same ways. */
  readonly seed: number;
  /** Walks, each from the start. Default: 1,000. */
  readonly runs?: number;
  /** Steps of a walk. Default: 200. */
  readonly steps?: number;
}

interface Figures {
  /** Walks that were begun. */
  readonly runs: number;
  /** Steps altogether. */
  readonly steps: number;
  /** Claims `sometimes` that held in no state: none, or not yet. */
  readonly unseen: readonly string[];
  readonly coverage: Readonly<Record<string, Coverage>>;
}
export type Simulation<Actors extends AnyActors = AnyActors> = Figures &
  (
    | { readonly outcome: 'nothing found' }
    | {
        readonly outcome: 'violated';
        /** With one run, this seed finds it again. */
        readonly seed: number;
        /** Its trace is shortened: no step of it can be left out. */
        readonly violation: Violation<Actors>;
      }
  );

const runsDefault = 1_000;
const stepsDefault = 200;

/**
 * Walks at random, blocking, until a claim is broken or all runs are done. Claims of whole runs are
 * broken where a run comes to stay, not where it goes round. Throws what `checkModel` throws.
 */
export function simulate<Actors extends AnyActors>(
  model: Model<Actors>,
  { seed, runs = runsDefault, steps: stepsMax = stepsDefault }: SimulateOptions,
): Simulation<Actors> {
  const system = new System(model);
  const any = system as System;
  const unseen = new Set(claimsOf(model.properties).possibilities.map(({ name }) => name));
  let steps = 0;
  for (let run = 0; run < runs; run++) {
    const walk = walkOf(any, { seed: seed + run, stepsMax });
    steps += walk.taken.length;
    for (const name of walk.seen) unseen.delete(name);
    if (walk.breach === undefined) continue;
    const taken = shortened(any, walk.taken, walk.breach);
    const figures = { runs: run + 1, steps, unseen: Array.from(unseen) };
    const cycleFrom = walk.breach.kind === 'may never come' ? taken.length : undefined;
    const violation = violationAlong(system, walk.breach, taken, cycleFrom);
    const report = { ...figures, coverage: system.coverage(), seed: seed + run };
    return { ...report, outcome: 'violated', violation };
  }
  const figures = { runs, steps, unseen: Array.from(unseen) };
  return { ...figures, coverage: system.coverage(), outcome: 'nothing found' };
}

interface Walk {
  readonly taken: readonly TakenStep[];
  readonly breach: Breach | undefined;
  readonly seen: ReadonlySet<string>;
}

function walkOf(
  system: System,
  { seed, stepsMax }: { readonly seed: number; readonly stepsMax: number },
): Walk {
  const watch = new RunWatch(system);
  const random = randomOf(seed);
  const taken: TakenStep[] = [];
  let row = system.start();
  for (;;) {
    const { next, ...prospects } = choiceAt(system, row, random);
    const breach = watch.arrive(row, prospects);
    if (breach || next === undefined || taken.length === stepsMax) {
      return { taken, breach, seen: watch.seen };
    }
    taken.push(next);
    row = next.after;
  }
}

/** One of the steps that are possible, each as likely as another. */
function choiceAt(
  system: System,
  before: Int32Array,
  random: () => number,
): Prospects & { readonly next: TakenStep | undefined } {
  let count = 0;
  let isStuck = true;
  let mayStay = true;
  let next: TakenStep | undefined;
  system.expand(before, (after, move) => {
    if (!move.isFault) isStuck = false;
    if (move.fairAs >= 0) mayStay = false;
    if (random() * ++count >= 1) return;
    next = { step: move.step, move, before, after: Int32Array.from(after) };
  });
  return { next, isStuck, mayStay };
}
