/** A recording's controls: step by step, or as fast as it can be read. */
import { useEffect, useState } from 'preact/hooks';
import { countText } from './format.ts';
import { useStepKeys } from './keys.tsx';
import type { Playback, Session } from './session.ts';

const playMs = 400;

export function Player({ session, playback }: { session: Session; playback: Playback }) {
  const [isPlaying, setPlaying] = useState(false);
  const { position, steps, name } = playback;
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
      {session.isOpened && (
        <button type="button" title="Show again what runs" onClick={() => location.reload()}>
          Back to live
        </button>
      )}
    </section>
  );
}
