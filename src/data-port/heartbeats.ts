/**
 * Whether each path of a port still answers (DP-7). TCP says nothing of a silent path for minutes,
 * so each is asked, and silence is counted only while this very thread is awake: a node that stood
 * still suspects nobody for it.
 */
import { limits } from '../limits.ts';
import type { Clock } from './clock.ts';
import type { Path } from './path.ts';

export interface HeartbeatEvents {
  readonly onPing: (path: Path, number: number) => void;
  readonly onSuspected: (path: Path) => void;
  readonly onTrusted: (path: Path) => void;
}

export class Heartbeats {
  readonly #paths: readonly Path[];
  readonly #clock: Clock;
  readonly #events: HeartbeatEvents;
  #timer: unknown;
  #lookedMs = 0;

  constructor(paths: readonly Path[], clock: Clock, events: HeartbeatEvents) {
    this.#paths = paths;
    this.#clock = clock;
    this.#events = events;
  }

  begin(): void {
    if (this.#timer !== undefined) return;
    this.#lookedMs = this.#clock.now();
    this.#wait();
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** It has answered. */
  trust(path: Path): void {
    path.isSuspect = false;
    this.#events.onTrusted(path);
  }

  #wait(): void {
    const { heartbeatMs, lookMs } = limits;
    const isAwaiting = this.#paths.some((path) => path.isAwaiting);
    this.#timer = this.#clock.setTimeout(() => this.#look(), isAwaiting ? lookMs : heartbeatMs);
  }

  #look(): void {
    this.#timer = undefined;
    const now = this.#clock.now();
    // Later than it should be, this thread was busy itself, and answers wait to be read.
    const awakeMs = Math.min(now - this.#lookedMs, 2 * limits.lookMs);
    this.#lookedMs = now;
    for (const path of this.#paths.slice()) {
      path.silentMs = path.isAwaiting ? path.silentMs + awakeMs : 0;
      if (now - path.pingedMs >= limits.pathHeartbeatMs)
        this.#events.onPing(path, path.pinged(now));
      if (path.isSuspect || path.silentMs < path.suspicionMs) continue;
      path.isSuspect = true;
      this.#events.onSuspected(path);
    }
    if (this.#paths.length > 0) this.#wait();
  }
}
