/** What chooses the messages of a sequence: between whom, of what. */
import { LaneChoice } from './lane-choice.tsx';
import type { Model } from './model.ts';
import { topicsOf, type Filter } from './sequence-filter.ts';

export interface SequenceFiltersProps {
  readonly model: Model;
  readonly filter: Filter;
  readonly onChange: (part: Partial<Filter>) => void;
  readonly onToggle: (lane: string) => void;
  readonly children: preact.ComponentChildren;
}

export function SequenceFilters(props: SequenceFiltersProps) {
  const { model, filter, onChange, onToggle, children } = props;
  const { between, only, lanes } = filter;
  return (
    <div class="filters">
      <div class="choice" role="group" aria-label="Between">
        {(['nodes', 'actors'] as const).map((kind) => (
          <button
            type="button"
            aria-pressed={kind === between}
            onClick={() => onChange({ between: kind, lanes: [] })}
          >
            {kind}
          </button>
        ))}
      </div>
      <LaneChoice
        model={model}
        between={between}
        chosen={lanes}
        onToggle={onToggle}
        onAll={() => onChange({ lanes: [] })}
      />
      <input
        list="topics"
        class="only"
        value={only}
        aria-label="Only of a transfer, a connection or a data port"
        placeholder="only of a transfer, port …"
        onInput={({ currentTarget }) => onChange({ only: currentTarget.value })}
      />
      <datalist id="topics">
        {topicsOf(model).map((topic) => (
          <option value={topic} />
        ))}
      </datalist>
      {(only !== '' || lanes.length > 0) && (
        <button type="button" class="plain" onClick={() => onChange({ only: '', lanes: [] })}>
          All
        </button>
      )}
      {children}
    </div>
  );
}
