/** So much at once, after a while in which less was spent, and so much again each time. */
export class Allowance {
  readonly #most: number;
  readonly #each: number;
  #left: number;

  constructor({ most, each }: { readonly most: number; readonly each: number }) {
    this.#most = most;
    this.#each = each;
    this.#left = most;
  }

  get isSpent(): boolean {
    return this.#left <= 0;
  }

  spend(amount: number): void {
    this.#left -= amount;
  }

  /** What was spent beyond it is made up for first, but never for longer than it takes to fill. */
  renew(): void {
    this.#left = Math.min(this.#most, Math.max(this.#left, -this.#most) + this.#each);
  }
}
