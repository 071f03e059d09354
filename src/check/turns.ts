/**
 * One numbering for several threads. A number is given when something is asked for the first time,
 * and what comes of it depends only on the model and on what was asked before. So the threads keep
 * one list, in shared memory, of what was asked, and each performs all of it in this order: a
 * replicated log (Schneider, "Implementing Fault-Tolerant Services Using the State Machine
 * Approach", 1990). Nobody waits while another performs; what two ask at once stands there twice,
 * and the second time gives no number.
 */
import { InterplexError } from '../errors.ts';
import type { SiteCall, Sites } from './sites.ts';

/** Calls that the log holds; each is of a site that its thread had not seen. */
const callsMax = 1 << 25;
const kinds = ['moves', 'add', 'receive'] as const satisfies readonly SiteCall['kind'][];
/** Of a call: its kind and place, plus one, written last; the site; the envelope. */
const wordsPerCall = 3;
const headWords = 1;

export type TurnsMemory = SharedArrayBuffer;

/** Pages that are never written are never there: what is reserved is addresses. */
export const newTurnsMemory = (): TurnsMemory =>
  new SharedArrayBuffer((headWords + callsMax * wordsPerCall) * Int32Array.BYTES_PER_ELEMENT);

/** A log means something else to a thread whose machines have done something else. */
export const cameApart = (): InterplexError => {
  const sentence =
    'The threads come to different states: a machine reads a clock, or draws at random. ' +
    'Let the environment answer with what it reads, or use checkModel().';
  return new InterplexError('IPX_CHECK_STEP', sentence);
};

export class Turns {
  readonly #words: Int32Array;
  /** Calls that this thread has performed. */
  #performed = 0;

  constructor(memory: TurnsMemory) {
    this.#words = new Int32Array(memory);
  }

  /** Performs the call here, after all that were asked before it, and has all threads do so. */
  take(sites: readonly Sites[], place: number, call: SiteCall): void {
    const turn = Atomics.add(this.#words, 0, 1);
    if (turn >= callsMax) {
      throw new InterplexError('IPX_CHECK_LIMIT', 'Too many kinds of states for several threads.');
    }
    const at = headWords + turn * wordsPerCall;
    this.#words[at + 1] = call.site;
    this.#words[at + 2] = call.envelope;
    Atomics.store(this.#words, at, place * kinds.length + kinds.indexOf(call.kind) + 1);
    this.#performUntil(sites, turn + 1);
  }

  /** Performs what others have asked; numbers that they gave are known then. */
  catchUp(sites: readonly Sites[]): void {
    this.#performUntil(sites, Math.min(callsMax, Atomics.load(this.#words, 0)));
  }

  /** The same after a search: what could not be done the threads have told. */
  catchUpWhole(sites: readonly Sites[]): void {
    for (let count = -1; count < this.#performed;) {
      count = this.#performed;
      try {
        this.catchUp(sites);
      } catch (error) {
        if (!(error instanceof InterplexError)) throw error;
      }
    }
  }

  #performUntil(sites: readonly Sites[], count: number): void {
    while (this.#performed < count) {
      const at = headWords + this.#performed * wordsPerCall;
      let packed = 0;
      while (packed === 0) packed = Atomics.load(this.#words, at); // Its thread writes it just now.
      this.#performed++; // Whatever it throws: it does so in every thread, once.
      const kind = kinds[(packed - 1) % kinds.length]!;
      const place = Math.floor((packed - 1) / kinds.length);
      const [site, envelope] = [this.#words[at + 1]!, this.#words[at + 2]!];
      const call = { kind, site, envelope };
      if (!sites[place]!.knows(call)) throw cameApart();
      sites[place]!.perform(call);
    }
  }
}
