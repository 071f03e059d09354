/** Time and chance as a data port sees them, so that a simulation can hold them. */
export interface Clock {
  /** Monotonic, in milliseconds. */
  now(): number;
  setTimeout(act: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  /** From 0 up to 1, without it. */
  random(): number;
  /** In this turn of the event loop, after what is at hand. */
  soon(act: () => void): void;
}

export const realClock: Clock = {
  now: () => performance.now(),
  setTimeout: (act, ms) => setTimeout(act, ms),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
  random: () => Math.random(),
  soon: (act) => void setImmediate(act),
};
