// tidy: function-size: the options of uPlot are one value, made where its place is known.
/** Figures over time, by uPlot. */
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';

export interface PlotLine {
  readonly name: string;
  readonly values: readonly (number | undefined)[];
}

export interface PlotProps {
  readonly title: string;
  readonly unit: string;
  /** Seconds since 1970. */
  readonly times: readonly number[];
  readonly lines: readonly PlotLine[];
  readonly most?: number;
}

const colours = ['#3b82f6', '#e8590c', '#2f9e44', '#ae3ec9', '#c92a2a', '#0c8599', '#b08900'];
const height = 170;

export function Plot({ title, unit, times, lines, most }: PlotProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const names = lines.map(({ name }) => name).join('\n');
  useEffect(() => {
    const element = place.current;
    if (!element) return undefined;
    const style = getComputedStyle(element);
    const axis = {
      stroke: style.getPropertyValue('--faint'),
      grid: { stroke: style.getPropertyValue('--rule') },
      ticks: { show: false },
    };
    const made = new uPlot(
      {
        width: element.clientWidth,
        height,
        cursor: { show: false },
        legend: { show: true, live: false },
        scales: { y: { range: (_, __, max) => [0, Math.max(most ?? 0, max * 1.1, 0.001)] } },
        axes: [
          axis,
          { ...axis, size: 56, values: (_, ticks) => ticks.map((tick) => `${tick}${unit}`) },
        ],
        series: [
          {},
          ...names.split('\n').map((label, index) => ({
            label,
            stroke: colours[index % colours.length] ?? '#888',
            width: 1.5,
            points: { show: false },
          })),
        ],
      },
      [[]],
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [names, unit, most]);
  useEffect(() => {
    const values = lines.map((line) => line.values.map((value) => value ?? null));
    plot.current?.setData([[...times], ...values] as uPlot.AlignedData);
  });
  return (
    <figure
      class="plot"
      role="img"
      aria-label={`${title}, by ${lines.map(({ name }) => name).join(', ')}`}
    >
      <figcaption>{title}</figcaption>
      <div ref={place} />
    </figure>
  );
}
