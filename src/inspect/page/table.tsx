/** A table of figures, in which the search leaves the rows that it names. */

export interface Column<Row> {
  readonly title: string;
  readonly isNumber?: boolean;
  /** It is left out where there is little room. */
  readonly isMinor?: boolean;
  readonly text: (row: Row) => string;
  /** What is shown instead of the text. */
  readonly draw?: (row: Row) => preact.ComponentChildren;
}

export interface TableProps<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly search: string;
  readonly empty: preact.ComponentChildren;
}

const rowsMax = 500;

export function Table<Row>({ caption, columns, rows, keyOf, search, empty }: TableProps<Row>) {
  const found =
    search === ''
      ? rows
      : rows.filter((row) => columns.some(({ text }) => text(row).toLowerCase().includes(search)));
  const shown = found.slice(0, rowsMax);
  return (
    <div class="table" tabIndex={0} role="region" aria-label={caption}>
      <table>
        <caption>
          {caption}
          {found.length > shown.length && (
            <span class="count">
              {' '}
              the first {shown.length} of {found.length}
            </span>
          )}
        </caption>
        {shown.length > 0 && (
          <thead>
            <tr>
              {columns.map((column) => (
                <th scope="col" class={classOf(column)}>
                  {column.title}
                </th>
              ))}
            </tr>
          </thead>
        )}
        <tbody>
          {shown.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column) => (
                <td class={classOf(column)}>{column.draw?.(row) ?? column.text(row)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {found.length === 0 && (
        <p class="empty">{rows.length === 0 ? empty : 'The search names none.'}</p>
      )}
    </div>
  );
}

const classOf = ({ isNumber, isMinor }: Pick<Column<never>, 'isNumber' | 'isMinor'>) =>
  [isNumber && 'number', isMinor && 'minor'].filter(Boolean).join(' ') || undefined;
