/** What several threads have found, as the set of one. */
import type { Board } from './board.ts';
import type { SharedStates } from './shared-states.ts';
import { StateSet } from './state-set.ts';

export interface Collection {
  readonly set: StateSet;
  /** The index in the set of the threads' state of that index. */
  indexOf(shared: number): number;
}

/** In the order in which each thread found them: a state comes after the one it was found from. */
export function collected(shared: SharedStates, board: Board): Collection {
  const set = new StateSet(shared.width, { isKeyed: false });
  const numbers = new Map<number, number>();
  const row = new Int32Array(shared.width);
  const orders = Array.from({ length: board.threads }, () => 0);
  const collect = (thread: number) => {
    for (; orders[thread]! < board.found(thread); orders[thread]!++) {
      const index = board.indexOf(thread, orders[thread]!);
      const parent = numbers.get(shared.parentOf(index));
      if (parent === undefined && numbers.size > 0) return;
      shared.read(index, row);
      numbers.set(index, set.add(row, row, parent ?? 0));
    }
  };
  while (set.count < board.states) for (const thread of orders.keys()) collect(thread);
  return { set, indexOf: (index) => numbers.get(index) ?? -1 };
}
