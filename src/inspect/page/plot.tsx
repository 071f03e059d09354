/** Figures over time, by uPlot; moments that matter are marked in it. */
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { hueOf, paintOf } from './colours.ts';
import { clockText } from './format.ts';
import type { Mark, PlotLine } from './plotted.ts';
import { currentTheme } from './theme.ts';

export interface PlotProps {
  readonly title: string;
  /** Stands behind each number of the axis: of one letter. */
  readonly unit?: string;
  /** Seconds since 1970. */
  readonly times: readonly number[];
  readonly lines: readonly PlotLine[];
  readonly marks?: readonly Mark[];
  /** What its height stands for; without it as much as there is. */
  readonly most?: number;
}

const height = 150;
/** At first it is half a minute wide. */
const secondsMin = 30;

export function Plot(props: PlotProps) {
  const { title, times, lines } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const names = lines.map(({ name }) => name).join('\n');
  const theme = currentTheme();
  useEffect(() => {
    const element = place.current;
    if (!element) return undefined;
    const made = new uPlot(optionsOf(latest, element), [[]], element);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [names, theme]);
  useEffect(() => {
    const values = lines.map((line) => line.values.map((value) => value ?? null));
    plot.current?.setData([[...times], ...values] as uPlot.AlignedData);
  });
  const spoken = lines.map(({ name }) => name).join(', ');
  return (
    <figure class="plot">
      <figcaption>{title}</figcaption>
      <div ref={place} role="img" aria-label={`${title}, by ${spoken}`} />
      <ul class="legend">
        {lines.map(({ name }) => (
          <li key={name}>
            <span class="swatch" style={{ background: hueOf(name) }} />
            {name}
          </li>
        ))}
      </ul>
    </figure>
  );
}

type Latest = { readonly current: PlotProps };

/** Of the theme that is shown: a canvas knows no variables. */
function optionsOf(latest: Latest, element: HTMLElement): uPlot.Options {
  const style = getComputedStyle(element);
  const { unit, most, lines } = latest.current;
  const axis = {
    stroke: style.getPropertyValue('--faint'),
    grid: { stroke: style.getPropertyValue('--rule'), width: 1 },
    ticks: { show: false },
    font: '12px system-ui, sans-serif',
  };
  return {
    width: element.clientWidth,
    height,
    cursor: { show: false },
    legend: { show: false },
    scales: {
      x: { range: (_, min, max) => [Math.min(min, max - secondsMin), max] },
      y: { range: (_, __, max) => [0, most ?? Math.max(max * 1.1, 0.001)] },
    },
    axes: [
      { ...axis, size: 26, space: 80, values: (_, ticks) => ticks.map(clockText) },
      {
        ...axis,
        size: 48,
        space: 34,
        values: (_, ticks) => ticks.map((tick) => `${tick}${unit ?? ''}`),
      },
    ],
    series: [
      {},
      ...lines.map(({ name }) => ({
        label: name,
        stroke: paintOf(name, style),
        width: 1.6,
        points: { show: false },
      })),
    ],
    hooks: { draw: [(drawn) => drawMarks(drawn, latest.current.marks ?? [], style)] },
  };
}

/** Lines from top to bottom, each with its name above, where there is room for it. */
function drawMarks(plot: uPlot, marks: readonly Mark[], style: CSSStyleDeclaration): void {
  const { ctx, bbox } = plot;
  const { min = 0, max = 0 } = plot.scales['x'] ?? {};
  ctx.save();
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = 'left'; // Its axes have left their own.
  ctx.textBaseline = 'alphabetic';
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
  let named = 0;
  for (const { at, label, kind } of marks) {
    if (at < (min ?? 0) || at > (max ?? 0)) continue;
    const x = plot.valToPos(at, 'x', true);
    ctx.strokeStyle = style.getPropertyValue(`--${kind}`);
    ctx.fillStyle = ctx.strokeStyle;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const { width } = ctx.measureText(label);
    const left = Math.min(x - width / 2, bbox.left + bbox.width - width);
    if (left < named) continue;
    ctx.fillText(label, left, bbox.top - 5 * devicePixelRatio);
    named = left + width + 8 * devicePixelRatio;
  }
  ctx.restore();
}
