// tidy: function-size: what a panel shows stands in one piece, in the order of the page.
/** One actor: its statechart with what is active lit, its last transitions, and its context. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { activeStates, type Chart } from '../chart.ts';
import { drawChart, printChart, type Lit } from '../chart-drawing.ts';
import type { PlacedChart } from '../chart-layout.ts';
import { ActorTree } from './actor-tree.tsx';
import type { ViewProps } from './app.tsx';
import { placedChart } from './elk-worker.ts';
import { countText, stateText, timeText } from './format.ts';
import type { Actor, Step } from './model.ts';
import { linkTo } from './place.ts';
import { download } from './recording.ts';
import { SendEvent } from './send-event.tsx';
import { svgTree } from './svg-tree.tsx';
import { VirtualList } from './virtual-list.tsx';

export function ChartView({ session, search, subject }: ViewProps) {
  const { model } = session;
  model.pinned = subject;
  const actor = model.actors.get(subject) ?? (subject === '' ? firstOf(model.actors) : undefined);
  return (
    <div class="statechart">
      <ActorTree model={model} search={search} selected={actor?.sessionId ?? subject} />
      {actor ? (
        <ActorPanel key={actor.sessionId} session={session} actor={actor} />
      ) : (
        <p class="empty panel">
          {subject === ''
            ? 'No actor has been told of yet.'
            : `The actor ${subject} is not here: it has ended, or is not told of yet.`}
        </p>
      )}
    </div>
  );
}

const firstOf = (actors: ReadonlyMap<string, Actor>): Actor | undefined =>
  [...actors.values()].find(({ machine, isOver }) => machine !== undefined && !isOver);

interface ActorPanelProps {
  readonly session: ViewProps['session'];
  readonly actor: Actor;
}

function ActorPanel({ session, actor }: ActorPanelProps) {
  const { model } = session;
  // The step that is looked at; none follows the last.
  const [chosen, choose] = useState<Step | undefined>(undefined);
  const { steps, machine, sessionId, name, node } = actor;
  const place = chosen ? steps.indexOf(chosen) : steps.length - 1;
  const step = steps[place] ?? steps.at(-1);
  const chart = machine === undefined ? undefined : model.machines.get(machine);
  const go = (to: number) => choose(to >= steps.length - 1 ? undefined : steps[Math.max(0, to)]);
  return (
    <section class="panel actor" aria-label={`Actor ${name}`}>
      <div class="actor-head">
        <h2>{name}</h2>
        <span class="faint">
          {node}, {sessionId}
        </span>
        {actor.isOver && <span class="badge ended">ended</span>}
        <a href={linkTo('sequence', sessionId)}>its messages</a>
      </div>
      <div class="steps-bar">
        <button type="button" onClick={() => go(place - 1)} disabled={place <= 0}>
          Back
        </button>
        <button type="button" onClick={() => go(place + 1)} disabled={!chosen}>
          Forward
        </button>
        <button type="button" onClick={() => choose(undefined)} disabled={!chosen}>
          Now
        </button>
        <span>
          {step && `${timeText(step.atMs)}: `}
          {step && (step.event.type || 'state')} →{' '}
          <strong>{stateText(step?.snapshot.value)}</strong>
        </span>
      </div>
      {chart && machine !== undefined && step ? (
        <ChartPicture machine={machine} chart={chart} step={step} name={name} />
      ) : (
        <p class="empty">
          It is no machine: it has no chart, only {step?.snapshot.status ?? 'no'} status.
        </p>
      )}
      <div class="actor-parts">
        <Steps actor={actor} step={step} onChoose={(one) => go(steps.indexOf(one))} />
        <div>
          {model.control && !actor.isOver && (
            <SendEvent session={session} actor={actor} chart={chart} />
          )}
          <h3>Event</h3>
          <pre tabIndex={0}>{shown(step?.event)}</pre>
          <h3>Context</h3>
          <pre tabIndex={0}>{shown(step?.snapshot.context)}</pre>
          {step?.snapshot.output !== undefined && (
            <pre tabIndex={0}>{shown({ output: step.snapshot.output })}</pre>
          )}
          {step?.snapshot.error !== undefined && (
            <pre tabIndex={0}>{shown({ error: step.snapshot.error })}</pre>
          )}
        </div>
      </div>
    </section>
  );
}

const shown = (value: unknown): string => JSON.stringify(value, undefined, 2) ?? 'none';

interface StepsProps {
  readonly actor: Actor;
  readonly step: Step | undefined;
  readonly onChoose: (step: Step) => void;
}

function Steps({ actor: { steps, changes }, step, onChoose }: StepsProps) {
  const rows = useMemo(() => steps.toReversed(), [steps, steps.length, changes]);
  return (
    <div class="steps">
      <h3>
        Transitions <span class="count">{countText(changes)} seen</span>
      </h3>
      <VirtualList
        rows={rows}
        rowHeight={24}
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

interface ChartPictureProps {
  readonly machine: string;
  readonly chart: Chart;
  readonly step: Step;
  readonly name: string;
}

const zooms = [0.4, 0.5, 0.65, 0.8, 1, 1.25, 1.6, 2] as const;

function ChartPicture({ machine, chart, step, name }: ChartPictureProps) {
  const [placed, setPlaced] = useState<PlacedChart | undefined>(undefined);
  const [failure, setFailure] = useState('');
  const [zoom, setZoom] = useState<number | 'fit'>('fit');
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let isGone = false;
    placedChart(machine, chart).then(
      (made) => !isGone && setPlaced(made),
      (error: unknown) => !isGone && setFailure(String(error)),
    );
    return () => void (isGone = true);
  }, [machine, chart]);
  useEffect(() => {
    if (frame.current) showActive(frame.current);
  }, [step, placed, zoom]);
  if (failure !== '') return <p class="empty">Its chart cannot be laid out: {failure}</p>;
  if (!placed) return <p class="empty">Its chart is being laid out…</p>;
  const lit: Lit = {
    active: new Set(activeStates(step.snapshot.value)),
    taken: new Set(step.transitions),
  };
  const picture = drawChart(placed, lit);
  const size = zoom === 'fit' ? undefined : placed.width * zoom;
  const change = (by: number) => {
    const at = zooms.findIndex((one) => one >= (zoom === 'fit' ? 0.8 : zoom));
    setZoom(zooms[Math.max(0, Math.min(zooms.length - 1, at + by))] ?? 1);
  };
  return (
    <div class="chart-frame">
      <div class="chart-tools">
        <button type="button" onClick={() => change(-1)} aria-label="Smaller">
          −
        </button>
        <button type="button" onClick={() => setZoom('fit')} aria-pressed={zoom === 'fit'}>
          Fit
        </button>
        <button type="button" onClick={() => change(1)} aria-label="Larger">
          +
        </button>
        <button type="button" onClick={() => saveSvg(placed, lit, name)}>
          SVG
        </button>
        <button type="button" onClick={() => void savePng(placed, lit, name)}>
          PNG
        </button>
      </div>
      <div ref={frame} class="chart-scroll" tabIndex={0} role="region" aria-label="Statechart">
        <div style={size === undefined ? fitting(placed) : { width: `${size}px` }}>
          {svgTree(picture)}
        </div>
      </div>
    </div>
  );
}

/** As wide as there is room, but no smaller than can be read. */
const fitting = ({ width }: PlacedChart) => ({
  maxWidth: `${width}px`,
  minWidth: `${width * 0.45}px`,
});

