/**
 * A node that starts again is another life of its name, and so is a second node that was given the
 * name by mistake. While the life that is known here was heard of late, it is asked first: only if
 * it does not answer, the other takes its place. So a mistake disturbs nobody but who made it.
 */
import { limits } from '../limits.ts';
import type { Clock } from './clock.ts';
import type { Gossip } from './gossip.ts';
import type { Peer } from './peer.ts';
import type { Probing } from './probing.ts';
import type { Arrival } from './transport.ts';

export interface SuccessionsWorld {
  readonly clock: Clock;
  readonly gossip: Gossip;
  readonly probing: Probing;
}

interface Claimant {
  readonly session: string;
  /** Reads again what came from it last. */
  take: () => void;
}

export class Successions {
  readonly #world: SuccessionsWorld;
  /** One for each peer, as there is room for the last datagram of one. */
  readonly #claimants = new Map<Peer, Claimant>();

  constructor(world: SuccessionsWorld) {
    this.#world = world;
  }

  claim(arrival: Arrival, session: string, take: () => void): void {
    const { clock, gossip, probing } = this.#world;
    const { peer } = arrival;
    gossip.tellRow(arrival, session); // It shall look itself for who has its name.
    const known = this.#claimants.get(peer);
    if (known) {
      if (known.session === session) known.take = take;
      return;
    }
    const claimant: Claimant = { session, take };
    this.#claimants.set(peer, claimant);
    const askedAt = clock.now();
    probing.ask(peer);
    const judge = () => {
      this.#claimants.delete(peer);
      if (peer.heardAt >= askedAt) return;
      peer.successor = session;
      claimant.take();
    };
    // What has come, and was not read yet because this node was busy, is read first.
    clock.setTimeout(() => clock.defer(judge), limits.successionMs);
  }
}
