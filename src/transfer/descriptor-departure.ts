/** The descriptor carrier's giving side: a duplicate of the descriptor, in shared custody. */
import type { CommitCargo } from '../../actors/protocol.ts';
import type { CustodySlot, NodeId, Refusal } from '../../actors/vocabulary.ts';
import { sentenceOf } from '../errors.ts';
import { closeDescriptor, duplicateDescriptor } from '../io/descriptors.ts';
import type { Client } from './client.ts';
import type { Custody } from './custody.ts';
import { Freeze } from './freeze.ts';
import type { Departure } from './departure.ts';

export class DescriptorDeparture implements Departure {
  readonly carrier = 'descriptor';
  readonly #client: Client;
  readonly #custody: Custody;
  readonly #indexOf: (node: NodeId) => number;
  readonly #freeze: Freeze;
  #slot: CustodySlot | undefined;

  constructor(client: Client, custody: Custody, indexOf: (node: NodeId) => number) {
    this.#client = client;
    this.#custody = custody;
    this.#indexOf = indexOf;
    this.#freeze = new Freeze(client);
  }

  freeze(answer: (refusal: Refusal | undefined) => void): void {
    this.#freeze.begin(answer);
  }

  thaw(): void {
    this.#freeze.end();
  }

  commit(target: NodeId): CommitCargo | Refusal {
    const { frozen } = this.#freeze;
    if (!frozen) return { code: 'IPX_CLIENT_GONE', reason: 'The client has left.' };
    const slot = this.#offer(frozen.descriptor, target);
    if (typeof slot !== 'number') return slot;
    this.#slot = slot;
    const timeoutMs = this.#client.socket.timeout ?? 0;
    return { carrier: 'descriptor', slot, unread: frozen.unread, timeoutMs };
  }

  reclaim(isTargetDead: boolean, answer: (kept: boolean) => void): void {
    const slot = this.#slot;
    this.#slot = undefined; // The next attempt has its own.
    answer(slot === undefined || this.#custody.reclaim(slot, isTargetDead));
  }

  settle(): void {
    if (this.#slot !== undefined) this.#custody.settle(this.#slot);
  }

  #offer(descriptor: number, target: NodeId): CustodySlot | Refusal {
    try {
      const duplicate = duplicateDescriptor(descriptor);
      const slot = this.#custody.offer(duplicate, this.#indexOf(target));
      if (slot !== undefined) return slot;
      closeDescriptor(duplicate);
      return { code: 'IPX_CUSTODY_FULL', reason: 'Too many transfers are under way here.' };
    } catch (error) {
      return { code: 'IPX_CARRIER_NONE', reason: sentenceOf(error) };
    }
  }
}
