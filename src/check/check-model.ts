/** Checks a model: every state of it, every claim (AF-8). */
import { livenessFinding } from './liveness.ts';
import type { AnyActors, Model } from './model.ts';
import type { Report } from './report.ts';
import { reportOf } from './report.ts';
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
    onProgress?.(progressOf(search));
    await new Promise((resolve) => setImmediate(resolve));
    if (signal?.aborted) search.finding ??= { type: 'limit', limit: 'stopped' };
  }
  const liveness =
    search.finding.type === 'exhausted' ? livenessFinding(system as System, search.set) : undefined;
  return reportOf(system, { search, liveness });
}

const progressOf = ({ set, queued, tried, ms }: Search): Progress => ({
  states: set.count,
  queued,
  tried,
  ms,
});
