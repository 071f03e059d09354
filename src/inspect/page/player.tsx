/** A recording's controls: step by step, or as fast as it can be read. */
import { useEffect, useState } from 'preact/hooks';
import type { InspectionRecord } from '../records.ts';
import { countText, stateText } from './format.ts';
import { useStepKeys } from './keys.tsx';
import type { Model } from './model.ts';
import { laneName } from './sequence-filter.ts';
import type { Playback, Session } from './session.ts';

const playMs = 400;

export function Player({ session, playback }: { session: Session; playback: Playback }) {
  const [isPlaying, setPlaying] = useState(false);
  const { position, steps, name, records } = playback;
  useEffect(() => {
    if (!isPlaying) return undefined;
    const timer = setInterval(() => {
      session.seek(playback.position + 1);
      if (playback.position >= steps.length) setPlaying(false);
    }, playMs);
    return () => clearInterval(timer);
  }, [isPlaying, session, playback, steps.length]);
  const go = (to: number) => () => session.seek(to);
  useStepKeys((by) => session.seek(playback.position + by));
  return (
    <section class="player" aria-label="Recording">
      <strong>{name}</strong>
      <button type="button" onClick={go(0)} disabled={position === 0} title="To the beginning">
        Start
      </button>
      <button type="button" onClick={go(position - 1)} disabled={position === 0}>
        Back
      </button>
      <button type="button" onClick={() => setPlaying(!isPlaying)}>
        {isPlaying ? 'Pause' : 'Play'}
      </button>
      <button type="button" onClick={go(position + 1)} disabled={position === steps.length}>
        Step
      </button>
      <input
        type="range"
        min={0}
        max={steps.length}
        value={position}
        aria-label="Step of the recording"
        onInput={({ currentTarget }) => session.seek(Number(currentTarget.value))}
      />
      <span>
        step {countText(position)} of {countText(steps.length)}
      </span>
      <span class="told">{sentenceOf(session.model, records[(steps[position - 1] ?? 0) - 1])}</span>
      {session.isOpened && (
        <button type="button" title="Show again what runs" onClick={() => location.reload()}>
          Back to live
        </button>
      )}
    </section>
  );
}

/** What happened in a step: who heard what, or what became of whom. */
function sentenceOf(model: Model, record: InspectionRecord | undefined): string {
  const nameOf = (session: string) => laneName(model, session);
  if (record?.type === '@xstate.event') {
    const { sourceId, sessionId, event } = record;
    const way = sourceId === undefined ? '' : `${nameOf(sourceId)} → `;
    return `${way}${nameOf(sessionId)}: ${event.type}`;
  }
  if (record?.type !== '@xstate.snapshot') return '';
  const { sessionId, snapshot } = record;
  return `${nameOf(sessionId)} is now ${stateText(snapshot.value) || snapshot.status}`;
}
