/**
 * Who waits for records to be received, and until when. Records of one segment are received
 * together: they have one receipt, of which each has its promise. One timer serves all of a stream.
 */
import type { Clock } from './clock.ts';

interface Receipt {
  /** Where its last record ends in the stream. */
  end: number;
  readonly timeoutMs: number;
  deadlineAt: number;
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (failure: Error) => void;
  isSettled: boolean;
}

export class Receipts {
  readonly #clock: Clock;
  readonly #lateError: () => Error;
  /** In the order of the stream; of all but the last one the time runs. */
  #awaited: Receipt[] = [];
  /** That more records may share. */
  #open: Receipt | undefined;
  #timer: unknown;
  #wakeAt = Infinity;

  constructor(clock: Clock, lateError: () => Error) {
    this.#clock = clock;
    this.#lateError = lateError;
  }

  /** Of a record that ends there. Its time begins when the receipt is closed. */
  add(end: number, timeoutMs: number): Promise<void> {
    if (this.#open?.timeoutMs !== timeoutMs) {
      this.close();
      this.#open = newReceipt(timeoutMs);
      this.#awaited.push(this.#open);
    }
    this.#open.end = end;
    // A promise of its own, at a quarter of what one with its own functions would take.
    return this.#open.promise.then(undefined);
  }

  /** What is added from now on is of another segment, or another turn. */
  close(): void {
    const receipt = this.#open;
    if (!receipt) return;
    this.#open = undefined;
    receipt.deadlineAt = this.#clock.now() + receipt.timeoutMs;
    if (receipt.deadlineAt < this.#wakeAt) this.#arm(receipt.deadlineAt);
  }

  /** All before it has been received. */
  settleUpTo(upTo: number): void {
    let count = 0;
    while ((this.#awaited[count]?.end ?? Infinity) <= upTo) count += 1;
    if (count === 0) return;
    for (const receipt of this.#awaited.splice(0, count)) settle(receipt);
  }

  /** Nothing of it will be. */
  failAll(failure: Error): void {
    const awaited = this.#awaited;
    this.#awaited = [];
    this.#open = undefined;
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wakeAt = Infinity;
    for (const receipt of awaited) settle(receipt, failure);
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
    const late: Receipt[] = [];
    for (const receipt of this.#awaited) {
      if (receipt.isSettled) continue;
      if (receipt.deadlineAt <= now) late.push(receipt);
      else next = Math.min(next, receipt.deadlineAt);
    }
    if (next < Infinity) this.#arm(next);
    for (const receipt of late) settle(receipt, this.#lateError());
  };
}

function newReceipt(timeoutMs: number): Receipt {
  let resolve = (): void => undefined;
  let reject: (failure: Error) => void = () => undefined;
  const promise = new Promise<void>((...settling) => ([resolve, reject] = settling));
  return { end: 0, timeoutMs, deadlineAt: Infinity, promise, resolve, reject, isSettled: false };
}

function settle(receipt: Receipt, failure?: Error): void {
  receipt.isSettled = true;
  if (failure) receipt.reject(failure);
  else receipt.resolve();
}
