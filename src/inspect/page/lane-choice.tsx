/** Whose messages are shown: those that are ticked, or all. */
import { useState } from 'preact/hooks';
import type { Model } from './model.ts';
import { laneName, laneNode, lanesOf, type Between } from './sequence-filter.ts';
import { Swatch } from './swatch.tsx';

export interface LaneChoiceProps {
  readonly model: Model;
  readonly between: Between;
  readonly chosen: readonly string[];
  readonly onToggle: (lane: string) => void;
  readonly onAll: () => void;
}

/** More are found by their names. */
const listedMax = 60;

export function LaneChoice({ model, between, chosen, onToggle, onAll }: LaneChoiceProps) {
  const [isOpen, setOpen] = useState(false);
  const [only] = chosen;
  const name =
    chosen.length === 1 && only !== undefined
      ? laneName(model, only)
      : `${chosen.length} ${between}`;
  return (
    <details
      class="lane-choice"
      open={isOpen}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
      onKeyDown={({ key }) => key === 'Escape' && setOpen(false)}
    >
      <summary>{chosen.length === 0 ? `all ${between}` : name}</summary>
      {isOpen && (
        <Lanes model={model} between={between} chosen={chosen} onToggle={onToggle}>
          <button type="button" onClick={onAll} disabled={chosen.length === 0}>
            All
          </button>
          <button type="button" onClick={() => setOpen(false)}>
            Close
          </button>
        </Lanes>
      )}
    </details>
  );
}

interface LanesProps extends Omit<LaneChoiceProps, 'onAll'> {
  readonly children: preact.ComponentChildren;
}

function Lanes({ model, between, chosen, onToggle, children }: LanesProps) {
  const [sought, seek] = useState('');
  const found = lanesOf(model, between).filter((lane) =>
    laneName(model, lane).toLowerCase().includes(sought.toLowerCase()),
  );
  return (
    <div class="lanes-list">
      <input
        type="search"
        placeholder={`Find ${between}`}
        aria-label={`Find ${between}`}
        value={sought}
        onInput={({ currentTarget }) => seek(currentTarget.value)}
      />
      <ul aria-label="One: all of its messages; several: those between them">
        {found.slice(0, listedMax).map((lane) => (
          <li key={lane}>
            <label>
              <input
                type="checkbox"
                checked={chosen.includes(lane)}
                onChange={() => onToggle(lane)}
              />
              <Swatch name={laneNode(model, lane)} />
              <span>{laneName(model, lane)}</span>
            </label>
          </li>
        ))}
      </ul>
      {found.length > listedMax && <p class="faint">and {found.length - listedMax} more</p>}
      <div class="lanes-end">{children}</div>
    </div>
  );
}
