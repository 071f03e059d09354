/** Checks a model: every state of it, every claim (AF-8). */
import { livenessFinding } from './liveness.ts';
import type { Paused } from './liveness.ts';
import type { Model } from './model.ts';
import type { AnyActors } from './model-actor.ts';
import { claimsOf } from './properties.ts';
import { reportOf } from './report.ts';
import type { Report, Searched } from './report.ts';
import { Search } from './search.ts';
import { System } from './system.ts';

export interface CheckOptions {
  /** Aborting it ends the check with what was covered so far: the outcome `limit`. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}
export interface Progress {
  readonly states: number;
  /** States that are found and not yet expanded. */
  readonly queued: number;
  readonly tried: number;
  readonly ms: number;
}

const turnMs = 100; // chosen: signals and progress are seen ten times a second

/**
 * Explores `model` in this thread, giving way ten times a second, and ends at the first violation,
 * the first limit or when every state was seen. Throws `IPX_CHECK_ENVIRONMENT` for an effect that
 * no environment answers, `IPX_CHECK_CONTEXT` for a context that cannot be compared or keeps
 * growing, `IPX_CHECK_STEP` for a step that throws or a message to nobody, `IPX_CHECK_PROPERTY` for
 * a claim that throws, each with the actor, its state and the event; and `IPX_OPTION_INVALID`.
 */
export async function checkModel<Actors extends AnyActors>(
  model: Model<Actors>,
  { signal, onProgress }: CheckOptions = {},
): Promise<Report<Actors>> {
  const system = new System(model);
  const search = new Search(system as System);
  while (search.finding === undefined) {
    search.advance(turnMs);
    const { states, queued, tried, ms } = search;
    onProgress?.({ states, queued, tried, ms });
    await new Promise((resolve) => setImmediate(resolve));
    if (signal?.aborted) search.finding ??= { type: 'limit', limit: 'stopped' };
  }
  return judged(system, search.ended, signal);
}

/**
 * What it came to: when every state was seen, claims of whole runs are judged too, within the same
 * limit of time, giving way as the search does.
 */
export async function judged<Actors extends AnyActors>(
  system: System<Actors>,
  searched: Searched,
  signal: AbortSignal | undefined,
): Promise<Report<Actors>> {
  const isWhole = searched.finding.type === 'exhausted';
  const isOfRuns = isWhole && claimsOf(system.model.properties).ofRuns.length > 0;
  if (!isOfRuns) return reportOf(system, searched, undefined);
  const { timeMs = Infinity } = system.model.limits ?? {};
  const begunAt = performance.now();
  const msNow = () => searched.ms + performance.now() - begunAt;
  const pass = livenessFinding(system as System, searched.set);
  for (;;) {
    const { done, value } = advance(pass);
    const ended = { ...searched, set: searched.set, ms: msNow() };
    if (done) return reportOf(system, ended, value);
    await new Promise((resolve) => setImmediate(resolve));
    const limit = signal?.aborted ? 'stopped' : msNow() > timeMs ? 'time' : undefined;
    if (limit) return reportOf(system, { ...ended, finding: { type: 'limit', limit } }, undefined);
  }
}

/** For one turn, or until it is done. */
function advance<Result>(pass: Paused<Result>): IteratorResult<void, Result> {
  const until = performance.now() + turnMs;
  for (;;) {
    const step = pass.next();
    if (step.done || performance.now() > until) return step;
  }
}
