/** How many each has of all: as one bar, and in words. */
import { hueOf } from './colours.ts';
import { countText } from './format.ts';
import { Swatch } from './swatch.tsx';

export interface ShareBarProps {
  readonly label: string;
  readonly counts: ReadonlyMap<string, number>;
}

export function ShareBar({ label, counts }: ShareBarProps) {
  const ordered = [...counts].toSorted(([one], [other]) =>
    one.localeCompare(other, 'en', { numeric: true }),
  );
  if (ordered.length === 0) return null;
  return (
    <>
      <div class="share" aria-hidden="true">
        {ordered.map(([name, count]) => (
          <span key={name} title={name} style={{ flexGrow: count, background: hueOf(name) }} />
        ))}
      </div>
      <ul class="legend" aria-label={label}>
        {ordered.map(([name, count]) => (
          <li key={name}>
            <Swatch name={name} />
            {name} <strong>{countText(count)}</strong>
          </li>
        ))}
      </ul>
    </>
  );
}
