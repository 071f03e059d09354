/**
 * Datagrams that are none of a cluster's: its own, kept on their way and broken or sent again,
 * noise, and those of a stranger. From a seed.
 */
import { AeadSealer } from '#internal/messaging/seal';
import type { Messenger } from '#internal/messaging/messenger';
import type { Random } from './random.ts';
import type { SimulatedNetwork } from './simulated-network.ts';

interface Kept {
  readonly bytes: Buffer;
  readonly from: string;
  readonly to: string;
}
const keptMax = 500;

export const noise = (random: Random, length: number) =>
  Buffer.from(Array.from({ length }, () => random.below(256)));

/** The stranger's session, or the one of a node that is none. */
export const session = (random: Random) => noise(random, 8);

export class StrayDatagrams {
  readonly #network: SimulatedNetwork;
  readonly #random: Random;
  readonly #kept: Kept[] = [];

  /** Keeps what is sent from now on, as much as it has room for. */
  constructor(network: SimulatedNetwork, random: Random) {
    this.#network = network;
    this.#random = random;
    network.onDatagram = (bytes, from, to) => {
      if (this.#kept.length < keptMax) this.#kept.push({ bytes, from, to });
    };
  }

  inject(count: number): void {
    for (let one = 0; one < count; one += 1) {
      const origin = this.#random.oneOf(this.#kept);
      this.#network.inject(this.#broken(origin), origin.from, origin.to);
    }
  }

  /** By cause, what may come of a datagram that was kept. */
  #broken({ bytes }: Kept): Buffer {
    const random = this.#random;
    const copy = Buffer.from(bytes);
    switch (random.below(5)) {
      case 0:
        return copy.subarray(0, random.below(copy.length));
      case 1:
        copy[random.below(copy.length)]! ^= 1 << random.below(8);
        return copy;
      case 2:
        return noise(random, random.below(200));
      case 3:
        return new AeadSealer(noise(random, 32), session(random)).seal(noise(random, 60));
      default:
        return copy;
    }
  }
}

/** What all of them have dropped, whatever the cause. */
export const droppedBy = (messengers: readonly Messenger[]): number =>
  messengers.reduce((sum, messenger) => {
    const { malformed, foreign, forged, replayed, stale } = messenger.counters();
    return sum + malformed + foreign + forged + replayed + stale;
  }, 0);
