/**
 * Addresses that lead to the cluster: tried again and again, with growing pauses, while no member
 * that lives has them. What may pass is no error; it is told.
 */
import { limits } from '../limits.ts';
import type { Clock } from './clock.ts';
import type { MessagingEvent } from './events.ts';
import type { Seed } from './settings.ts';

export interface SeedsWorld {
  readonly clock: Clock;
  /** Whether a member that lives has this address. */
  readonly isMember: (seed: Seed) => boolean;
  readonly introduce: (seed: Seed) => void;
  readonly tell: (event: MessagingEvent) => void;
}

export class Seeds {
  readonly #world: SeedsWorld;
  readonly #timers = new Map<Seed, unknown>();

  constructor(seeds: readonly Seed[], world: SeedsWorld) {
    this.#world = world;
    for (const seed of seeds) this.#timers.set(seed, undefined);
  }

  begin(): void {
    for (const seed of this.#timers.keys()) this.#try(seed, 0);
  }

  close(): void {
    for (const timer of this.#timers.values()) this.#world.clock.clearTimeout(timer);
    this.#timers.clear();
  }

  #try(seed: Seed, attempts: number): void {
    const { clock, isMember, introduce, tell } = this.#world;
    const name = `${seed.address}:${seed.port}`;
    const { least, most } = limits.seedBackoffMs;
    const isFound = isMember(seed);
    if (isFound && attempts > 0) tell({ type: 'seed.answered', seed: name });
    if (!isFound) introduce(seed);
    const againInMs = isFound ? most : Math.min(most, least * 2 ** Math.min(attempts, 16));
    if (!isFound && attempts > 0) tell({ type: 'seed.silent', seed: name, attempts, againInMs });
    const next = isFound ? 0 : attempts + 1;
    this.#timers.set(
      seed,
      clock.setTimeout(() => this.#try(seed, next), againInMs),
    );
  }
}
