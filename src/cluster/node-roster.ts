/** The threads of a cluster's nodes that live in this process. */
import type { NodeId } from '../../actors/vocabulary.ts';
import { InterplexError } from '../errors.ts';
import type { NodeThread } from './node-thread.ts';

export class NodeRoster {
  readonly #order: readonly NodeId[];
  readonly #threads = new Map<NodeId, NodeThread>();

  /** `order` is the configuration's. */
  constructor(order: readonly NodeId[]) {
    this.#order = order;
  }

  /** The names of those that live, in order. */
  get names(): readonly NodeId[] {
    return this.#order.filter((id) => this.#threads.has(id));
  }
  /** In the order in which they began. */
  get threads(): readonly NodeThread[] {
    return [...this.#threads.values()];
  }

  get(id: NodeId): NodeThread | undefined {
    return this.#threads.get(id);
  }
  add(thread: NodeThread): void {
    this.#threads.set(thread.id, thread);
  }
  remove(id: NodeId): void {
    this.#threads.delete(id);
  }

  /** Throws IPX_NODE_UNKNOWN. */
  living(node: string): NodeThread {
    const thread = this.threads.find(({ id }) => id === node);
    if (thread) return thread;
    throw this.unknown(node);
  }

  /** Throws IPX_NAME_TAKEN while it lives. */
  requireEnded(id: NodeId): void {
    if (!this.get(id)) return;
    const sentence = `Node "${id}" lives: stop or kill it before it is started again.`;
    throw new InterplexError('IPX_NAME_TAKEN', sentence);
  }

  /** Links a thread to each that was there before it. */
  async introduce(thread: NodeThread): Promise<void> {
    const all = this.threads;
    const earlier = all.slice(0, all.indexOf(thread));
    await Promise.all(earlier.map((other) => thread.link(other)));
  }

  unknown(node: string): InterplexError {
    const living = this.names.join(', ') || 'none';
    return new InterplexError('IPX_NODE_UNKNOWN', `No node "${node}" lives here, only: ${living}.`);
  }
}
