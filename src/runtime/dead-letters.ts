/** Events that reached no actor: counted, the last of them kept, and told to who subscribes. */
import { limits } from '../limits.ts';
import { tellEach } from '../listeners.ts';
import type { EventObject } from 'xstate';

/**
 * `stopped`: the actor has ended. `unknown`: no actor ever had that address here, or an ask was
 * answered too late or twice. `mailboxFull`: the actor's mailbox, or the way to its node, is full.
 * `nodeLost`: its node has ended.
 */
export type DeadLetterReason = 'stopped' | 'unknown' | 'mailboxFull' | 'nodeLost';

export interface DeadLetter {
  /** The address that it was for. */
  readonly to: string;
  readonly reason: DeadLetterReason;
  /** Left out where another node refused it: it is not sent back. */
  readonly event?: EventObject;
  /** How many events this tells of. */
  readonly count: number;
}

export class DeadLetters {
  readonly #counts = { stopped: 0, unknown: 0, mailboxFull: 0, nodeLost: 0 };
  readonly #recent: DeadLetter[] = [];
  readonly #listeners = new Set<(letter: DeadLetter) => void>();
  #next = 0;

  /** Since the node began. */
  get counts(): Readonly<Record<DeadLetterReason, number>> {
    return { ...this.#counts };
  }

  /** The last ones, the oldest first. */
  recent(): readonly DeadLetter[] {
    return [...this.#recent.slice(this.#next), ...this.#recent.slice(0, this.#next)];
  }

  /** Calls back with each from now on. Returns how to stop. */
  subscribe(listener: (letter: DeadLetter) => void): () => void {
    const subscriber = (letter: DeadLetter) => listener(letter);
    this.#listeners.add(subscriber);
    return () => void this.#listeners.delete(subscriber);
  }

  /** For the actors of a node. */
  add(letter: DeadLetter): void {
    this.#counts[letter.reason] += letter.count;
    this.#recent[this.#next] = letter;
    this.#next = (this.#next + 1) % limits.deadLettersKept;
    tellEach(this.#listeners, letter);
  }
}
