/** Which states and edges a walk went through: of what it never saw it says nothing. */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import type { Captured } from './capture.ts';
import { edgeName, edgesOf, nodesOf, stateName } from './edges.ts';

export interface Coverage {
  /** States never entered, by path. */
  readonly unentered: readonly string[];
  /** Transitions never taken, as `state: event [guard] → target`. */
  readonly untaken: readonly string[];
}

export class CoverageCount {
  readonly #entered = new Set<AnyStateNode>();
  readonly #taken = new Set<AnyTransitionDefinition>();

  add({ snapshot, transitions }: Captured): void {
    for (const node of snapshot._nodes as AnyStateNode[]) this.#entered.add(node);
    for (const edge of transitions) {
      this.#taken.add(edge);
      // A transient state shows in no snapshot, but a transition leaves it.
      for (let node: AnyStateNode | undefined = edge.source; node; node = node.parent) {
        this.#entered.add(node);
      }
    }
  }

  of(machine: AnyStateMachine): Coverage {
    const nodes = nodesOf(machine);
    const isPlace = (node: AnyStateNode) => node.type !== 'history';
    const unentered = nodes.filter((node) => isPlace(node) && !this.#entered.has(node));
    const untaken = nodes.flatMap(edgesOf).filter((edge) => !this.#taken.has(edge));
    return {
      unentered: unentered.map((node) => stateName(node)),
      untaken: untaken.map((edge) => edgeName(edge)),
    };
  }
}
