/**
 * One direction of a line that fails as told. Which pieces fare how depends on the seed and on the
 * pieces' order alone; this kernel has no netem, so the delay is made here.
 */
import { randomOf, type Random } from '../random.ts';

/** What may happen to a stream of bytes. All is fine where nothing is said. */
export interface StreamFaults {
  /** Nothing passes, and nobody is told. What a stream holds then is held until it is mended. */
  readonly isCut?: boolean;
  readonly delayMs?: number;
  /** Up to so much more, evenly. */
  readonly jitterMs?: number;
  /** Bytes a second; what waits for its turn is bounded for datagrams, and pauses a stream. */
  readonly rate?: number;
  /** The chance that one bit of a piece is another. */
  readonly corrupt?: number;
}

/** A datagram may also be lost, doubled and overtaken. Chances are from 0 to 1. */
export interface DatagramFaults extends StreamFaults {
  readonly drop?: number;
  readonly duplicate?: number;
  /** The chance that those sent within the next `reorderMs` (10) overtake it. */
  readonly reorder?: number;
  readonly reorderMs?: number;
}

export interface Delivery {
  readonly bytes: Buffer;
  readonly atMs: number;
}

/** What became of the pieces: one that comes twice is passed once and duplicated once. */
export interface LaneCounts {
  passed: number;
  dropped: number;
  duplicated: number;
  reordered: number;
  corrupted: number;
}

/** A router's queue: a datagram that would wait longer than this for its turn is dropped. */
const queueMsMax = 1_000;

export class Lane<Faults extends StreamFaults = DatagramFaults> {
  faults: Faults;
  readonly counts: LaneCounts = {
    passed: 0,
    dropped: 0,
    duplicated: 0,
    reordered: 0,
    corrupted: 0,
  };
  readonly #random: Random;
  #freeAtMs = 0;

  constructor(seed: number, faults: Faults) {
    this.#random = randomOf(seed);
    this.faults = faults;
  }

  /** When a datagram comes, and as what: no, one or two deliveries. */
  plan(bytes: Buffer, nowMs: number): Delivery[] {
    const { isCut = false, drop = 0, ...faults }: DatagramFaults = this.faults;
    const fate = this.#fate();
    const turnMs = this.#turn(bytes, nowMs);
    if (isCut || fate.drop < drop || turnMs - nowMs > queueMsMax) {
      this.counts.dropped += 1;
      return [];
    }
    this.#freeAtMs = turnMs;
    this.counts.passed += 1;
    const heldMs = fate.reorder < (faults.reorder ?? 0) ? (faults.reorderMs ?? 10) : 0;
    if (heldMs > 0) this.counts.reordered += 1;
    const atMs = this.#arrival(turnMs, fate) + heldMs;
    const deliveries = [{ bytes: this.#corrupted(bytes, fate), atMs }];
    if (fate.duplicate >= (faults.duplicate ?? 0)) return deliveries;
    this.counts.duplicated += 1;
    return [...deliveries, { bytes, atMs }];
  }

  /** When a stream's piece comes, and as what. It overtakes none: the caller keeps the order. */
  planStream(bytes: Buffer, nowMs: number): Delivery {
    const fate = this.#fate();
    this.#freeAtMs = this.#turn(bytes, nowMs);
    this.counts.passed += 1;
    return { bytes: this.#corrupted(bytes, fate), atMs: this.#arrival(this.#freeAtMs, fate) };
  }

  /** All is drawn for each piece, so that one fault's chance does not shift another's choices. */
  #fate() {
    const draw = () => this.#random.below(2 ** 20) / 2 ** 20;
    return {
      drop: draw(),
      duplicate: draw(),
      reorder: draw(),
      jitter: draw(),
      corrupt: draw(),
      place: draw(),
    };
  }

  /** When its last byte has left, at the line's rate. */
  #turn(bytes: Buffer, nowMs: number): number {
    const { rate = Number.POSITIVE_INFINITY } = this.faults;
    return Math.max(this.#freeAtMs, nowMs) + (bytes.length / rate) * 1_000;
  }

  #arrival(turnMs: number, { jitter }: { jitter: number }): number {
    const { delayMs = 0, jitterMs = 0 } = this.faults;
    return turnMs + delayMs + jitter * jitterMs;
  }

  #corrupted(bytes: Buffer, { corrupt, place }: { corrupt: number; place: number }): Buffer {
    if (corrupt >= (this.faults.corrupt ?? 0) || bytes.length === 0) return bytes;
    this.counts.corrupted += 1;
    const wrong = Buffer.from(bytes);
    const bit = Math.floor(place * wrong.length * 8);
    wrong.writeUInt8(wrong.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    return wrong;
  }
}
