/** Watches the nodes of a cluster: how busy each is, and whether its event loop turns (AF-5). */
import type { EventLoopUtilization } from 'node:perf_hooks';
import type { NodeId } from '../../actors/vocabulary.ts';
import { limits } from '../limits.ts';
import type { VitalSigns } from './vital-signs.ts';

/** A node's thread, as it can be seen without its help. */
export interface WatchedThread {
  readonly id: NodeId;
  /** Counted from its start, or from `since`. */
  eventLoopUse(since?: EventLoopUtilization): EventLoopUtilization | undefined;
}

export interface NodeWatchOptions {
  readonly vitalSigns: VitalSigns;
  readonly indexOf: (node: NodeId) => number;
  /** Those that have started and live. */
  readonly threads: () => readonly WatchedThread[];
  readonly onBlocked: (node: NodeId, forMs: number) => void;
  readonly onResumed: (node: NodeId, afterMs: number) => void;
}

interface Watched {
  last: EventLoopUtilization;
  use: number;
  blockedMs: number | undefined;
}

export class NodeWatch {
  readonly #options: NodeWatchOptions;
  readonly #watched = new Map<WatchedThread, Watched>();
  readonly #timer: NodeJS.Timeout;
  #lastLookMs = performance.now();

  constructor(options: NodeWatchOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), limits.vitalSignsMs).unref();
  }

  /** The share of the last moments in which the event loop was not idle, 0 to 1. */
  eventLoopUse(thread: WatchedThread): number {
    return this.#watched.get(thread)?.use ?? thread.eventLoopUse()?.utilization ?? 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const threads = this.#options.threads();
    for (const thread of this.#watched.keys()) {
      if (!threads.includes(thread)) this.#watched.delete(thread);
    }
    const nowMs = performance.now();
    // A process that was stopped, or stood still itself, knows nothing of the others' delays.
    const isLate = nowMs - this.#lastLookMs > limits.blockedMs;
    this.#lastLookMs = nowMs;
    for (const thread of threads) {
      const watched = this.#measure(thread);
      if (watched && !isLate) this.#judge(thread.id, watched);
    }
  }

  #measure(thread: WatchedThread): Watched | undefined {
    const now = thread.eventLoopUse();
    if (!now) return undefined;
    const known = this.#watched.get(thread);
    const watched: Watched = known ?? { last: now, use: now.utilization, blockedMs: undefined };
    if (known) watched.use = thread.eventLoopUse(known.last)?.utilization ?? known.use;
    watched.last = now;
    this.#watched.set(thread, watched);
    return watched;
  }

  #judge(node: NodeId, watched: Watched): void {
    const { vitalSigns, indexOf, onBlocked, onResumed } = this.#options;
    const ageMs = vitalSigns.read(indexOf(node))?.ageMs ?? 0;
    const wasBlockedMs = watched.blockedMs;
    if (ageMs > limits.blockedMs) {
      watched.blockedMs = ageMs;
      if (wasBlockedMs === undefined) onBlocked(node, ageMs);
    } else if (wasBlockedMs !== undefined) {
      watched.blockedMs = undefined;
      onResumed(node, wasBlockedMs);
    }
  }
}
