/** Time as a data port sees it, so that a simulation can hold it. */
export interface Clock {
  /** Monotonic, in milliseconds. */
  now(): number;
  setTimeout(act: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  /** In this turn of the event loop, after what is at hand. */
  soon(act: () => void): void;
}

export const realClock: Clock = {
  now: () => performance.now(),
  setTimeout: (act, ms) => setTimeout(act, ms),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
  soon: (act) => void setImmediate(act),
};
