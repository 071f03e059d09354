/**
 * A machine as a value that can be drawn, sent and kept: its states as they are nested, and its
 * transitions as arrows. Every format is made from it, in Node and in the page alike (AF-7).
 */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { edgesOf, eventName, guardName, nodesOf, stateName } from '../check/edges.ts';

export interface ChartState {
  /** Its path, with points between; empty for the whole machine. */
  readonly id: string;
  readonly name: string;
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  readonly isDeep?: true;
  readonly initial?: string;
  /** Tags, entry and exit, whom it invokes, and what it answers without an arrow. */
  readonly doings: readonly string[];
  readonly states: readonly ChartState[];
}

export interface ChartArrow {
  readonly source: string;
  /** None where the machine only acts, and stays. */
  readonly targets: readonly string[];
  readonly events: readonly string[];
  readonly guard?: string;
  readonly actions: readonly string[];
  /** Every target lies inside the source: it is written into the state, not drawn. */
  readonly isNoted: boolean;
  /** The transitions that it stands for, as `transitionId` names them. */
  readonly transitions: readonly string[];
}

export interface Chart {
  readonly machine: string;
  readonly root: ChartState;
  readonly arrows: readonly ChartArrow[];
}

/** Transitions that differ by their events alone are one arrow; one that does nothing is none. */
export function chartOf(machine: AnyStateMachine): Chart {
  return {
    machine: machine.id,
    root: stateOf(machine.root),
    arrows: nodesOf(machine).flatMap((node) => arrowsOf(node)),
  };
}

/** Every state of a chart, outermost first, in the order written. */
export const statesOf = (state: ChartState): ChartState[] => [
  state,
  ...state.states.flatMap((child) => statesOf(child)),
];

/** `event [guard] / actions`. */
export function labelOf({ events, guard, actions }: ChartArrow): string {
  const condition = guard === undefined ? '' : ` [${guard}]`;
  const doing = actions.length === 0 ? '' : ` / ${actions.join(', ')}`;
  return `${events.join(', ')}${condition}${doing}`;
}

/** The ids of the states that a snapshot's value names, with all that they lie in. */
export function activeStates(value: unknown, path = ''): string[] {
  const inside = (name: string) => (path === '' ? name : `${path}.${name}`);
  if (typeof value === 'string') return [path, inside(value)];
  if (typeof value !== 'object' || value === null) return [path];
  const below = Object.entries(value).flatMap(([name, part]) => activeStates(part, inside(name)));
  return [path, ...below];
}

const transitionIds = new WeakMap<AnyTransitionDefinition, string>();

/** The same in every thread: the state that has it, and its place among those of that state. */
export function transitionId(edge: AnyTransitionDefinition): string {
  const known = transitionIds.get(edge);
  if (known !== undefined) return known;
  const id = `${idOf(edge.source)}#${edgesOf(edge.source).indexOf(edge)}`;
  transitionIds.set(edge, id);
  return id;
}

const idOf = ({ path }: AnyStateNode): string => path.join('.');

function stateOf(node: AnyStateNode): ChartState {
  const start = node.initial?.target[0];
  return {
    id: idOf(node),
    name: node.path.length === 0 ? node.machine.id : node.key,
    type: node.type,
    ...(node.type === 'history' && node.history === 'deep' && { isDeep: true }),
    ...(start !== undefined && { initial: idOf(start) }),
    doings: doingsOf(node),
    states: Object.values(node.states).map((child) => stateOf(child)),
  };
}

/** What a state does, as it is written (its timers are arrows), and what it answers without one. */
function doingsOf(node: AnyStateNode): string[] {
  const done = (word: string, written: unknown) => {
    const actions = written === undefined ? [] : [written].flat();
    const names = actions.map((action) => actionName(action)).join(', ');
    return actions.length === 0 ? [] : [`${word} / ${names}`];
  };
  return [
    ...(node.tags.length === 0 ? [] : [`tags ${node.tags.join(', ')}`]),
    ...done('entry', node.config.entry),
    ...done('exit', node.config.exit),
    ...node.invoke.map(({ src, id }) => `invoke ${typeof src === 'string' ? src : id}`),
    ...arrowsOf(node).flatMap((arrow) =>
      arrow.isNoted ? [`${labelOf(arrow)}${targetNames(node, arrow)}`] : [],
    ),
  ];
}

const targetNames = ({ machine }: AnyStateNode, { targets }: ChartArrow) =>
  targets.length === 0 ? '' : ` → ${targets.map((id) => id || machine.id).join(', ')}`;

function arrowsOf(node: AnyStateNode): ChartArrow[] {
  const merged = new Map<string, AnyTransitionDefinition[]>();
  for (const edge of edgesOf(node)) {
    if (edge.target === undefined && edge.actions.length === 0) continue;
    const targets = edge.target?.map((target) => stateName(target));
    const key = JSON.stringify([targets, guardName(edge.guard), edge.actions.map(actionName)]);
    const known = merged.get(key);
    if (known) known.push(edge);
    else merged.set(key, [edge]);
  }
  return Array.from(merged.values(), (edges) => arrowOf(edges));
}

function arrowOf(edges: readonly AnyTransitionDefinition[]): ChartArrow {
  const [edge] = edges as [AnyTransitionDefinition];
  const guard = guardName(edge.guard);
  return {
    source: idOf(edge.source),
    targets: edge.target?.map((target) => idOf(target)) ?? [],
    events: edges.map((other) => eventName(other)),
    ...(guard !== undefined && { guard }),
    actions: edge.actions.map((action) => actionName(action)),
    isNoted: isNoted(edge),
    transitions: edges.map((other) => transitionId(other)),
  };
}

/** Whether every target lies inside the source, or there is none. */
function isNoted({ source, target = [] }: AnyTransitionDefinition): boolean {
  const isGroup = (node: AnyStateNode) => Object.keys(node.states).length > 0;
  const isInside = (node: AnyStateNode) =>
    (node !== source || isGroup(node)) &&
    source.path.every((key, index) => node.path[index] === key);
  return target.every(isInside);
}

function actionName(action: unknown): string {
  if (typeof action === 'string') return action;
  const { type, name, to } = action as { type?: unknown; name?: string; to?: unknown };
  if (typeof type !== 'string') return name === undefined || name === '' ? 'inline' : name;
  if (type === 'xstate.sendTo' && to === '#_parent') return 'sendParent';
  return type.replace(/^xstate\./, '');
}
