/** Time as a messenger has it: given, so that a simulated network runs the same code. */

export interface Clock {
  /** Milliseconds, monotonic. */
  now(): number;
  setTimeout(wake: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  /** When what has come in this turn of the event loop has been worked off. */
  defer(wake: () => void): void;
}

export const realClock: Clock = {
  now: () => performance.now(),
  setTimeout: (wake, ms) => setTimeout(wake, ms),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout | undefined),
  defer: (wake) => void setImmediate(wake),
};

/**
 * A clock that notices when its own event loop stood still (Lifeguard's local health): before a
 * timer that comes late takes its effect, whoever relies on time is told, and may cancel it.
 */
export class WatchedClock implements Clock {
  readonly #clock: Clock;
  readonly #lagMs: number;
  readonly #onLag: (lateMs: number) => void;
  #toldAt = -Infinity;

  constructor(clock: Clock, lagMs: number, onLag: (lateMs: number) => void) {
    this.#clock = clock;
    this.#lagMs = lagMs;
    this.#onLag = onLag;
  }

  now(): number {
    return this.#clock.now();
  }

  defer(wake: () => void): void {
    this.#clock.defer(wake);
  }

  setTimeout(wake: () => void, ms: number): unknown {
    const dueAt = this.now() + ms;
    const timer: Watched = { isCancelled: false, inner: undefined };
    timer.inner = this.#clock.setTimeout(() => {
      const late = this.now() - dueAt;
      // What was due before the last lag was told is of that lag.
      if (late > this.#lagMs && dueAt > this.#toldAt) {
        this.#toldAt = this.now();
        this.#onLag(late);
      }
      if (!timer.isCancelled) wake();
    }, ms);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    if (timer === undefined) return;
    const watched = timer as Watched;
    watched.isCancelled = true;
    this.#clock.clearTimeout(watched.inner);
  }
}

interface Watched {
  isCancelled: boolean;
  inner: unknown;
}
