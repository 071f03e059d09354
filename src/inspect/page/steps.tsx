/** The last transitions of an actor: one by one, along a line, or from a list. */
import { useMemo } from 'preact/hooks';
import { countText, stateText, timeText } from './format.ts';
import type { Actor, Step } from './model.ts';
import { VirtualList } from './virtual-list.tsx';

export interface StepBarProps {
  readonly steps: readonly Step[];
  readonly place: number;
  /** Whether the newest is shown, whatever comes. */
  readonly isFollowing: boolean;
  readonly onGo: (place: number) => void;
}

export function StepBar({ steps, place, isFollowing, onGo }: StepBarProps) {
  const step = steps[place];
  const last = steps.length - 1;
  return (
    <div class="steps-bar">
      <button
        type="button"
        title="One transition back ( , )"
        onClick={() => onGo(place - 1)}
        disabled={place <= 0}
      >
        Back
      </button>
      <button
        type="button"
        title="One transition forward ( . )"
        onClick={() => onGo(place + 1)}
        disabled={isFollowing}
      >
        Forward
      </button>
      <button
        type="button"
        aria-pressed={isFollowing}
        title="Follow the newest"
        onClick={() => onGo(last)}
      >
        Now
      </button>
      <input
        type="range"
        min={0}
        max={Math.max(last, 1)}
        value={last === 0 ? 1 : place}
        disabled={last === 0}
        aria-label="Transition"
        onInput={({ currentTarget }) => onGo(Number(currentTarget.value))}
      />
      {step && (
        <span class="step-name">
          <span class="faint">{timeText(step.atMs)}</span> {step.event.type || 'state'} →{' '}
          <strong>{stateText(step.snapshot.value) || step.snapshot.status}</strong>
        </span>
      )}
    </div>
  );
}

export interface StepListProps {
  readonly actor: Actor;
  readonly step: Step | undefined;
  readonly onChoose: (step: Step) => void;
}

export function StepList({ actor: { steps, changes }, step, onChoose }: StepListProps) {
  const rows = useMemo(() => steps.toReversed(), [steps, steps.length, changes]);
  return (
    <div class="steps">
      <h3>
        Transitions <span class="count">{countText(changes)} seen</span>
      </h3>
      <VirtualList
        rows={rows}
        rowHeight={26}
        label="The last transitions, newest first"
        keyOf={(row) => `${row.atMs}-${steps.indexOf(row)}`}
        draw={(row) => (
          <button
            type="button"
            class={`step${row === step ? ' selected' : ''}`}
            aria-pressed={row === step}
            onClick={() => onChoose(row)}
          >
            <span class="faint">{timeText(row.atMs)}</span> {row.event.type || 'state'} →{' '}
            {stateText(row.snapshot.value) || row.snapshot.status}
          </button>
        )}
      />
    </div>
  );
}
