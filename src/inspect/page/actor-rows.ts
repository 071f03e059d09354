/** The tree of actors as rows: as their parents have them, those that the search names. */
import { stateText } from './format.ts';
import type { Actor, Model } from './model.ts';

export interface Row {
  readonly id: string;
  readonly depth: number;
  /** None for a node as a whole. */
  readonly actor: Actor | undefined;
  readonly childCount: number;
}

/** Of one parent's actors that are over the last are still shown. */
const overMax = 20;

export function rowsOf(model: Model, search: string, folded: ReadonlySet<string>): Row[] {
  const children = childrenOf(model);
  const rows: Row[] = [];
  const add = (id: string, actor: Actor | undefined, depth: number): boolean => {
    const own = inOrder(children.get(id) ?? []);
    const place = rows.push({ id, depth, actor, childCount: own.length });
    let isFound = search === '' || matches(actor, id, search);
    if (!folded.has(id))
      for (const child of own) if (add(child.sessionId, child, depth + 1)) isFound = true;
    if (!isFound) rows.length = place - 1;
    return isFound;
  };
  const nodes = [...children.keys()].filter((id) => id.startsWith('node:')).toSorted();
  for (const id of nodes) add(id, undefined, 0);
  return rows;
}

function childrenOf(model: Model): Map<string, Actor[]> {
  const children = new Map<string, Actor[]>();
  for (const actor of model.actors.values()) {
    const { parentId, node } = actor;
    const isKnown = parentId !== undefined && model.actors.has(parentId);
    const key = isKnown ? parentId : `node:${node}`;
    const list = children.get(key);
    if (list) list.push(actor);
    else children.set(key, [actor]);
  }
  return children;
}

/** Those that are over come last, the newest of them first, and not all of them. */
function inOrder(actors: readonly Actor[]): readonly Actor[] {
  const over = actors.filter(({ isOver }) => isOver);
  if (over.length === 0) return actors;
  return [...actors.filter(({ isOver }) => !isOver), ...over.slice(-overMax).toReversed()];
}

const matches = (actor: Actor | undefined, id: string, search: string): boolean =>
  id.toLowerCase().includes(search) ||
  (actor !== undefined &&
    `${actor.name} ${stateOf(actor)} ${actor.machine ?? ''}`.toLowerCase().includes(search));

export const stateOf = ({ snapshot, isOver }: Actor): string => {
  const { value, status = '' } = snapshot;
  const state = stateText(value);
  if (!isOver) return state || status;
  return [state, status === 'active' ? 'ended' : status].filter((part) => part !== '').join(', ');
};

export const nodeName = (id: string): string =>
  id === 'node:main' ? 'Main thread' : `Node ${id.replace(/^node:/, '')}`;
