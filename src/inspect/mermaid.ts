/** A machine as a mermaid `stateDiagram-v2`, read off the machine itself (AF-7). */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { edgesOf, eventName, guardName, nodesOf, stateName } from '../check/edges.ts';

/**
 * The diagram: states as they are nested, then transitions as `event [guard] / actions`. What a
 * state does at its entry and exit, whom it invokes and what it answers without leaving stand
 * below its name; for a state with states inside in a note, and so for the whole, which then gets
 * a frame.
 */
export function mermaidOf(machine: AnyStateMachine): string {
  const ids = idsOf(machine);
  const { root } = machine;
  const nodes = nodesOf(machine);
  const isFramed = doingsOf(root).length > 0;
  const lines = [
    'stateDiagram-v2',
    ...(isFramed ? declarationOf(root, ids, '  ') : insideOf(root, ids, '  ')),
    ...nodes.flatMap((node) => arrowsFrom(node, ids)),
    ...nodes.flatMap((node) => noteOf(node, ids)),
  ];
  return `${lines.join('\n')}\n`;
}

type Ids = ReadonlyMap<AnyStateNode, string>;

/** Mermaid knows no scopes and has words of its own, so a nested state is named by its path. */
function idsOf(machine: AnyStateMachine): Ids {
  const ids = new Map<AnyStateNode, string>();
  const taken = new Set(['end', 'state', 'note', 'class', 'default', 'direction', 'style']);
  for (const node of nodesOf(machine)) {
    let id = stateName(node).replaceAll(/\W/g, '_');
    while (taken.has(id)) id += '_';
    taken.add(id);
    ids.set(node, id);
  }
  return ids;
}

const idIn = (ids: Ids, node: AnyStateNode) => ids.get(node) ?? node.key;
const childrenOf = (node: AnyStateNode) => Object.values(node.states);
const isGroup = (node: AnyStateNode) => childrenOf(node).length > 0;

function insideOf(node: AnyStateNode, ids: Ids, indent: string): string[] {
  const regions = childrenOf(node).map((child) => [
    ...declarationOf(child, ids, indent),
    ...(child.type === 'final' ? [`${indent}${idIn(ids, child)} --> [*]`] : []),
  ]);
  if (node.type === 'parallel') {
    // A history state is no region of its own.
    const isRegion = (index: number) => index > 0 && childrenOf(node)[index]?.type !== 'history';
    return regions.flatMap((lines, index) => [
      ...(isRegion(index) ? [`${indent}--`] : []),
      ...lines,
    ]);
  }
  const start = node.initial?.target[0];
  const first = start === undefined ? [] : [`${indent}[*] --> ${idIn(ids, start)}`];
  return [...first, ...regions.flat()];
}

function declarationOf(node: AnyStateNode, ids: Ids, indent: string): string[] {
  const id = idIn(ids, node);
  const name =
    node.type === 'history' ? `history${node.history === 'deep' ? ', deep' : ''}` : node.key;
  const declared = `${indent}state "${name}" as ${id}`;
  if (isGroup(node)) return [`${declared} {`, ...insideOf(node, ids, `${indent}  `), `${indent}}`];
  return [declared, ...doingsOf(node).map((doing) => `${indent}${id} : ${doing}`)];
}

/** Drawn from state to state. What leads into the state's own inside cannot be, and is noted. */
function arrowsFrom(node: AnyStateNode, ids: Ids): string[] {
  return mergedEdgesOf(node)
    .filter(({ edge }) => !isNoted(edge))
    .flatMap(({ edge, label }) =>
      (edge.target ?? []).map(
        (target) => `  ${idIn(ids, node)} --> ${idIn(ids, target)} : ${label}`,
      ),
    );
}

function noteOf(node: AnyStateNode, ids: Ids): string[] {
  const doings = isGroup(node) ? doingsOf(node) : [];
  if (doings.length === 0) return [];
  const id = idIn(ids, node);
  return [`  note right of ${id}`, ...doings.map((doing) => `    ${doing}`), '  end note'];
}

/** What a state does, as it is written (its timers are arrows), and what it answers without one. */
function doingsOf(node: AnyStateNode): string[] {
  const done = (word: string, written: unknown) => {
    const actions = written === undefined ? [] : [written].flat();
    return actions.length === 0 ? [] : [`${word} / ${actionNames(actions)}`];
  };
  return [
    ...(node.tags.length === 0 ? [] : [`tags ${node.tags.join(', ')}`]),
    ...done('entry', node.config.entry),
    ...done('exit', node.config.exit),
    ...node.invoke.map(({ src, id }) => `invoke ${typeof src === 'string' ? src : id}`),
    ...mergedEdgesOf(node).flatMap(({ edge, label }) =>
      isNoted(edge) ? [`${label}${targetNames(edge)}`] : [],
    ),
  ];
}

const targetNames = ({ target }: AnyTransitionDefinition) =>
  target === undefined ? '' : ` → ${target.map((node) => stateName(node)).join(', ')}`;

/** Whether every target lies inside the source, or there is none. */
function isNoted({ source, target = [] }: AnyTransitionDefinition): boolean {
  const isInside = (node: AnyStateNode) =>
    (node !== source || isGroup(node)) &&
    source.path.every((key, index) => node.path[index] === key);
  return target.every(isInside);
}

/** Edges that differ by their events alone are one arrow; one that does nothing is none. */
function mergedEdgesOf(node: AnyStateNode) {
  const merged = new Map<string, { edge: AnyTransitionDefinition; events: string[] }>();
  for (const edge of edgesOf(node)) {
    if (edge.target === undefined && edge.actions.length === 0) continue;
    const key = `${targetNames(edge)}${labelOf('', edge)}`;
    const known = merged.get(key);
    if (known) known.events.push(eventName(edge));
    else merged.set(key, { edge, events: [eventName(edge)] });
  }
  return Array.from(merged.values(), ({ edge, events }) => ({
    edge,
    label: labelOf(events.join(', '), edge),
  }));
}

function labelOf(events: string, { guard, actions }: AnyTransitionDefinition): string {
  const name = guardName(guard);
  const condition = name === undefined ? '' : ` [${name}]`;
  return `${events}${condition}${actions.length === 0 ? '' : ` / ${actionNames(actions)}`}`;
}

const actionNames = (actions: readonly unknown[]) =>
  actions.map((action) => actionName(action)).join(', ');

function actionName(action: unknown): string {
  if (typeof action === 'string') return action;
  const { type, name, to } = action as { type?: unknown; name?: string; to?: unknown };
  if (typeof type !== 'string') return name === undefined || name === '' ? 'inline' : name;
  if (type === 'xstate.sendTo' && to === '#_parent') return 'sendParent';
  return type.replace(/^xstate\./, '');
}
