/** A long list of which only what is in sight is made: thousands of rows cost as much as fifty. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

export interface VirtualListProps<Row> {
  readonly rows: readonly Row[];
  readonly rowHeight: number;
  readonly label: string;
  readonly role?: 'tree' | 'list';
  readonly keyOf: (row: Row) => string;
  readonly draw: (row: Row) => preact.ComponentChildren;
}

const beyond = 6;

const px = (length: number) => `${length}px`;

export function VirtualList<Row>(props: VirtualListProps<Row>) {
  const { rows, rowHeight, label, role = 'list', keyOf, draw } = props;
  const frame = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const first = Math.max(0, Math.floor(top / rowHeight) - beyond);
  const count = Math.ceil(height / rowHeight) + 2 * beyond;
  const itemRole = role === 'tree' ? 'treeitem' : 'listitem';
  return (
    <div
      ref={frame}
      class="virtual"
      role={role}
      aria-label={label}
      tabIndex={0}
      onScroll={({ currentTarget }) => setTop(currentTarget.scrollTop)}
    >
      <div role="presentation" style={{ height: px(rows.length * rowHeight) }}>
        <div role="presentation" style={{ transform: `translateY(${first * rowHeight}px)` }}>
          {rows.slice(first, first + count).map((row) => (
            <div
              key={keyOf(row)}
              class="virtual-row"
              role={itemRole}
              style={{ height: px(rowHeight) }}
            >
              {draw(row)}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}
