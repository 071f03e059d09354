/** Nodes of a simulated network, each with two adapters; they know each other's rows. */
import type { NodeId } from '#actors/vocabulary';
import type { MessagingEvent } from '#internal/messaging/events';
import type { Messenger } from '#internal/messaging/messenger';
import type { Row } from '#internal/messaging/row';
import type { MessengerOptions } from '#internal/messaging/settings';
import { SimulatedNetwork, type NetworkOptions } from './simulated-network.ts';

export interface SimulatedNode {
  readonly messenger: Messenger;
  readonly events: MessagingEvent[];
  /** Its own application blocks its event loop for so long, from now on. */
  block(ms: number): void;
}

const addressOf = (network: number, index: number) => `10.${network}.${index >> 8}.${index & 255}`;
const port = 4_400;
const adapterCount = 2;
export const clusterKey = new Uint8Array(32).fill(7);

export class SimulatedCluster {
  readonly network: SimulatedNetwork;
  readonly nodes: readonly SimulatedNode[];

  constructor(count: number, options: NetworkOptions, given: Partial<MessengerOptions> = {}) {
    this.network = new SimulatedNetwork(options);
    const rows = Array.from({ length: count }, (_, index) => rowAt(index));
    this.nodes = rows.map((row, index) => this.#newNode(index, rows, given));
  }

  get messengers(): readonly Messenger[] {
    return this.nodes.map(({ messenger }) => messenger);
  }

  async start(): Promise<void> {
    const started = this.messengers.map((messenger) => messenger.start());
    await this.network.run(1);
    await Promise.all(started);
  }

  async close(): Promise<void> {
    const closed = this.messengers.map((messenger) => messenger.close());
    await this.network.run(1);
    await Promise.all(closed);
  }

  isEqual(messengers: readonly Messenger[] = this.messengers): boolean {
    const hash = messengers[0]?.addressTable.hash;
    // It is asked at each step: the first that differs is answer enough.
    return messengers.every(({ addressTable }) => addressTable.hash === hash);
  }

  /** Lets time pass until the promise has settled. */
  async settle<Value>(promise: Promise<Value>, withinMs = 60_000): Promise<Value> {
    let isSettled = false;
    const settled = () => void (isSettled = true);
    promise.then(settled, settled);
    await this.network.until(() => isSettled, withinMs);
    if (!isSettled) throw new Error(`Not within ${withinMs} simulated ms.`);
    return promise;
  }

  /** Of one network nothing comes through any more, or only to others than one node. */
  cut(network: number, node?: number): void {
    const address = node === undefined ? `10.${network}.` : addressOf(network, node + 1);
    const before = this.network.passes;
    this.network.passes = (from, to, bytes) =>
      !from.startsWith(address) && !to.startsWith(address) && before(from, to, bytes);
  }

  /** Between the first so many nodes and the others. */
  part(count: number): void {
    const isFirst = (address: string) => {
      const [, , high, low] = address.split('.').map(Number);
      return (high ?? 0) * 256 + (low ?? 0) <= count;
    };
    this.network.passes = (from, to) => isFirst(from) === isFirst(to);
  }

  /** From now on: whether a datagram has passed between the first so many nodes and the others. */
  whenMet(count: number): () => boolean {
    let isMet = false;
    this.network.onDatagram = (_, from, to) => {
      const isFirst = (name: string) => Number(name.split(':')[0]?.split('.')[3]) <= count;
      isMet ||= isFirst(from) !== isFirst(to);
    };
    return () => isMet;
  }

  mend(): void {
    this.network.passes = () => true;
  }

  #newNode(index: number, rows: readonly Row[], given: Partial<MessengerOptions>): SimulatedNode {
    let blockedUntil = 0;
    const { network } = this;
    const clock = network.clock(
      () => network.now() < blockedUntil,
      () => blockedUntil,
    );
    const own = rows[index]!;
    const messenger = network.messenger(
      {
        node: own.node,
        key: clusterKey,
        incarnation: 1,
        adapters: own.adapters.map(({ address, mtu, prefix }) => ({ address, port, mtu, prefix })),
        rows: rows.filter((row) => row !== own),
        ...given,
      },
      clock,
      clock.hold,
    );
    const events: MessagingEvent[] = [];
    messenger.subscribe((event) => events.push(event));
    return { messenger, events, block: (ms) => void (blockedUntil = network.now() + ms) };
  }
}

function rowAt(index: number): Row {
  return {
    node: `n${index + 1}` as NodeId,
    incarnation: 1,
    // As its own messenger comes to it, opening one adapter after another.
    version: adapterCount,
    status: 'present',
    adapters: Array.from({ length: adapterCount }, (_, network) => ({
      address: addressOf(network, index + 1),
      port,
      status: 'up',
      type: 'ethernet',
      mtu: 1_500,
      prefix: 16,
      classOfService: 0,
    })),
  };
}
