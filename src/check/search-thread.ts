/** One of the threads that search together; its file is what the thread runs. */
import { parentPort, workerData } from 'node:worker_threads';
import { InterplexError, sentenceOf } from '../errors.ts';
import type { ErrorCode } from '../errors.ts';
import { Board, StatesLimit } from './board.ts';
import type { Batch, BoardMemory } from './board.ts';
import type { Coverage } from './coverage.ts';
import { Judge } from './judge.ts';
import type { FoundViolation } from './judge.ts';
import { modelAt } from './model-source.ts';
import type { ModelAddress } from './model-source.ts';
import { claimsOf } from './properties.ts';
import { statesDefault } from './search.ts';
import { SharedStates } from './shared-states.ts';
import type { StatesMemory } from './shared-states.ts';
import { InFlightLimit } from './sites.ts';
import { System } from './system.ts';
import { cameApart, Turns } from './turns.ts';
import type { TurnsMemory } from './turns.ts';

/** What a thread is given, once there is a model: it has begun to make its own before. */
export interface SearchTask {
  readonly thread: number;
  readonly board: BoardMemory;
  readonly states: StatesMemory;
  readonly turns: TurnsMemory;
}

/** What a thread says at its end, and before that of what it has found. */
export type ThreadWord =
  | { readonly type: 'found'; readonly violation: FoundViolation }
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly reason: string }
  | {
      readonly type: 'ended';
      readonly coverage: Readonly<Record<string, Coverage>>;
      /** By actor, how many sites it has: as many in each thread. */
      readonly sites: readonly number[];
    };

class SearchThread {
  readonly #system: System;
  readonly #turns: Turns;
  readonly #board: Board;
  readonly #set: SharedStates;
  readonly #judge: Judge;
  readonly #thread: number;
  readonly #wanted: readonly string[];
  readonly #statesMax: number;
  readonly #depthMax: number;
  readonly #say: (word: ThreadWord) => void;
  readonly #row: Int32Array;
  #tried = 0;

  constructor(task: SearchTask, system: System, turns: Turns, say: (word: ThreadWord) => void) {
    this.#system = system;
    this.#turns = turns;
    this.#say = say;
    this.#thread = task.thread;
    this.#board = new Board(task.board);
    this.#set = new SharedStates(task.states, this.#board, task.thread);
    this.#judge = new Judge(system);
    this.#wanted = claimsOf(system.model.properties).possibilities.map(({ name }) => name);
    const { states = statesDefault, depth = Infinity } = system.model.limits ?? {};
    this.#statesMax = states;
    this.#depthMax = depth;
    this.#row = new Int32Array(system.width);
  }

  run(): void {
    const start = this.#system.start(); // In each thread: what it numbers, all number alike.
    if (this.#thread === 0) this.#trying(() => this.#begin(start));
    do {
      this.#trying(() => this.#expandLevel());
      this.#tellSoFar();
    } while (this.#board.meet(this.#depthMax));
    // What others asked for last was not needed here; but what it covers is told by each thread.
    this.#trying(() => this.#turns.catchUpWhole(this.#system.sites));
    const sites = this.#system.sites.map(({ count }) => count);
    this.#say({ type: 'ended', coverage: this.#system.coverage(), sites });
  }

  #begin(start: Int32Array): void {
    const index = this.#set.add(start, 0);
    this.#board.begin(this.#thread);
    this.#judgeFound(start, index);
  }

  #expandLevel(): void {
    const board = this.#board;
    for (let batch = board.claim(this.#thread); batch; batch = board.claim(this.#thread)) {
      if (board.end !== 'none') return;
      this.#turns.catchUp(this.#system.sites);
      this.#expandBatch(batch);
      this.#tellSoFar();
      if (board.states > this.#statesMax) board.stop('states');
    }
  }

  #expandBatch({ thread, from, to }: Batch): void {
    for (let order = from; order < to; order++) {
      this.#expand(this.#board.indexOf(thread, order));
    }
  }

  #expand(index: number): void {
    const set = this.#set;
    set.read(index, this.#row);
    this.#requireKnown();
    let isStuck = true;
    let tried = 0;
    this.#system.expand(this.#row, (next, { isFault }) => {
      tried++;
      if (!isFault) isStuck = false;
      const found = set.add(next, index);
      if (found >= 0) this.#judgeFound(next, found);
    });
    this.#tried += tried;
    if (isStuck) this.#tell(this.#judge.ofRest(this.#row, index));
  }

  /** Another thread may have found the row; its sites have numbers here, or the two came apart. */
  #requireKnown(): void {
    const { sites } = this.#system;
    for (let place = 0; place < sites.length; place++) {
      if (this.#row[place]! >= sites[place]!.count) throw cameApart();
    }
  }

  #judgeFound(row: Int32Array, index: number): void {
    this.#tell(this.#judge.of(row, index));
  }

  #tell(violation: FoundViolation | undefined): void {
    if (violation === undefined || this.#board.end !== 'none') return;
    this.#say({ type: 'found', violation });
    this.#board.stop('found');
  }

  #tellSoFar(): void {
    this.#board.tellTried(this.#thread, this.#tried);
    this.#board.tellFound(this.#thread, this.#set.found);
    this.#tellSeen();
  }

  #tellSeen(): void {
    const { unseen } = this.#judge;
    if (unseen.length === this.#wanted.length) return;
    for (const [index, name] of this.#wanted.entries()) {
      if (!unseen.includes(name)) this.#board.see(index);
    }
  }

  /** Whatever it throws, the others are not left waiting. */
  #trying(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (error instanceof InFlightLimit) return this.#board.stop('in flight');
      if (error instanceof StatesLimit) return this.#board.stop('states');
      const code = error instanceof InterplexError ? error.code : 'IPX_CHECK_STEP';
      this.#say({ type: 'failed', code, reason: sentenceOf(error) });
      this.#board.stop('found');
    }
  }
}

const tasks = new Promise<SearchTask>((resolve) => parentPort?.once('message', resolve));
const [model, task] = await Promise.all([modelAt(workerData as ModelAddress), tasks]);
const turns = new Turns(task.turns);
const system = new System(model, turns);
new SearchThread(task, system, turns, (word) => parentPort?.postMessage(word)).run();
