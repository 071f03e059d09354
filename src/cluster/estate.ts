/**
 * What a node's thread leaves when it has ended: rows and descriptors in shared memory, and last
 * words on its links. It is cleared away once every survivor has read those words; of one that
 * stands still the others are not made to wait, so that a new thread of the node may run meanwhile.
 */
import type { NodeId } from '../../actors/vocabulary.ts';
import { TupleTable } from '../ports/tuple-table.ts';
import { Custody } from '../transfer/custody.ts';
import { patiently, type NodeThread } from './node-thread.ts';
import type { SharedMemory } from './shared-memory.ts';

export interface EstateOptions {
  readonly node: NodeId;
  readonly index: number;
  readonly memory: SharedMemory;
  /** By index in the configuration; none where a node is down. */
  readonly survivors: readonly (NodeThread | undefined)[];
  /** Whether that thread, and no later one of its node, still lives. */
  readonly isAlive: (thread: NodeThread) => boolean;
  /** Frees the lock it held, and gives its source ports back. */
  readonly endStack: (index: number) => void;
}

export class Estate {
  /** Settles when all is cleared away, however long a survivor stands still. */
  readonly cleared: Promise<void>;

  constructor({ node, index, memory, survivors, isAlive, endStack }: EstateOptions) {
    endStack(index); // First: somebody may wait for the lock.
    const left = Custody.leftBy(memory.custody, index);
    new TupleTable(memory.routes, index).removeOwnedBy(index);
    const isDead = (target: number) => {
      const thread = survivors[target];
      return !thread || !isAlive(thread);
    };
    const heard = survivors.map((thread) => thread?.lose(node) ?? Promise.resolve());
    this.cleared = this.#clear(heard, () => Custody.sweep(memory.custody, left, isDead));
  }

  async #clear(heard: readonly Promise<void>[], sweep: () => void): Promise<void> {
    await Promise.all(heard);
    sweep();
  }

  /** Settles when all is cleared away, or is left to a node that is blocked. */
  async settle(): Promise<void> {
    await patiently(this.cleared);
  }
}
