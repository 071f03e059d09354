/**
 * What a process leases at its seat (SP-2), as it knows it: the life that it was granted, and the
 * units of that life. They stay its own whoever coordinates.
 */
import type { UnitLease } from './coupling-facility.ts';

export class SeatLeases {
  readonly #units: Set<number>;
  #life: number;

  /** Of a life that was granted before; 0: of none. */
  constructor(life = 0, units: Iterable<number> = []) {
    this.#life = life;
    this.#units = new Set(units);
  }

  get life(): number {
    return this.#life;
  }

  /** What it claims when it joins. */
  get units(): number[] {
    return Array.from(this.#units);
  }

  /** It is seated: by that life, and without what is not its own. */
  sit(life: number, lost: readonly number[]): void {
    this.#life = life;
    for (const unit of lost) this.#units.delete(unit);
  }

  take(units: readonly number[]): UnitLease[] {
    for (const unit of units) this.#units.add(unit);
    return units.map((unit) => this.#leaseOf(unit));
  }

  /** What of it the coordinator is to have back: its own no more, whether that one hears or not. */
  give(leases: readonly UnitLease[]): number[] {
    const units = leases.filter((lease) => this.isCurrent(lease)).map(({ unit }) => unit);
    for (const unit of units) this.#units.delete(unit);
    return units;
  }

  held(): UnitLease[] {
    return this.units.map((unit) => this.#leaseOf(unit));
  }

  isCurrent({ unit, epoch }: UnitLease): boolean {
    return epoch === this.#life && this.#units.has(unit);
  }

  #leaseOf(unit: number): UnitLease {
    return { unit, epoch: this.#life };
  }
}
