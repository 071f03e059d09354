/** The carriers that one stack has: which can be used, and which is taken for a client (CT-16). */
import type { CommitCargo, NodeMessage } from '../../actors/protocol.ts';
import type { CarrierName, NodeId, Tuple } from '../../actors/vocabulary.ts';
import { canDuplicate } from '../io/descriptors.ts';
import type { Links } from '../runtime/links.ts';
import { DescriptorArrival, RelayArrival, type Arrival } from './arrival.ts';
import type { Client } from './client.ts';
import type { Custody } from './custody.ts';
import type { Departure } from './departure.ts';
import { DescriptorDeparture } from './descriptor-departure.ts';
import { RelayDeparture } from './relay-departure.ts';
import { RelayHandover } from './relay-handover.ts';
import { Relays } from './relays.ts';

export interface CarriersOptions {
  readonly node: NodeId;
  readonly links: Links;
  readonly custody: Custody;
  /** In order of preference; those that cannot be used here are left out by themselves. */
  readonly allowed: readonly CarrierName[];
  indexOf(node: NodeId): number;
}

export class Carriers {
  /** What this stack can give and take, the preferred first. */
  readonly usable: readonly CarrierName[];
  readonly relays: Relays;
  readonly #options: CarriersOptions;
  readonly #handovers = new Map<string, RelayHandover>();

  constructor(options: CarriersOptions) {
    const { node, links, allowed } = options;
    this.#options = options;
    this.usable = allowed.filter((name) => name === 'relay' || canDuplicate);
    this.relays = new Relays(node, links);
    links.subscribe({ onMessage: (from, message) => this.#hear(from, message) });
  }

  /** `undefined`: there is none that both sides have. */
  departureOf(client: Client, offered: readonly CarrierName[]): Departure | undefined {
    const { links, custody, indexOf } = this.#options;
    if (client.relay) {
      const { owner, number } = client.relay;
      if (!offered.includes('relay')) return undefined;
      const handover = new RelayHandover(client, links);
      this.#handovers.set(`${owner}/${number}`, handover);
      return handover;
    }
    const name = this.usable.find((usable) => offered.includes(usable));
    if (name === 'descriptor') return new DescriptorDeparture(client, custody, indexOf);
    return name === 'relay' ? new RelayDeparture(client, this.relays) : undefined;
  }

  arrivalOf(cargo: CommitCargo, tuple: Tuple, allowHalfOpen: boolean): Arrival {
    return cargo.carrier === 'relay'
      ? new RelayArrival(cargo, allowHalfOpen)
      : new DescriptorArrival(cargo, this.#options.custody, { tuple, allowHalfOpen });
  }

  /** A client has left this stack, by a transfer or its own will. */
  forget({ relay }: Client): void {
    if (relay) this.#handovers.delete(`${relay.owner}/${relay.number}`);
  }

  #hear(from: NodeId, message: NodeMessage): boolean {
    if (message.type === 'relay.paused') {
      this.#handovers.get(`${from}/${message.ticket.number}`)?.hear(message);
      return true;
    }
    if (message.type !== 'relay.withdrawn') return false;
    this.#handovers.get(`${from}/${message.number}`)?.hear(message);
    return true;
  }
}
