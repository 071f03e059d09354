/** A pool's ports as a map: a cell for each, coloured by its owner and by its condition. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { PortPoolFigures } from '../figures.ts';
import { paintOf } from './colours.ts';
import { isPainted, paints, sentenceOf } from './port-paints.ts';
import { currentTheme } from './theme.ts';

export function PortMap({ pool }: { readonly pool: PortPoolFigures }) {
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [pointed, point] = useState<number | undefined>(undefined);
  const columns = useColumns(frame, pool.count);
  useEffect(() => {
    if (canvas.current) paint(canvas.current, pool, columns);
  }, [pool, columns, currentTheme()]);
  const look = ({ offsetX, offsetY, currentTarget }: MouseEvent) => {
    const size = (currentTarget as HTMLElement).clientWidth / columns;
    const index = Math.floor(offsetY / size) * columns + Math.floor(offsetX / size);
    point(index < pool.count ? index : undefined);
  };
  return (
    <>
      <p class="port-tip faint" aria-live="off">
        {pointed === undefined ? `${columns} ports in each row; pale: leased and not in use` : ''}
        {pointed !== undefined && sentenceOf(pool, pointed)}
      </p>
      <div ref={frame} class="port-map">
        <canvas
          ref={canvas}
          role="img"
          aria-label={`Map of ${pool.pool}: what it shows stands above in numbers`}
          onMouseMove={look}
          onMouseLeave={() => point(undefined)}
        />
      </div>
    </>
  );
}

/** A power of two, so that blocks stand under each other; small pools have large cells. */
function useColumns(frame: { readonly current: HTMLElement | null }, count: number): number {
  const [width, setWidth] = useState(1_024);
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [frame]);
  const cell = count > 8_192 ? 4.5 : count > 1_024 ? 8 : 12;
  return 2 ** Math.max(4, Math.round(Math.log2(width / cell)));
}

/** Sixty thousand cells, four times a second: run by run, row by row. */
function paint(canvas: HTMLCanvasElement, pool: PortPoolFigures, columns: number): void {
  const rows = Math.ceil(pool.count / columns);
  const width = Math.max(1, canvas.clientWidth) * devicePixelRatio;
  const size = width / columns;
  canvas.width = width;
  canvas.height = Math.ceil(rows * size);
  const context = canvas.getContext('2d');
  if (!context) return;
  const style = getComputedStyle(canvas);
  const gap = size >= 3 ? 1 : 0;
  let index = 0;
  for (const { owner, count, condition } of pool.runs) {
    const end = Math.min(index + count, pool.count);
    if (condition !== 'free') {
      context.globalAlpha = condition === 'block' ? 0.3 : 1;
      context.fillStyle = isPainted(condition)
        ? style.getPropertyValue(paints[condition])
        : paintOf(owner, style);
      for (; index < end; index += 1) {
        const [x, y] = [(index % columns) * size, Math.floor(index / columns) * size];
        context.fillRect(x, y, size - gap, size - gap);
      }
    }
    index = end;
  }
}
