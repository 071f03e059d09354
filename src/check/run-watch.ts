/** What is claimed, watched along one run: for walks and for what shortens them. */
import { claimsOf } from './properties.ts';
import type { Claims, Named, ViolationKind } from './properties.ts';
import { evaluate } from './judge.ts';
import type { Cursor, System } from './system.ts';
import type { SystemState } from './system-state.ts';

export interface Breach {
  readonly property: string;
  readonly kind: ViolationKind;
}

/** What may happen next, as far as claims are about it. */
export interface Prospects {
  /** No step is left but a crash, a loss or a repetition. */
  readonly isStuck: boolean;
  /** No step has to come: the run may stay here for ever. */
  readonly mayStay: boolean;
}

export class RunWatch {
  readonly #system: System;
  readonly #cursor: Cursor;
  readonly #claims: Claims<SystemState>;
  /** By claim of whole runs, whether it is due. */
  readonly #isDue: boolean[];
  /** The possibilities that were seen. */
  readonly seen = new Set<string>();

  constructor(system: System) {
    this.#system = system;
    this.#cursor = system.cursor();
    this.#claims = claimsOf(system.model.properties);
    this.#isDue = this.#claims.ofRuns.map(({ premise }) => premise === undefined);
  }

  /** The first claim that is broken when the run comes to this state. */
  arrive(row: Int32Array, { isStuck, mayStay }: Prospects): Breach | undefined {
    this.#cursor.show(row);
    for (const { name, claim } of this.#claims.invariants) {
      if (!this.#holds({ name, claim })) return { property: name, kind: 'broken' };
    }
    for (const possibility of this.#claims.possibilities) {
      if (!this.seen.has(possibility.name) && this.#holds(possibility)) {
        this.seen.add(possibility.name);
      }
    }
    const isRest = isStuck && !this.#system.isOver(row) && !this.#isFine();
    if (isRest) return { property: 'no deadlock', kind: 'deadlock' };
    const due = this.#claims.ofRuns.filter((claim, index) => {
      const { name, premise } = claim;
      if (premise !== undefined) this.#isDue[index] ||= this.#holds({ name, claim: premise });
      if (this.#isDue[index] && this.#holds(claim)) this.#isDue[index] = false;
      return this.#isDue[index];
    });
    const [late] = due;
    return mayStay && late ? { property: late.name, kind: 'may never come' } : undefined;
  }

  #isFine(): boolean {
    const { deadlock = 'violation' } = this.#system.model;
    if (typeof deadlock !== 'function') return deadlock === 'fine';
    return this.#holds({ name: 'deadlock', claim: deadlock });
  }

  #holds(claim: Named<SystemState>): boolean {
    return evaluate(claim, this.#cursor.state);
  }
}
