/** A machine as a mermaid `stateDiagram-v2`, read off the machine itself (AF-7). */
import type { AnyStateMachine } from 'xstate';
import { chartOf, labelOf, statesOf, type Chart, type ChartState } from './chart.ts';

/**
 * The diagram: states as they are nested, then transitions as `event [guard] / actions`. What a
 * state does at its entry and exit, whom it invokes and what it answers without leaving stand
 * below its name; for a state with states inside in a note, and so for the whole, which then gets
 * a frame.
 */
export function mermaidOf(machine: AnyStateMachine): string {
  const chart = chartOf(machine);
  const { root } = chart;
  const ids = idsOf(chart);
  const states = statesOf(root);
  const lines = [
    'stateDiagram-v2',
    ...(root.doings.length > 0 ? declarationOf(root, ids, '  ') : insideOf(root, ids, '  ')),
    ...arrowsOf(chart, ids),
    ...states.flatMap((state) => noteOf(state, ids)),
  ];
  return `${lines.join('\n')}\n`;
}

/** By the chart's. */
type Ids = ReadonlyMap<string, string>;

/** Mermaid knows no scopes and has words of its own, so a nested state is named by its path. */
function idsOf({ machine, root }: Chart): Ids {
  const ids = new Map<string, string>();
  const taken = new Set(['end', 'state', 'note', 'class', 'default', 'direction', 'style']);
  for (const { id: path } of statesOf(root)) {
    let id = (path || machine).replaceAll(/\W/g, '_');
    while (taken.has(id)) id += '_';
    taken.add(id);
    ids.set(path, id);
  }
  return ids;
}

const idIn = (ids: Ids, id: string) => ids.get(id) ?? id;
const isGroup = ({ states }: ChartState) => states.length > 0;

function insideOf(state: ChartState, ids: Ids, indent: string): string[] {
  const regions = state.states.map((child) => [
    ...declarationOf(child, ids, indent),
    ...(child.type === 'final' ? [`${indent}${idIn(ids, child.id)} --> [*]`] : []),
  ]);
  if (state.type === 'parallel') {
    // A history state is no region of its own.
    const isRegion = (index: number) => index > 0 && state.states[index]?.type !== 'history';
    return regions.flatMap((lines, index) => [
      ...(isRegion(index) ? [`${indent}--`] : []),
      ...lines,
    ]);
  }
  const { initial } = state;
  const first = initial === undefined ? [] : [`${indent}[*] --> ${idIn(ids, initial)}`];
  return [...first, ...regions.flat()];
}

function declarationOf(state: ChartState, ids: Ids, indent: string): string[] {
  const id = idIn(ids, state.id);
  const name = state.type === 'history' ? `history${state.isDeep ? ', deep' : ''}` : state.name;
  const declared = `${indent}state "${name}" as ${id}`;
  if (isGroup(state))
    return [`${declared} {`, ...insideOf(state, ids, `${indent}  `), `${indent}}`];
  return [declared, ...state.doings.map((doing) => `${indent}${id} : ${doing}`)];
}

/** Drawn from state to state. What leads into the state's own inside cannot be, and is noted. */
const arrowsOf = ({ arrows }: Chart, ids: Ids): string[] =>
  arrows
    .filter(({ isNoted }) => !isNoted)
    .flatMap((arrow) =>
      arrow.targets.map(
        (target) => `  ${idIn(ids, arrow.source)} --> ${idIn(ids, target)} : ${labelOf(arrow)}`,
      ),
    );

function noteOf(state: ChartState, ids: Ids): string[] {
  const doings = isGroup(state) ? state.doings : [];
  if (doings.length === 0) return [];
  const lines = doings.map((doing) => `    ${doing}`);
  return [`  note right of ${idIn(ids, state.id)}`, ...lines, '  end note'];
}
