/** All actors, as their parents have them, with the state of each; every row leads to its chart. */
import { useMemo, useState } from 'preact/hooks';
import { nodeName, rowsOf, stateOf, type Row } from './actor-rows.ts';
import { countText } from './format.ts';
import type { Actor, Model } from './model.ts';
import { linkTo } from './place.ts';
import { VirtualList } from './virtual-list.tsx';

const rowHeight = 26;

export interface ActorTreeProps {
  readonly model: Model;
  readonly search: string;
  readonly selected?: string;
}

export function ActorTree({ model, search, selected }: ActorTreeProps) {
  const [folded, fold] = useFolded();
  // A state changes often, and who is whose child seldom: the search looks at both.
  const stamp = search === '' ? model.family : model.version;
  const rows = useMemo(() => rowsOf(model, search, folded), [model, stamp, search, folded]);
  const living = useMemo(() => livingOf(model), [model, model.family]);
  /** As in every tree: left folds, right unfolds, Enter opens. */
  const press = (key: string, { id, actor, childCount }: Row): boolean => {
    if (key === 'Enter' && actor) location.hash = linkTo('chart', id);
    else if ((key === 'ArrowLeft' || key === 'ArrowRight') && childCount > 0) {
      fold(id, key === 'ArrowLeft');
    } else return false;
    return true;
  };
  return (
    <section class="panel tree" aria-label="Actors">
      <h2>
        Actors <span class="count">{countText(living)} living</span>
      </h2>
      {rows.length > 0 && (
        <VirtualList
          rows={rows}
          rowHeight={rowHeight}
          role="tree"
          label="Actors by node"
          keyOf={({ id }) => id}
          onKey={press}
          itemOf={({ id, depth, childCount }) => ({
            'aria-level': depth + 1,
            'aria-selected': id === selected,
            ...(childCount > 0 && { 'aria-expanded': !folded.has(id) }),
          })}
          draw={(row, isCurrent) => {
            const kind = `${row.id === selected ? ' selected' : ''}${isCurrent ? ' current' : ''}`;
            return <TreeRow row={row} isFolded={folded.has(row.id)} kind={kind} onFold={fold} />;
          }}
        />
      )}
      {rows.length === 0 && (
        <p class="empty">
          {search === '' ? 'No actor has been told of yet.' : 'The search names no actor.'}
        </p>
      )}
    </section>
  );
}

const livingOf = ({ actors }: Model): number =>
  [...actors.values()].filter(({ isOver }) => !isOver).length;

/** Whose children are folded away. */
function useFolded() {
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const fold = (id: string, isFolded = !folded.has(id)) => {
    const next = new Set(folded);
    if (isFolded) next.add(id);
    else next.delete(id);
    setFolded(next);
  };
  return [folded, fold] as const;
}

interface TreeRowProps {
  readonly row: Row;
  readonly isFolded: boolean;
  readonly kind: string;
  readonly onFold: (id: string) => void;
}

function TreeRow({ row, isFolded, kind, onFold }: TreeRowProps) {
  const { id, depth, actor, childCount } = row;
  const name = actor?.name ?? nodeName(id);
  return (
    <div
      class={`tree-row${actor?.isOver ? ' over' : ''}${kind}`}
      style={{ paddingLeft: `${Math.min(depth, 8) * 15}px` }}
    >
      {childCount > 0 ? (
        <button
          type="button"
          class="fold"
          tabIndex={-1}
          aria-label={`${isFolded ? 'Unfold' : 'Fold'} ${name}`}
          onClick={() => onFold(id)}
        >
          {isFolded ? '▸' : '▾'}
        </button>
      ) : (
        <span class="fold" aria-hidden="true">
          <span class={`dot ${actor ? statusOf(actor) : ''}`} />
        </span>
      )}
      {actor ? (
        <a href={linkTo('chart', id)} tabIndex={-1} title={id}>
          {name}
        </a>
      ) : (
        <strong>{name}</strong>
      )}
      {actor && <span class="state">{stateOf(actor)}</span>}
    </div>
  );
}

const statusOf = ({ snapshot: { status = '' }, isOver }: Actor): string =>
  isOver && status === 'active' ? 'stopped' : status;
