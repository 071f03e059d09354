/** Checks a model in several threads at once (AF-8). */
import { InterplexError } from '../errors.ts';
import { invalid } from '../options.ts';
import { judged } from './check-model.ts';
import type { CheckOptions } from './check-model.ts';
import type { AnyActors, Model } from './model.ts';
import { addressOf, modelAt } from './model-source.ts';
import type { ModelSource } from './model-source.ts';
import type { Report } from './report.ts';
import { ThreadedSearch } from './threaded-search.ts';

export interface ThreadsOptions extends CheckOptions {
  /** 1 to 64. Default: 2. */
  readonly threads?: number;
}

export const searchThreadsMax = 64; // chosen: more than any machine that it was tried on has
const lookMs = 100; // chosen, as in one thread

/**
 * What `checkModel` does, in `threads` threads that share what they find. Counts are the same, and
 * a trace is as short; of several violations that lie equally far it may tell another. Symmetry is
 * not offered. Throws as `checkModel` does, and IPX_MODEL_UNKNOWN where the source has no model.
 */
export async function checkInThreads(
  source: ModelSource,
  { threads = 2, signal, onProgress }: ThreadsOptions = {},
): Promise<Report> {
  if (!Number.isInteger(threads) || threads < 1 || threads > searchThreadsMax) {
    throw invalid('threads', `give a whole number from 1 to ${searchThreadsMax}`);
  }
  const address = addressOf(source);
  const searching = new ThreadedSearch(address, threads);
  const look = setInterval(() => {
    if (signal?.aborted) searching.search?.stop();
    const progress = searching.search?.look();
    if (progress) onProgress?.(progress);
  }, lookMs);
  try {
    const search = await searching.run(withoutSymmetry(await modelAt(address)));
    const { system, searched } = search.result();
    return await judged(system, searched, signal);
  } finally {
    clearInterval(look);
    await searching.close();
  }
}

function withoutSymmetry(model: Model<AnyActors>): Model<AnyActors> {
  if ((model.symmetry ?? []).length === 0) return model;
  const sentence = 'Symmetry is offered in one thread: use checkModel(), or leave it out.';
  throw new InterplexError('IPX_OPTION_INVALID', sentence);
}
