/** The threads of a search, from their start to their end. */
import { Worker } from 'node:worker_threads';
import { InterplexError, isErrorCode, sentenceOf } from '../errors.ts';
import type { Model } from './model.ts';
import type { AnyActors } from './model-actor.ts';
import type { ModelAddress } from './model-source.ts';
import type { ThreadWord } from './search-thread.ts';
import { SharedSearch } from './shared-search.ts';

export class ThreadedSearch {
  readonly #workers: readonly Worker[];
  readonly #ended: Promise<unknown>;
  readonly #begunAt = performance.now();
  #search: SharedSearch | undefined;
  #failure: Error | undefined;

  /** Threads begin to load the model at once. */
  constructor(address: ModelAddress, threads: number) {
    const file = new URL('./search-thread.js', import.meta.url);
    this.#workers = Array.from(
      { length: threads },
      () => new Worker(file, { workerData: address }),
    );
    this.#ended = Promise.all(this.#workers.map((worker) => this.#follow(worker)));
  }

  /** None until there is a model. */
  get search(): SharedSearch | undefined {
    return this.#search;
  }

  /** Settles when the last thread has ended. */
  async run(model: Model<AnyActors>): Promise<SharedSearch> {
    const search = new SharedSearch(model, this.#workers.length, this.#begunAt);
    this.#search = search;
    for (const [thread, worker] of this.#workers.entries()) {
      worker.postMessage(search.taskOf(thread));
    }
    await this.#ended;
    if (this.#failure) throw this.#failure;
    search.end();
    return search;
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  /** One that ends without a word has failed, and the others would wait for it in vain. */
  #follow(worker: Worker): Promise<void> {
    return new Promise((resolve) => {
      let hasEnded = false;
      worker.on('message', (word: ThreadWord) => {
        this.#search?.hear(word);
        hasEnded ||= word.type === 'ended';
        if (hasEnded) resolve();
      });
      worker.on('error', (error: Error) => {
        this.#failure ??= asOurs(error);
      });
      worker.on('exit', () => {
        resolve();
        if (hasEnded) return;
        this.#failure ??= new InterplexError(
          'IPX_CHECK_STEP',
          'A thread of the check ended before its search did.',
        );
        void this.close();
      });
    });
  }
}

/** An error comes from a thread as its words and its code alone. */
function asOurs(error: Error & { readonly code?: unknown }): InterplexError {
  const code = typeof error.code === 'string' && isErrorCode(error.code) && error.code;
  return new InterplexError(code || 'IPX_CHECK_STEP', sentenceOf(error), { cause: error });
}
