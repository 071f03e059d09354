/** Who waits for a record to be received, and until when. One timer serves all of a stream. */
import type { Clock } from './clock.ts';

/** Called once: the record was received, or will not be, or not in time. */
export type Settle = (failure?: Error) => void;

interface Awaited {
  /** Where the record ends in its stream. */
  readonly end: number;
  readonly deadlineAt: number;
  settle: Settle | undefined;
}

export class Receipts {
  readonly #clock: Clock;
  readonly #lateError: () => Error;
  /** In the order of the stream. */
  #awaited: Awaited[] = [];
  #timer: unknown;
  #wakeAt = Infinity;

  constructor(clock: Clock, lateError: () => Error) {
    this.#clock = clock;
    this.#lateError = lateError;
  }

  add(end: number, deadlineAt: number, settle: Settle): void {
    this.#awaited.push({ end, deadlineAt, settle });
    if (deadlineAt < this.#wakeAt) this.#arm(deadlineAt);
  }

  /** All before it has been received. */
  settleUpTo(upTo: number): void {
    let count = 0;
    while ((this.#awaited[count]?.end ?? Infinity) <= upTo) count += 1;
    if (count === 0) return;
    for (const { settle } of this.#awaited.splice(0, count)) settle?.();
  }

  /** Nothing of it will be. */
  failAll(failure: Error): void {
    const awaited = this.#awaited;
    this.#awaited = [];
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wakeAt = Infinity;
    for (const { settle } of awaited) settle?.(failure);
  }

  #arm(at: number): void {
    this.#clock.clearTimeout(this.#timer);
    this.#wakeAt = at;
    this.#timer = this.#clock.setTimeout(this.#expire, Math.max(0, at - this.#clock.now()));
  }

  /** Who waits no longer is told so; what it sent may still arrive. */
  readonly #expire = (): void => {
    const now = this.#clock.now();
    this.#wakeAt = Infinity;
    let next = Infinity;
    const late: Settle[] = [];
    for (const awaited of this.#awaited) {
      if (!awaited.settle) continue;
      if (awaited.deadlineAt > now) {
        next = Math.min(next, awaited.deadlineAt);
        continue;
      }
      late.push(awaited.settle);
      awaited.settle = undefined;
    }
    if (next < Infinity) this.#arm(next);
    for (const settle of late) settle(this.#lateError());
  };
}
