/** All actors, as their parents have them, with the state of each; every row leads to its chart. */
import { useMemo, useState } from 'preact/hooks';
import { countText, stateText } from './format.ts';
import type { Actor, Model } from './model.ts';
import { linkTo } from './place.ts';
import { VirtualList } from './virtual-list.tsx';

interface Row {
  readonly id: string;
  readonly depth: number;
  readonly actor: Actor | undefined;
  readonly childCount: number;
}

const rowHeight = 26;
const overMax = 20;

export interface ActorTreeProps {
  readonly model: Model;
  readonly search: string;
  readonly selected?: string;
}

export function ActorTree({ model, search, selected }: ActorTreeProps) {
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  // A state changes often, and who is whose child seldom: the search looks at both.
  const stamp = search === '' ? model.family : model.version;
  const rows = useMemo(() => rowsOf(model, search, folded), [model, stamp, search, folded]);
  const living = useMemo(
    () => [...model.actors.values()].filter(({ isOver }) => !isOver).length,
    [model, model.family],
  );
  const fold = (id: string) => {
    const next = new Set(folded);
    if (!next.delete(id)) next.add(id);
    setFolded(next);
  };
  return (
    <section class="panel tree" aria-label="Actors">
      <h2>
        Actors <span class="count">{countText(living)} living</span>
      </h2>
      <VirtualList
        rows={rows}
        rowHeight={rowHeight}
        role="tree"
        label="Actors by node"
        keyOf={({ id }) => id}
        draw={(row) => (
          <TreeRow
            row={row}
            isFolded={folded.has(row.id)}
            isSelected={row.id === selected}
            onFold={fold}
          />
        )}
      />
      {rows.length === 0 && <p class="empty">No actor is there that the search names.</p>}
    </section>
  );
}

interface TreeRowProps {
  readonly row: Row;
  readonly isFolded: boolean;
  readonly isSelected: boolean;
  readonly onFold: (id: string) => void;
}

function TreeRow({ row, isFolded, isSelected, onFold }: TreeRowProps) {
  const { id, depth, actor, childCount } = row;
  const name = actor?.name ?? nodeName(id);
  const kind = `tree-row${actor?.isOver ? ' over' : ''}${isSelected ? ' selected' : ''}`;
  return (
    <div class={kind} style={{ paddingLeft: `${4 + Math.min(depth, 8) * 16}px` }}>
      {childCount > 0 ? (
        <button
          type="button"
          class="fold"
          aria-expanded={!isFolded}
          aria-label={`${isFolded ? 'Unfold' : 'Fold'} ${name}`}
          onClick={() => onFold(id)}
        >
          {isFolded ? '▸' : '▾'}
        </button>
      ) : (
        <span class="fold" aria-hidden="true">
          ·
        </span>
      )}
      {actor ? (
        <a href={linkTo('chart', id)} aria-current={isSelected || undefined} title={id}>
          {name}
        </a>
      ) : (
        <strong>{name}</strong>
      )}
      {actor && <span class="state">{stateOf(actor)}</span>}
    </div>
  );
}

const nodeName = (id: string): string =>
  id === 'node:main' ? 'Main thread' : `Node ${id.replace(/^node:/, '')}`;

const stateOf = ({ snapshot, isOver }: Actor): string => {
  const { value, status = '' } = snapshot;
  const state = stateText(value);
  return isOver
    ? `${state === '' ? '' : `${state}, `}${status === 'active' ? 'ended' : status}`
    : state || status;
};

function rowsOf(model: Model, search: string, folded: ReadonlySet<string>): Row[] {
  const children = new Map<string, Actor[]>();
  for (const actor of model.actors.values()) {
    const { parentId, node } = actor;
    const isKnown = parentId !== undefined && model.actors.has(parentId);
    const key = isKnown ? parentId : `node:${node}`;
    const list = children.get(key);
    if (list) list.push(actor);
    else children.set(key, [actor]);
  }
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
