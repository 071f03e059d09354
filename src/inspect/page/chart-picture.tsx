/** A machine's chart as one step left it: to be looked at closely, and saved. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { activeStates, type Chart } from '../chart.ts';
import { drawChart, printChart, type Lit } from '../chart-drawing.ts';
import type { PlacedChart } from '../chart-layout.ts';
import { placedChart } from './elk-worker.ts';
import type { Step } from './model.ts';
import { SaveButtons } from './save-buttons.tsx';
import { svgTree } from './svg-tree.tsx';
import { currentTheme } from './theme.ts';

export interface ChartPictureProps {
  readonly machine: string;
  readonly chart: Chart;
  readonly step: Step;
  readonly name: string;
}

const zooms = [0.4, 0.5, 0.65, 0.8, 1, 1.25, 1.6, 2] as const;
type Zoom = number | 'fit';

export function ChartPicture({ machine, chart, step, name }: ChartPictureProps) {
  const { placed, failure } = usePlaced(machine, chart);
  const [zoom, setZoom] = useState<Zoom>('fit');
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (frame.current) showActive(frame.current);
  }, [step, placed, zoom]);
  if (failure !== '') return <p class="empty">Its chart cannot be laid out: {failure}</p>;
  if (!placed) return <p class="empty chart-wait">Its chart is being laid out…</p>;
  const lit: Lit = {
    active: new Set(activeStates(step.snapshot.value)),
    taken: new Set(step.transitions),
  };
  const size = zoom === 'fit' ? fitting(placed) : { width: `${placed.width * zoom}px` };
  return (
    <div class="chart-frame">
      <div class="chart-tools">
        <ZoomTools zoom={zoom} onZoom={setZoom} />
        <SaveButtons
          what="chart"
          name={name}
          picture={(form) => ({
            // A vector picture follows its reader's colours, one of points has the page's.
            svg: printChart(placed, lit, form === 'png' ? currentTheme() : 'both'),
            width: placed.width,
            height: placed.height,
          })}
        />
      </div>
      <div ref={frame} class="chart-scroll" tabIndex={0} role="region" aria-label="Statechart">
        <div style={size}>{svgTree(drawChart(placed, lit))}</div>
      </div>
    </div>
  );
}

function usePlaced(machine: string, chart: Chart) {
  const [placed, setPlaced] = useState<PlacedChart | undefined>(undefined);
  const [failure, setFailure] = useState('');
  useEffect(() => {
    let isGone = false;
    placedChart(machine, chart).then(
      (made) => !isGone && setPlaced(made),
      (error: unknown) => !isGone && setFailure(String(error)),
    );
    return () => void (isGone = true);
  }, [machine, chart]);
  return { placed, failure };
}

interface ZoomToolsProps {
  readonly zoom: Zoom;
  readonly onZoom: (zoom: Zoom) => void;
}

function ZoomTools({ zoom, onZoom }: ZoomToolsProps) {
  const change = (by: number) => {
    const at = zooms.findIndex((one) => one >= (zoom === 'fit' ? 0.8 : zoom));
    onZoom(zooms[Math.max(0, Math.min(zooms.length - 1, at + by))] ?? 1);
  };
  return (
    <>
      <button type="button" onClick={() => change(-1)} aria-label="Smaller">
        −
      </button>
      <button type="button" onClick={() => onZoom('fit')} aria-pressed={zoom === 'fit'}>
        Fit
      </button>
      <button type="button" onClick={() => change(1)} aria-label="Larger">
        +
      </button>
    </>
  );
}

/** As wide as there is room, but no smaller than can be read. */
const fitting = ({ width }: PlacedChart) => ({
  maxWidth: `${width}px`,
  minWidth: `${width * 0.7}px`,
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
    frame.scrollLeft += (inner.left + inner.right) / 2 - outer.left - outer.width / 2;
  }
}
