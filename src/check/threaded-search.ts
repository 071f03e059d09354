/** The threads of a search, from their start to their end. */
import { Worker } from 'node:worker_threads';
import { InterplexError } from '../errors.ts';
import type { AnyActors, Model } from './model.ts';
import type { ModelAddress } from './model-source.ts';
import type { ThreadWord } from './search-thread.ts';
import { SharedSearch } from './shared-search.ts';

export class ThreadedSearch {
  readonly #workers: readonly Worker[];
  readonly #begunAt = performance.now();
  readonly #ended: Promise<unknown>;
  #search: SharedSearch | undefined;

  /** Threads begin to load the model at once. */
  constructor(address: ModelAddress, threads: number) {
    const file = new URL('./search-thread.js', import.meta.url);
    this.#workers = Array.from(
      { length: threads },
      () => new Worker(file, { workerData: address }),
    );
    const ends = this.#workers.map((worker) => ended(worker, (word) => this.#search?.hear(word)));
    this.#ended = Promise.all(ends);
    this.#ended.catch(() => {}); // Told to whoever waits; nobody does where the model is wrong.
  }

  /** Settles when the last thread has ended. */
  async run(model: Model<AnyActors>): Promise<SharedSearch> {
    const search = new SharedSearch(model, this.#workers.length, this.#begunAt);
    this.#search = search;
    for (const [thread, worker] of this.#workers.entries()) {
      worker.postMessage(search.taskOf(thread));
    }
    await this.#ended;
    search.end();
    return search;
  }

  get search(): SharedSearch | undefined {
    return this.#search;
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

/** One that ends without a word has failed: the others wait for it in vain. */
function ended(worker: Worker, hear: (word: ThreadWord) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const sentence = 'A thread of the check ended before its search did.';
    worker.on('error', reject);
    worker.on('exit', () => reject(new InterplexError('IPX_CHECK_STEP', sentence)));
    worker.on('message', (word: ThreadWord) => {
      hear(word);
      if (word.type === 'ended') resolve();
    });
  });
}
