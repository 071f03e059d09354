/**
 * What a node does again and again: a few others are probed and gossiped with, each in its turn;
 * suspects always; now and then one that is gone, or nobody would find out that a partition has
 * ended.
 */
import { limits } from '../limits.ts';
import type { Acquaintances } from './acquaintances.ts';
import type { Clock } from './clock.ts';
import type { Directory } from './directory.ts';
import type { Gossip } from './gossip.ts';
import type { Peers } from './peers.ts';
import type { Probing } from './probing.ts';

export interface HeartbeatWorld {
  readonly clock: Clock;
  readonly directory: Directory;
  readonly acquaintances: Acquaintances;
  readonly gossip: Gossip;
  readonly probing: Probing;
  readonly peers: Peers;
}

export class Heartbeat {
  readonly #world: HeartbeatWorld;
  readonly #everyMs: number;
  #timer: unknown;
  #count = 0;

  constructor(everyMs: number, world: HeartbeatWorld) {
    this.#everyMs = everyMs;
    this.#world = world;
  }

  begin(): void {
    this.#timer = this.#world.clock.setTimeout(() => {
      this.begin();
      this.#beat();
    }, this.#everyMs);
  }

  end(): void {
    this.#world.clock.clearTimeout(this.#timer);
  }

  #beat(): void {
    const { acquaintances, directory, gossip, peers, probing } = this.#world;
    this.#count += 1;
    directory.expire();
    for (const peer of acquaintances.next(limits.gossipFanout)) {
      gossip.greet(peer);
      probing.probe(peer);
    }
    for (const peer of peers.suspects) probing.probe(peer);
    const gone = this.#count % limits.goneBeats === 0 ? acquaintances.oneGone() : undefined;
    if (gone) gossip.greet(gone);
  }
}
