/**
 * Which datagrams of a sender's session have come (CM-10): the last ones by a bit each, as in RFC
 * 6479; what is older than the window counts as a replay, since it cannot be told from one.
 */
const words = 64;
const wordBits = 32;
/** Bits that are certain: the newest word may have just begun. */
const windowBits = (words - 1) * wordBits;

export class ReplayWindow {
  readonly #bits = new Uint32Array(words);
  #highest = 0;

  /** True the first time; false for a replay, or what might be one. */
  admit(number: number): boolean {
    if (number + windowBits <= this.#highest) return false;
    if (number > this.#highest) this.#advance(number);
    const word = Math.floor(number / wordBits) % words;
    const bit = 1 << (number % wordBits);
    const bits = this.#bits[word] ?? 0;
    if ((bits & bit) !== 0) return false;
    this.#bits[word] = bits | bit;
    return true;
  }

  #advance(number: number): void {
    const from = Math.floor(this.#highest / wordBits);
    const to = Math.floor(number / wordBits);
    if (to - from >= words) this.#bits.fill(0);
    else for (let word = from + 1; word <= to; word += 1) this.#bits[word % words] = 0;
    this.#highest = number;
  }
}
