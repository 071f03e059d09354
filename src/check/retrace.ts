/** The steps of a trace, taken again in the system that they are of. */
import { InterplexError } from '../errors.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { Move } from './move.ts';
import type { System } from './system.ts';
import type { Trace, TraceStep } from './trace.ts';

/** One step as it was taken again. */
export interface TakenStep {
  readonly step: TraceStep;
  readonly move: Move;
  readonly before: Int32Array;
  readonly after: Int32Array;
}

/** Takes the steps of a trace again; throws `IPX_CHECK_TRACE` at one that is not possible. */
export function retrace(system: System, { steps }: Trace): TakenStep[] {
  let before = system.start();
  return steps.map((step, index) => {
    const taken = taking(system, before, step);
    if (taken === undefined) throw impossible(step, index);
    before = taken.after;
    return taken;
  });
}

/** Undefined where that step is not possible there. */
export function taking(system: System, before: Int32Array, step: TraceStep): TakenStep | undefined {
  const wanted = plainText(step);
  let taken: TakenStep | undefined;
  system.expand(before, (next, move) => {
    if (plainText(move.step) !== wanted) return;
    taken ??= { step: move.step, move, before, after: Int32Array.from(next) };
  });
  return taken;
}

/** The steps along rows that follow from each other. */
export function traceAlong(system: System, rows: readonly Int32Array[]): TakenStep[] {
  let before = system.start();
  return rows.map((row) => {
    let taken: TakenStep | undefined;
    system.expand(before, (next, move) => {
      if (taken || !isSame(next, row)) return;
      taken = { step: move.step, move, before, after: Int32Array.from(next) };
    });
    if (taken === undefined) {
      const reason = 'A state is reached in no step: a machine is not the same at each step.';
      throw new InterplexError('IPX_CHECK_STEP', reason);
    }
    before = taken.after;
    return taken;
  });
}

const isSame = (one: Int32Array, other: Int32Array): boolean =>
  one.every((number, place) => number === other[place]);

const plainTexts = new WeakMap<TraceStep, string>();
function plainText(step: TraceStep): string {
  const known = plainTexts.get(step);
  if (known !== undefined) return known;
  const text = fingerprintOf(JSON.parse(JSON.stringify(step)));
  plainTexts.set(step, text);
  return text;
}

function impossible({ actor, kind, event }: TraceStep, index: number): InterplexError {
  const what = event === undefined ? kind : `${kind} of "${event.type}"`;
  const sentence = `Step ${index + 1} of the trace is not possible: ${actor}, ${what}.`;
  return new InterplexError('IPX_CHECK_TRACE', sentence);
}
