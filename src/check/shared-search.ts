/** A search by several threads, in shared memory, as the one sees it that waits for them. */
import { InterplexError } from '../errors.ts';
import { Board, chunkBits, chunkRows, newBoardMemory } from './board.ts';
import type { Progress } from './check-model.ts';
import { collected } from './collection.ts';
import type { Collection } from './collection.ts';
import type { Coverage } from './coverage.ts';
import { neverHeld } from './judge.ts';
import type { Finding, FoundViolation } from './judge.ts';
import type { Model } from './model.ts';
import type { AnyActors } from './model-actor.ts';
import { claimsOf } from './properties.ts';
import type { Searched } from './report.ts';
import { bytesDefault, statesDefault } from './search.ts';
import type { SearchTask, ThreadWord } from './search-thread.ts';
import { bytesPerRow, newStatesMemory, SharedStates } from './shared-states.ts';
import { statesMax } from './state-set.ts';
import { System } from './system.ts';
import { cameApart, newTurnsMemory, Turns } from './turns.ts';

/** Chunks of a thread beyond the limit: an unfilled one, and what its last batch may come to. */
const chunksSpare = 16;
/** What one slot that is written makes of reserved memory: used. */
const pageBytes = 4_096;

export class SharedSearch {
  readonly #model: Model<AnyActors>;
  readonly #board: Board;
  readonly #memory: Omit<SearchTask, 'thread'>;
  readonly #begunAt: number;
  #endedMs: number | undefined;
  #violation: FoundViolation | undefined;
  #failure: InterplexError | undefined;
  #sites: readonly number[] | undefined;
  #coverage: Readonly<Record<string, Coverage>> = {};

  constructor(model: Model<AnyActors>, threads: number, begunAt: number) {
    this.#model = model;
    this.#begunAt = begunAt;
    const system = new System(model);
    system.start(); // What throws there is thrown here, and in no thread.
    const { width } = system;
    const most = Math.min(model.limits?.states ?? statesDefault, statesMax);
    const spare = threads * chunksSpare;
    const chunksMax = Math.min(Math.ceil(most / chunkRows) + spare, statesMax >> chunkBits);
    const wanted = claimsOf(model.properties).possibilities.length;
    this.#memory = {
      board: newBoardMemory({ threads, wanted, chunksMax }),
      states: newStatesMemory(width, chunksMax),
      turns: newTurnsMemory(),
    };
    this.#board = new Board(this.#memory.board);
  }

  taskOf(thread: number): SearchTask {
    return { ...this.#memory, thread };
  }

  get #ms(): number {
    return this.#endedMs ?? performance.now() - this.#begunAt;
  }
  get #bytes(): number {
    const { states } = this.#memory;
    const { chunks, states: count } = this.#board;
    const slots = Math.min(states.slots.byteLength, count * pageBytes);
    return chunks * chunkRows * bytesPerRow(states.width) + slots;
  }

  stop(): void {
    this.#board.stop('stopped');
  }

  /** Sees to the limits of time and memory. */
  look(): Progress {
    const { timeMs = Infinity, bytes = bytesDefault } = this.#model.limits ?? {};
    if (this.#ms > timeMs) this.#board.stop('time');
    if (this.#bytes > bytes) this.#board.stop('bytes');
    const { states, queued, tried } = this.#board;
    return { states, queued, tried, ms: this.#ms };
  }

  hear(word: ThreadWord): void {
    if (word.type === 'found') this.#violation ??= word.violation;
    else if (word.type === 'failed') {
      this.#failure ??= new InterplexError(word.code, word.reason);
    } else this.#hearEnd(word);
  }

  #hearEnd({ coverage, sites }: Extract<ThreadWord, { type: 'ended' }>): void {
    this.#coverage = coverage;
    this.#sites ??= sites;
    if (sites.some((count, place) => count !== this.#sites?.[place])) this.#failure ??= cameApart();
  }

  end(): void {
    this.#endedMs = this.#ms;
    if (this.#failure) throw this.#failure;
  }

  /** With a system that numbers as the threads did, once their states are asked for. */
  result(): { readonly system: System; readonly searched: Searched } {
    const turns = new Turns(this.#memory.turns);
    const system = new System(this.#model, turns);
    system.start();
    const { states, tried, depth } = this.#board;
    const figures = { states, tried, depth, ms: this.#ms, bytes: this.#bytes };
    let collection: Collection | undefined;
    const collect = () => {
      turns.catchUpWhole(system.sites);
      const shared = new SharedStates(this.#memory.states, this.#board, 0);
      return (collection ??= collected(shared, this.#board));
    };
    const searched: Searched = {
      ...figures,
      coverage: this.#coverage,
      finding: this.#finding(collect),
      get set() {
        return collect().set;
      },
    };
    return { system, searched };
  }

  #finding(collect: () => Collection): Finding {
    const { end } = this.#board;
    if (end === 'found' && this.#violation) {
      return { ...this.#violation, index: collect().indexOf(this.#violation.index) };
    }
    if (end !== 'exhausted' && end !== 'found' && end !== 'none') {
      return { type: 'limit', limit: end };
    }
    const { possibilities } = claimsOf(this.#model.properties);
    const missing = possibilities.find((_, index) => !this.#board.isSeen(index));
    return missing === undefined ? { type: 'exhausted' } : neverHeld(missing.name);
  }
}
