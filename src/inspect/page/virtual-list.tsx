/** A long list of which only what is in sight is made: thousands of rows cost as much as fifty. */
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';

export interface VirtualListProps<Row> {
  readonly rows: readonly Row[];
  readonly rowHeight: number;
  readonly label: string;
  readonly role?: 'tree' | 'list';
  readonly keyOf: (row: Row) => string;
  /** What a row is, for who hears the page. */
  readonly itemOf?: (row: Row) => preact.AriaAttributes;
  /** A key at the current row; whether it meant something. Up, down, Home and End are ours. */
  readonly onKey?: (key: string, row: Row) => boolean;
  readonly draw: (row: Row, isCurrent: boolean) => preact.ComponentChildren;
}

const beyond = 6;

const px = (length: number) => `${length}px`;

export function VirtualList<Row>(props: VirtualListProps<Row>) {
  const { rows, rowHeight, label, role = 'list', keyOf, itemOf, draw } = props;
  const frame = useRef<HTMLDivElement>(null);
  const idOf = useIds();
  const [top, setTop] = useState(0);
  const [current, press] = useCurrentRow(props, frame);
  const height = useHeight(frame);
  const first = Math.max(0, Math.floor(top / rowHeight) - beyond);
  const shown = rows.slice(first, first + Math.ceil(height / rowHeight) + 2 * beyond);
  const isInSight = current !== undefined && shown.some((row) => keyOf(row) === current);
  return (
    <div
      ref={frame}
      class="virtual"
      role={role}
      aria-label={label}
      aria-activedescendant={isInSight ? idOf(current) : undefined}
      tabIndex={0}
      onKeyDown={press}
      onScroll={({ currentTarget }) => setTop(currentTarget.scrollTop)}
    >
      <div role="presentation" style={{ height: px(rows.length * rowHeight) }}>
        <div role="presentation" style={{ transform: `translateY(${first * rowHeight}px)` }}>
          {shown.map((row) => (
            <div
              key={keyOf(row)}
              id={idOf(keyOf(row))}
              class="virtual-row"
              role={role === 'tree' ? 'treeitem' : 'listitem'}
              style={{ height: px(rowHeight) }}
              {...itemOf?.(row)}
            >
              {draw(row, keyOf(row) === current)}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

/** Ids of elements may hold no blanks; those of actors do. */
function useIds(): (key: string) => string {
  const list = useId();
  return (key) => `${list}-${encodeURIComponent(key)}`;
}

function useHeight(frame: { readonly current: HTMLElement | null }): number {
  const [height, setHeight] = useState(600);
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, [frame]);
  return height;
}

/** The row at which keys arrive, by its key: rows come and go. */
function useCurrentRow<Row>(
  { rows, rowHeight, keyOf, onKey }: VirtualListProps<Row>,
  frame: { readonly current: HTMLElement | null },
) {
  const [current, setCurrent] = useState<string | undefined>(undefined);
  const place = rows.findIndex((row) => keyOf(row) === current);
  const places: Readonly<Record<string, number>> = {
    ArrowDown: place + 1,
    ArrowUp: place - 1,
    Home: 0,
    End: rows.length - 1,
  };
  const go = (to: number) => {
    const at = Math.max(0, Math.min(rows.length - 1, to));
    const row = rows[at];
    if (row === undefined || !frame.current) return;
    setCurrent(keyOf(row));
    const { scrollTop, clientHeight } = frame.current;
    if (at * rowHeight < scrollTop) frame.current.scrollTop = at * rowHeight;
    const end = (at + 1) * rowHeight - clientHeight;
    if (end > scrollTop) frame.current.scrollTop = end;
  };
  const press = (event: KeyboardEvent) => {
    if (!onKey || event.target !== frame.current) return;
    const to = places[event.key];
    const row = rows[place];
    if (to !== undefined) go(to);
    else if (row === undefined || !onKey(event.key, row)) return;
    event.preventDefault();
  };
  return [current, press] as const;
}
