/**
 * Walks every state of a system breadth first, so that the way to what it finds is a shortest one.
 * Each state is shown to the claims when it is found.
 */
import { InterplexError, sentenceOf } from '../errors.ts';
import { claimsOf } from './properties.ts';
import type { Named, ViolationKind } from './properties.ts';
import { InFlightLimit } from './sites.ts';
import { StateSet, statesMax } from './state-set.ts';
import type { System } from './system.ts';
import type { Limits } from './model.ts';
import type { SystemState } from './system-state.ts';
import { keyOf } from './symmetry.ts';
import type { KeyOf } from './symmetry.ts';
import { placeOf } from './trace-text.ts';

export type LimitName = 'states' | 'depth' | 'time' | 'bytes' | 'in flight' | 'stopped';

/** What a search has come to; a violation is of the state of that index. */
export type Finding =
  | { readonly type: 'exhausted' }
  | { readonly type: 'limit'; readonly limit: LimitName }
  | {
      readonly type: 'violation';
      readonly kind: ViolationKind;
      readonly property: string;
      readonly index: number;
    };

const bytesDefault = 2 ** 31;
const statesDefault = 5_000_000;
/** Between two looks at the clock, states. */
const lookEvery = 1 << 10;

export class Search {
  readonly set: StateSet;
  readonly #system: System;
  readonly #keyOf: KeyOf;
  readonly #cursor: ReturnType<System['cursor']>;
  readonly #limits: Limits;
  readonly #row: Int32Array;
  /** What should be possible and was not seen yet. */
  readonly #wanted: Set<Named<SystemState>>;
  readonly #invariants: readonly Named<SystemState>[];
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
    this.#cursor = system.cursor();
    this.#limits = system.model.limits ?? {};
    const isKeyed = (system.model.symmetry ?? []).length > 0;
    this.set = new StateSet(system.width, { isKeyed });
    this.#row = new Int32Array(system.width);
    const { invariants, possibilities } = claimsOf(system.model.properties);
    this.#invariants = invariants;
    this.#wanted = new Set(possibilities);
    this.#begin();
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
    this.#judge(start, 0);
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
      if (found >= 0) this.#judge(next, found);
    });
    this.tried += tried;
    if (isStuck) this.#judgeRest(index);
  }

  /** What everybody claims of each state. */
  #judge(row: Int32Array, index: number): void {
    this.#cursor.show(row);
    for (const invariant of this.#invariants) {
      if (this.#holds(invariant)) continue;
      this.finding ??= { type: 'violation', kind: 'broken', property: invariant.name, index };
    }
    for (const wanted of this.#wanted) {
      if (this.#holds(wanted)) this.#wanted.delete(wanted);
    }
  }

  #judgeRest(index: number): void {
    const { deadlock = 'violation' } = this.#system.model;
    if (deadlock === 'fine' || this.#system.isOver(this.#row)) return;
    this.#cursor.show(this.#row);
    if (deadlock !== 'violation' && this.#holds({ name: 'deadlock', claim: deadlock })) return;
    this.finding ??= { type: 'violation', kind: 'deadlock', property: 'no deadlock', index };
  }

  #holds(claim: Named<SystemState>): boolean {
    return evaluate(claim, this.#cursor.state);
  }

  #exhaust(): void {
    const [missing] = this.#wanted;
    this.finding ??=
      missing === undefined
        ? { type: 'exhausted' }
        : { type: 'violation', kind: 'never held', property: missing.name, index: -1 };
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

/** Throws `IPX_CHECK_PROPERTY` where the claim throws. */
export function evaluate({ name, claim }: Named<SystemState>, state: SystemState): boolean {
  try {
    return claim(state);
  } catch (cause) {
    const sentence = `"${name}" throws in ${placeOf(state)}: ${sentenceOf(cause)}`;
    throw new InterplexError('IPX_CHECK_PROPERTY', sentence, { cause });
  }
}
