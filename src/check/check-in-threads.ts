/** Checks a model in several threads at once (AF-8). */
import { InterplexError } from '../errors.ts';
import { invalid } from '../options.ts';
import { judged } from './check-model.ts';
import type { CheckOptions } from './check-model.ts';
import type { Model } from './model.ts';
import type { AnyActors } from './model-actor.ts';
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
 * a trace is a shortest one to what it breaks; of several violations it may tell another. Symmetry
 * is not offered. A machine that reads a clock or draws at random is another in each thread: what
 * comes apart by it is told as IPX_CHECK_STEP. Throws as `checkModel` does, and IPX_MODEL_UNKNOWN
 * where the source has no model.
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
  const looking = repeated(() => {
    if (signal?.aborted) searching.search?.stop();
    const progress = searching.search?.look();
    if (progress) onProgress?.(progress);
  });
  const run = async () => searching.run(withoutSymmetry(await modelAt(address)));
  try {
    const search = await Promise.race([run(), looking.failure]);
    looking.end();
    const { system, searched } = search.result();
    return await judged(system, searched, signal);
  } finally {
    looking.end();
    await searching.close();
  }
}

/** Until it is ended; what `act` throws is the failure, for a timer has nobody to tell. */
function repeated(act: () => void) {
  let timer: NodeJS.Timeout | undefined;
  const failure = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      try {
        act();
      } catch (error) {
        reject(error);
      }
    }, lookMs);
  });
  return { failure, end: () => clearInterval(timer) };
}

function withoutSymmetry(model: Model<AnyActors>): Model<AnyActors> {
  if ((model.symmetry ?? []).length === 0) return model;
  const sentence = 'Symmetry is offered in one thread: use checkModel(), or leave it out.';
  throw new InterplexError('IPX_OPTION_INVALID', sentence);
}
