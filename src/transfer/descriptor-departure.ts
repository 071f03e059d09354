/** The descriptor carrier's giving side: a duplicate of the descriptor, in shared custody. */
import type { CommitCargo } from '../../actors/protocol.ts';
import type { CustodySlot, Refusal } from '../../actors/vocabulary.ts';
import { sentenceOf } from '../errors.ts';
import { closeDescriptor, descriptorOf, duplicateDescriptor } from '../io/descriptors.ts';
import type { Client } from './client.ts';
import type { Custody } from './custody.ts';
import { Freeze } from './freeze.ts';
import type { Departure } from './departure.ts';

export class DescriptorDeparture implements Departure {
  readonly carrier = 'descriptor';
  readonly #client: Client;
  readonly #custody: Custody;
  readonly #targetIndex: number;
  readonly #freeze: Freeze;
  #slot: CustodySlot | undefined;

  constructor(client: Client, custody: Custody, targetIndex: number) {
    this.#client = client;
    this.#custody = custody;
    this.#targetIndex = targetIndex;
    this.#freeze = new Freeze(client);
  }

  /** The slot is filled while the client is still read: no target knows it before the commit. */
  freeze(answer: (refusal: Refusal | undefined) => void): void {
    this.#freeze.begin(answer, () => this.#offer());
  }

  thaw(): void {
    this.#takeBack(false);
    this.#freeze.end();
  }

  commit(): CommitCargo | Refusal {
    const { frozen } = this.#freeze;
    if (!frozen || this.#slot === undefined) {
      return { code: 'IPX_CLIENT_GONE', reason: 'The client has left.' };
    }
    const timeoutMs = this.#client.socket.timeout ?? 0;
    return { carrier: 'descriptor', slot: this.#slot, unread: frozen.unread, timeoutMs };
  }

  reclaim(isTargetDead: boolean, answer: (kept: boolean) => void): void {
    answer(this.#takeBack(isTargetDead));
  }

  settle(): void {
    if (this.#slot !== undefined) this.#custody.settle(this.#slot);
  }

  #offer(): Refusal | undefined {
    try {
      const duplicate = duplicateDescriptor(descriptorOf(this.#client.socket) ?? -1);
      this.#slot = this.#custody.offer(duplicate, this.#targetIndex);
      if (this.#slot !== undefined) return undefined;
      closeDescriptor(duplicate);
      return { code: 'IPX_CUSTODY_FULL', reason: 'Too many transfers are under way here.' };
    } catch (error) {
      return { code: 'IPX_CARRIER_NONE', reason: sentenceOf(error) };
    }
  }

  /** Whether the target was not first. */
  #takeBack(isTargetDead: boolean): boolean {
    const slot = this.#slot;
    this.#slot = undefined;
    return slot === undefined || this.#custody.reclaim(slot, isTargetDead);
  }
}
