/**
 * Single ports that processes have in units which others lease (SP-6), in the words of the map:
 * each borrower's record has an entry for every port that it has so; what the dead had rests.
 * Whoever leases the unit next is told of them, so that a port outlives whoever lent it.
 */
import { record, type PoolWords } from './pool-words.ts';

export class LentPorts {
  readonly #pool: PoolWords;
  /** Told after each word that changed. */
  readonly #onChanged: (at: number) => void;

  constructor(pool: PoolWords, onChanged: (at: number) => void) {
    this.#pool = pool;
    this.#onChanged = onChanged;
  }

  /** Nobody has it. False: this process has as many as there is room for. */
  take(seat: number, port: number): boolean {
    const entry = this.#entries(seat).find((at) => this.#pool.load(at) === 0);
    if (entry !== undefined) this.#set(entry, port + 1);
    return entry !== undefined;
  }

  /** Whether it had it. */
  give(seat: number, port: number): boolean {
    const entry = this.#entries(seat).find((at) => this.#pool.load(at) === port + 1);
    if (entry !== undefined) this.#set(entry, 0);
    return entry !== undefined;
  }

  /** What that process has. */
  of(seat: number): number[] {
    return this.#words(seat).flatMap(([, word]) => (word > 0 ? [word - 1] : []));
  }

  /** Whose it is; `isResting`: it was the dead's. `undefined`: nobody has it. */
  borrowerOf(port: number): { readonly seat: number; readonly isResting: boolean } | undefined {
    const seat = this.#pool.guestAt(port);
    if (seat === undefined) return undefined;
    return { seat, isResting: !this.of(seat).includes(port) };
  }

  /** All that are anybody's, or rest. */
  all(): number[] {
    return this.#seats().flatMap((seat) =>
      this.#words(seat).flatMap(([, word]) => (word === 0 ? [] : [Math.abs(word) - 1])),
    );
  }

  /** Its process has ended. The end of the rest comes first, worth nothing without entries. */
  rest(seat: number, untilS: number): void {
    const held = this.#words(seat).filter(([, word]) => word > 0);
    if (held.length > 0) this.#set(this.#pool.stack(seat) + record.guestsRest, untilS);
    for (const [at, word] of held) this.#set(at, -word);
  }

  /** Those that have rested are nobody's. */
  freeRested(nowS: number): number[] {
    const freed: number[] = [];
    for (const seat of this.#seats()) {
      const untilS = this.#pool.load(this.#pool.stack(seat) + record.guestsRest) >>> 0;
      for (const [at, word] of untilS <= nowS ? this.#words(seat) : []) {
        if (word >= 0) continue;
        this.#set(at, 0);
        freed.push(-word - 1);
      }
    }
    return freed;
  }

  #set(at: number, word: number): void {
    this.#pool.store(at, word);
    this.#onChanged(at);
  }

  #seats(): number[] {
    return Array.from({ length: this.#pool.shape.stacks }, (_, seat) => seat);
  }

  #words(seat: number): [at: number, word: number][] {
    return this.#entries(seat).map((at) => [at, this.#pool.load(at)]);
  }

  #entries(seat: number): number[] {
    const first = this.#pool.stack(seat) + record.guests;
    return Array.from({ length: this.#pool.shape.guests }, (_, entry) => first + entry);
  }
}
