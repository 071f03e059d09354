/** Nodes of one process that share the memory of their leases, each linked to all others. */
import { once } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { onTestFinished } from 'vitest';
import type { NodeId, VipaName } from '#actors/vocabulary';
import { LeaseKeys } from '#internal/ports/lease-keys';
import { leaseMemory, SharedLeases } from '#internal/ports/shared-leases';
import { Links } from '#internal/runtime/links';

export const nodes = ['a', 'b', 'c'] as NodeId[];
export const key = 'chat';

interface Member {
  readonly links: Links;
  readonly leases: SharedLeases;
  readonly ports: Map<NodeId, MessagePort>;
}

export class LeaseHolders {
  readonly #keys = new LeaseKeys([{ name: key as VipaName }], []);
  readonly #memory = leaseMemory(this.#keys.size);
  readonly #members = new Map<NodeId, Member>();

  constructor() {
    onTestFinished(() => this.#members.forEach(({ links }) => links.closeAll()));
  }

  /** Begins a node, linked to those that live. */
  begin(node: NodeId): SharedLeases {
    const links = new Links(node);
    const living = [...this.#members.keys(), node];
    const shared = { memory: this.#memory, keys: this.#keys };
    const leases = new SharedLeases({ ...shared, node, nodes, living, links });
    const begun: Member = { links, leases, ports: new Map() };
    for (const [peer, member] of this.#members) {
      const { port1, port2 } = new MessageChannel();
      links.open(peer, port1);
      member.links.open(node, port2);
      begun.ports.set(peer, port1);
      member.ports.set(node, port2);
    }
    this.#members.set(node, begun);
    return leases;
  }

  /** Ends a node without a word of its own; settles when the others know of it for certain. */
  async end(node: NodeId): Promise<void> {
    const ended = this.#members.get(node);
    this.#members.delete(node);
    const closed = [...this.#members.values()].map(({ ports }) =>
      once(portOf(ports, node), 'close'),
    );
    for (const port of ended?.ports.values() ?? []) port.close();
    await Promise.all(closed);
    await Promise.all([...this.#members.values()].map(({ links }) => links.lose(node)));
  }
}

function portOf(ports: ReadonlyMap<NodeId, MessagePort>, peer: NodeId): MessagePort {
  const port = ports.get(peer);
  if (!port) throw new Error(`There is no link to ${peer}.`);
  return port;
}