/** Moves the chart in its frame, and the page not at all. */
function showActive(frame: HTMLElement): void {
  const active = [...frame.querySelectorAll('.atomic.active, .final.active')].at(-1);
  if (!active) return;
  const [inner, outer] = [active.getBoundingClientRect(), frame.getBoundingClientRect()];
  if (inner.top < outer.top || inner.bottom > outer.bottom) {
    frame.scrollTop += inner.top - outer.top - outer.height / 2;
  }
  if (inner.left < outer.left || inner.right > outer.right) {
    frame.scrollLeft += inner.left - outer.left - outer.width / 2;
  }
}

const svgOf = (placed: PlacedChart, lit: Lit) =>
  new Blob([printChart(placed, lit)], { type: 'image/svg+xml' });

const saveSvg = (placed: PlacedChart, lit: Lit, name: string): void =>
  download(svgOf(placed, lit), `${name}.svg`);

/** Twice as large as it is drawn, for screens that are finer. */
async function savePng(placed: PlacedChart, lit: Lit, name: string): Promise<void> {
  const url = URL.createObjectURL(svgOf(placed, lit));
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = Math.ceil(placed.width) * 2;
  canvas.height = Math.ceil(placed.height) * 2;
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(url);
  canvas.toBlob((blob) => blob && download(blob, `${name}.png`), 'image/png');
}
