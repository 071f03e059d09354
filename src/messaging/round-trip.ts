/** How long an answer takes: RFC 6298's smoothed round trip and its variation. */
import { limits } from '../limits.ts';

export class RoundTrip {
  #smoothedMs = 0;
  #variationMs = 0;
  #isMeasured = false;

  measure(ms: number): void {
    if (!this.#isMeasured) {
      this.#isMeasured = true;
      this.#smoothedMs = ms;
      this.#variationMs = ms / 2;
      return;
    }
    this.#variationMs += (Math.abs(this.#smoothedMs - ms) - this.#variationMs) / 4;
    this.#smoothedMs += (ms - this.#smoothedMs) / 8;
  }

  get smoothedMs(): number {
    return this.#smoothedMs;
  }

  /** How long to wait for an answer: SRT's 2·SRTT + 4·RTTVAR, with its floor. */
  get patienceMs(): number {
    if (!this.#isMeasured) return limits.patienceMs.first;
    const expected = 2 * this.#smoothedMs + 4 * this.#variationMs;
    return Math.min(limits.patienceMs.most, Math.max(limits.patienceMs.least, expected));
  }
}
