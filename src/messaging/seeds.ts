/**
 * Addresses that lead to the cluster: tried again and again, with growing pauses, while no member
 * that lives has them. What may pass is no error; it is told.
 */
import { limits } from '../limits.ts';
import { rowsOf } from './address-table.ts';
import type { Clock } from './clock.ts';
import type { Directory } from './directory.ts';
import type { MessagingEvent } from './events.ts';
import { nobody } from './frames.ts';
import type { Gossip } from './gossip.ts';
import type { OwnAdapters } from './own-adapters.ts';
import type { Peers } from './peers.ts';
import type { Seed } from './settings.ts';
import type { Transport } from './transport.ts';

export interface SeedsWorld {
  readonly clock: Clock;
  readonly directory: Directory;
  readonly gossip: Gossip;
  readonly own: OwnAdapters;
  readonly peers: Peers;
  readonly transport: Transport;
  readonly tell: (event: MessagingEvent) => void;
}

export class Seeds {
  readonly #world: SeedsWorld;
  readonly #timers = new Map<Seed, unknown>();

  constructor(seeds: readonly Seed[], world: SeedsWorld) {
    this.#world = world;
    for (const seed of seeds) this.#timers.set(seed, undefined);
  }

  begin(): void {
    for (const seed of this.#timers.keys()) this.#try(seed, 0);
  }

  close(): void {
    for (const timer of this.#timers.values()) this.#world.clock.clearTimeout(timer);
    this.#timers.clear();
  }

  #try(seed: Seed, attempts: number): void {
    const { clock, tell } = this.#world;
    const name = `${seed.address}:${seed.port}`;
    const { least, most } = limits.seedBackoffMs;
    const isFound = this.#isMember(seed);
    if (isFound && attempts > 0) tell({ type: 'seed.answered', seed: name });
    if (!isFound) this.#introduce(seed);
    const againInMs = isFound ? most : Math.min(most, least * 2 ** Math.min(attempts, 16));
    if (!isFound && attempts > 0) tell({ type: 'seed.silent', seed: name, attempts, againInMs });
    const next = isFound ? 0 : attempts + 1;
    this.#timers.set(
      seed,
      clock.setTimeout(() => this.#try(seed, next), againInMs),
    );
  }

  /** Whether this node has the address, or a member that answers. */
  #isMember(seed: Seed): boolean {
    const { directory, own, peers } = this.#world;
    const isAt = ({ address, port }: Seed) => address === seed.address && port === seed.port;
    const isHeard = (row: ReturnType<typeof rowsOf>[number]) =>
      row.status === 'present' && peers.known(row.node)?.status === 'alive';
    return (
      own.rows.some(isAt) ||
      rowsOf(directory.table).some((row) => isHeard(row) && row.adapters.some(isAt))
    );
  }

  #introduce(seed: Seed): void {
    const { own: adapters, gossip, transport } = this.#world;
    const own = adapters.towards(seed.address, 0);
    if (own) gossip.introduce(transport.destination(own, seed, nobody));
  }
}
