/** Strongly connected components of a graph: where a run can go round. Tarjan's, without calls. */

/** Edges by node: those of node n stand from `offsets[n]` to `offsets[n + 1]`. */
export interface Graph {
  readonly offsets: readonly number[];
  /** The node that an edge leads to; negative where it leaves the graph. */
  readonly targets: readonly number[];
}

/** The components, each a list of nodes; one without edges to itself is a component too. */
export function componentsOf({ offsets, targets }: Graph): number[][] {
  const count = offsets.length - 1;
  const order = new Int32Array(count).fill(-1);
  const low = new Int32Array(count);
  const cursor = new Int32Array(count);
  const isOpen = new Uint8Array(count);
  const open: number[] = [];
  const components: number[][] = [];
  let seen = 0;
  const enter = (node: number, path: number[]) => {
    order[node] = low[node] = seen++;
    cursor[node] = offsets[node]!;
    isOpen[node] = 1;
    open.push(node);
    path.push(node);
  };
  const close = (node: number) => {
    const component = open.splice(open.lastIndexOf(node));
    for (const member of component) isOpen[member] = 0;
    components.push(component);
  };
  for (let root = 0; root < count; root++) {
    if (order[root]! >= 0) continue;
    const path: number[] = [];
    enter(root, path);
    for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
      if (cursor[node]! < offsets[node + 1]!) {
        const target = targets[cursor[node]!]!;
        cursor[node] = cursor[node]! + 1;
        if (target < 0) continue;
        if (order[target]! < 0) enter(target, path);
        else if (isOpen[target]) low[node] = Math.min(low[node]!, order[target]!);
        continue;
      }
      path.pop();
      const before = path.at(-1);
      if (before !== undefined) low[before] = Math.min(low[before]!, low[node]!);
      if (low[node] === order[node]) close(node);
    }
  }
  return components;
}
