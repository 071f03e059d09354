/**
 * Walks every state of a system breadth first, so that the way to what it finds is a shortest one.
 * Each state is shown to the claims when it is found.
 */
import { Judge, neverHeld } from './judge.ts';
import type { Finding, LimitName } from './judge.ts';
import { InFlightLimit } from './sites.ts';
import { StateSet, statesMax } from './state-set.ts';
import type { System } from './system.ts';
import type { Limits } from './model.ts';
import type { Searched } from './report.ts';
import { keyOf } from './symmetry.ts';
import type { KeyOf } from './symmetry.ts';

export const bytesDefault = 2 ** 31;
export const statesDefault = 5_000_000;
/** Between two looks at the clock, states. */
const lookEvery = 1 << 10;

export class Search {
  readonly set: StateSet;
  readonly #system: System;
  readonly #keyOf: KeyOf;
  readonly #limits: Limits;
  readonly #row: Int32Array;
  readonly #judge: Judge;
  readonly #begunAt = performance.now();
  /** The state that is expanded next. */
  #at = 0;
  #levelEnd = 0;
  depth = 0;
  tried = 0;
  finding: Finding | undefined;

  constructor(system: System) {
    this.#system = system;
    this.#keyOf = keyOf(system);
    this.#limits = system.model.limits ?? {};
    const isKeyed = (system.model.symmetry ?? []).length > 0;
    this.set = new StateSet(system.width, { isKeyed });
    this.#row = new Int32Array(system.width);
    this.#judge = new Judge(system);
    this.#begin();
  }

  get states(): number {
    return this.set.count;
  }
  /** All of it, once there is a finding. */
  get ended(): Searched {
    const { set, states, tried, depth, ms } = this;
    const coverage = this.#system.coverage();
    return { finding: this.finding!, states, tried, depth, ms, bytes: set.bytes, coverage, set };
  }
  get queued(): number {
    return this.set.count - this.#at;
  }
  get ms(): number {
    return performance.now() - this.#begunAt;
  }

  /** Goes on for some time; there is a finding when it has come to an end. */
  advance(ms: number): void {
    const until = performance.now() + ms;
    try {
      while (this.finding === undefined) {
        this.#expandSome();
        if (performance.now() > until) return;
      }
    } catch (error) {
      if (!(error instanceof InFlightLimit)) throw error;
      this.finding = { type: 'limit', limit: 'in flight' };
    }
  }

  #begin(): void {
    const start = this.#system.start();
    this.set.add(start, this.#keyOf(start), 0);
    this.#levelEnd = 1;
    this.finding = this.#judge.of(start, 0);
  }

  #expandSome(): void {
    const until = this.#at + lookEvery;
    const { set } = this;
    const statesLimit = Math.min(this.#limits.states ?? statesDefault, statesMax);
    while (this.#at < until && this.finding === undefined) {
      if (this.#at === set.count) return this.#exhaust();
      if (this.#at === this.#levelEnd && !this.#deepen()) return;
      this.#expand(this.#at++);
      if (set.count > statesLimit) this.#stop('states');
    }
    if (this.ms > (this.#limits.timeMs ?? Infinity)) this.#stop('time');
    if (set.bytes > (this.#limits.bytes ?? bytesDefault)) this.#stop('bytes');
  }

  #expand(index: number): void {
    const { set } = this;
    set.read(index, this.#row);
    let isStuck = true;
    let tried = 0;
    this.#system.expand(this.#row, (next, { isFault }) => {
      tried++;
      if (!isFault) isStuck = false;
      const found = set.add(next, this.#keyOf(next), index);
      if (found >= 0) this.finding ??= this.#judge.of(next, found);
    });
    this.tried += tried;
    if (isStuck) this.finding ??= this.#judge.ofRest(this.#row, index);
  }

  #exhaust(): void {
    const [missing] = this.#judge.unseen;
    this.finding ??= missing === undefined ? { type: 'exhausted' } : neverHeld(missing);
  }

  #deepen(): boolean {
    this.#levelEnd = this.set.count;
    this.depth++;
    if (this.depth < (this.#limits.depth ?? Infinity)) return true;
    this.#stop('depth');
    return false;
  }

  #stop(limit: LimitName): void {
    this.finding ??= { type: 'limit', limit };
  }
}
