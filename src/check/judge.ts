/** What the claims say of the states that a search comes to. */
import { InterplexError, sentenceOf } from '../errors.ts';
import { claimsOf } from './properties.ts';
import type { Named, ViolationKind } from './properties.ts';
import type { System } from './system.ts';
import type { SystemState } from './system-state.ts';
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
export type FoundViolation = Extract<Finding, { type: 'violation' }>;

export class Judge {
  readonly #system: System;
  readonly #cursor: ReturnType<System['cursor']>;
  readonly #invariants: readonly Named<SystemState>[];
  readonly #possibilities: readonly Named<SystemState>[];
  /** What should be possible and was not seen yet. */
  readonly #wanted: Set<Named<SystemState>>;

  constructor(system: System) {
    this.#system = system;
    this.#cursor = system.cursor();
    const { invariants, possibilities } = claimsOf(system.model.properties);
    this.#invariants = invariants;
    this.#possibilities = possibilities;
    this.#wanted = new Set(possibilities);
  }

  /** The names of what should be possible and was not seen, in the model's order. */
  get unseen(): readonly string[] {
    return this.#possibilities.filter((each) => this.#wanted.has(each)).map(({ name }) => name);
  }

  /** Of a state that was just found. */
  of(row: Int32Array, index: number): FoundViolation | undefined {
    this.#cursor.show(row);
    for (const wanted of this.#wanted) if (this.#holds(wanted)) this.#wanted.delete(wanted);
    const broken = this.#invariants.find((invariant) => !this.#holds(invariant));
    if (broken === undefined) return undefined;
    return { type: 'violation', kind: 'broken', property: broken.name, index };
  }

  /** Of a state with no step but faults. */
  ofRest(row: Int32Array, index: number): FoundViolation | undefined {
    const { deadlock = 'violation' } = this.#system.model;
    if (deadlock === 'fine' || this.#system.isOver(row)) return undefined;
    this.#cursor.show(row);
    if (deadlock !== 'violation' && this.#holds({ name: 'deadlock', claim: deadlock })) {
      return undefined;
    }
    return { type: 'violation', kind: 'deadlock', property: 'no deadlock', index };
  }

  #holds(claim: Named<SystemState>): boolean {
    return evaluate(claim, this.#cursor.state);
  }
}

export const neverHeld = (property: string): FoundViolation => ({
  type: 'violation',
  kind: 'never held',
  property,
  index: -1,
});

/** Throws `IPX_CHECK_PROPERTY` where the claim throws. */
export function evaluate({ name, claim }: Named<SystemState>, state: SystemState): boolean {
  try {
    return claim(state);
  } catch (cause) {
    const sentence = `"${name}" throws in ${placeOf(state)}: ${sentenceOf(cause)}`;
    throw new InterplexError('IPX_CHECK_PROPERTY', sentence, { cause });
  }
}
