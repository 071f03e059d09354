/**
 * Addresses of a VIPA range that this node has bound (SP-8): each is owned by its lease, as long
 * as a binding and the node live. After z/OS's VIPARANGE, but a second node's bind is refused.
 */
import type { ApplicationName } from '../../actors/vocabulary.ts';
import { InterplexError } from '../errors.ts';
import { openListener } from '../io/listener.ts';
import type { Lease, Leases } from '../ports/coupling-facility.ts';
import type { LeaseKeys } from '../ports/lease-keys.ts';
import type { RoutingFunction } from './routing-role.ts';
import type { Stack } from './stack.ts';
import type { Vipa, VipaRange } from './vipa.ts';

export interface RangeBindOptions {
  /** The range's name in the configuration. */
  readonly range: string;
  /** An address of its subnet, and of this host. */
  readonly address: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Answers its clients. */
  readonly routing: RoutingFunction;
}

export interface RangeBinding {
  readonly address: string;
  readonly port: number;
  /** Stops listening and, with its last binding, gives the address back. Clients live on. */
  close(): Promise<void>;
}

export interface RangeWorld {
  readonly stack: Stack;
  readonly leases: Leases;
  readonly keys: LeaseKeys;
  readonly ranges: readonly VipaRange[];
  /** Opens a routing application of this node. Returns how to close it. */
  readonly openRouting: (name: ApplicationName, routing: RoutingFunction) => Promise<() => void>;
}

export class RangeBindings {
  readonly #world: RangeWorld;
  /** By lease key: the lease, once it is granted, and how many bindings it is for. */
  readonly #held = new Map<string, { lease: Promise<Lease | undefined>; count: number }>();
  /** How those that listen stop. */
  readonly #listening = new Set<() => void>();
  #lastBinding = 0;
  #isDraining = false;

  constructor(world: RangeWorld) {
    this.#world = world;
  }

  /**
   * Settles when it listens. Rejects with IPX_OPTION_INVALID for an address outside the range,
   * IPX_ADDRESS_HELD while another node owns it, IPX_PORT_HELD, IPX_ADDRESS_UNUSABLE, or
   * IPX_STACK_DRAINING.
   */
  async bind({ range, address, port, routing }: RangeBindOptions): Promise<RangeBinding> {
    const known = this.#world.ranges.find(({ name }) => name === range);
    const key = this.#world.keys.keyOfAddress(range, address);
    if (!known || key === undefined) {
      const sentence = `${address} is not in a range "${range}": see vipas in the configuration.`;
      throw new InterplexError('IPX_OPTION_INVALID', sentence);
    }
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      const sentence = `${port} is no port: give a whole number from 0 to 65535.`;
      throw new InterplexError('IPX_OPTION_INVALID', sentence);
    }
    if (this.#isDraining) throw draining();
    const lease = await this.#hold(key, address);
    this.#lastBinding += 1; // Two bindings to any free port differ in nothing else.
    const name = `range:${address}:${this.#lastBinding}` as ApplicationName;
    const undo: (() => unknown)[] = [() => this.#drop(key)];
    const close = async () => {
      for (const step of undo.splice(0).toReversed()) await step(); // Closed twice is closed once.
    };
    try {
      undo.push(await this.#world.openRouting(name, routing));
      const listener = await this.#listen(vipaOf(known, name, address, port), lease);
      undo.push(listener.close); // First: nobody is accepted under a lease that is another's.
      if (this.#isDraining) throw draining();
      return { address, port: listener.port, close };
    } catch (error) {
      await close();
      throw error;
    }
  }

  /** The node takes no new clients; what it has bound is its own until it has ended. */
  drain(): void {
    this.#isDraining = true;
    for (const stop of this.#listening) stop();
  }

  #listen(vipa: Vipa, lease: Lease): Promise<{ port: number; close: () => void }> {
    const { stack, leases } = this.#world;
    return new Promise((resolve, reject) => {
      const stop = openListener(vipa, {
        onOpen: (port) => {
          this.#listening.add(stop);
          resolve({
            port,
            close: () => {
              this.#listening.delete(stop);
              stop();
            },
          });
        },
        onFailure: ({ code, reason }) => reject(new InterplexError(code, reason)),
        onSocket: (socket) => {
          if (leases.isCurrent(lease)) stack.accept(vipa, socket);
          else socket.destroy();
        },
      });
    });
  }

  async #hold(key: string, address: string): Promise<Lease> {
    const held = this.#held.get(key) ?? { lease: this.#world.leases.acquire(key), count: 0 };
    held.count += 1;
    this.#held.set(key, held);
    const lease = await held.lease;
    if (lease) return lease;
    await this.#drop(key);
    const sentence = `Another node has bound ${address}: close it there first.`;
    throw new InterplexError('IPX_ADDRESS_HELD', sentence);
  }

  async #drop(key: string): Promise<void> {
    const held = this.#held.get(key);
    if (!held) return;
    held.count -= 1;
    if (held.count > 0) return;
    this.#held.delete(key);
    const lease = await held.lease;
    if (lease) await this.#world.leases.release(lease);
  }
}

const draining = () =>
  new InterplexError('IPX_STACK_DRAINING', 'The node is stopping: bind the address elsewhere.');

const vipaOf = (
  { name, hopsMax }: VipaRange,
  routing: ApplicationName,
  address: string,
  port: number,
): Vipa => ({
  name,
  address,
  port,
  routing,
  hopsMax,
  distribution: undefined,
  preference: [],
  takeback: 'immediate',
});
