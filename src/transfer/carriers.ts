/** The carriers that one stack has: which can be used, and which is taken for a client (CT-16). */
import type { CommitCargo, NodeMessage, RelayTicket } from '../../actors/protocol.ts';
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
  readonly indexOf: (node: NodeId) => number;
  /** Where nodes of other processes fetch what is relayed here, the preferred first. */
  readonly addresses: readonly string[];
}

export class Carriers {
  /** What this stack can give and take, the preferred first. */
  readonly usable: readonly CarrierName[];
  readonly relays: Relays;
  readonly #options: CarriersOptions;
  /** By number, each with the node that relays its client. */
  readonly #handovers = new Map<number, { from: NodeId; handover: RelayHandover }>();
  #lastHandover = 0;

  constructor(options: CarriersOptions) {
    const { node, links, allowed, addresses } = options;
    this.#options = options;
    this.usable = allowed.filter((name) => name === 'relay' || canDuplicate);
    this.relays = new Relays(node, links, addresses);
    links.subscribe({
      onMessage: (from, message) => this.#hear(from, message),
      onClose: (peer) => {
        for (const { from, handover } of this.#handovers.values()) {
          if (from === peer) handover.relayLost();
        }
      },
      onLost: (peer) => options.custody.targetEnded(options.indexOf(peer)),
    });
  }

  /** `undefined`: there is none that both sides have. */
  departureOf(
    client: Client,
    target: NodeId,
    offered: readonly CarrierName[],
  ): Departure | undefined {
    const { custody, indexOf, links } = this.#options;
    if (client.relay) {
      return offered.includes('relay') ? this.#handoverOf(client, client.relay, target) : undefined;
    }
    // A descriptor is a number of this process.
    const common = this.usable.filter((usable) => offered.includes(usable));
    const name = common.find((usable) => usable === 'relay' || links.isHere(target));
    if (name === 'descriptor') return new DescriptorDeparture(client, custody, indexOf(target));
    return name === 'relay' ? new RelayDeparture(client, this.relays, target) : undefined;
  }

  arrivalOf(cargo: CommitCargo, tuple: Tuple, allowHalfOpen: boolean): Arrival {
    return cargo.carrier === 'relay'
      ? new RelayArrival(cargo, allowHalfOpen)
      : new DescriptorArrival(cargo, this.#options.custody, { tuple, allowHalfOpen });
  }

  #handoverOf(client: Client, relay: RelayTicket, target: NodeId): RelayHandover {
    this.#lastHandover += 1;
    const number = this.#lastHandover;
    const onOver = () => this.#handovers.delete(number);
    const handover = new RelayHandover(
      { client, links: this.#options.links, target, number, onOver },
      relay,
    );
    this.#handovers.set(number, { from: relay.owner, handover });
    return handover;
  }

  #hear(from: NodeId, message: NodeMessage): boolean {
    switch (message.type) {
      case 'relay.paused':
      case 'relay.emptied':
      case 'relay.withdrawn': {
        const known = this.#handovers.get(message.handover);
        if (known?.from === from) known.handover.hear(message);
        return true;
      }
      default:
        return false;
    }
  }
}
