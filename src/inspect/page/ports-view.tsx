/** Source ports as a map: a cell for each, coloured by its owner and by its condition. */
import { useEffect, useRef } from 'preact/hooks';
import type { PortPoolFigures } from '../figures.ts';
import type { ViewProps } from './app.tsx';
import { countText } from './format.ts';

const columns = 256;
const cell = 4;
const colours = ['#3b82f6', '#e8590c', '#2f9e44', '#ae3ec9', '#0c8599', '#b08900', '#d6336c'];
const paints = { quarantined: '#868e96', foreign: '#c92a2a', reserved: '#495057' } as const;

export function PortsView({ session }: ViewProps) {
  const pools = session.model
    .figuresOf<PortPoolFigures[]>('ports')
    .flatMap(({ figures }) => figures);
  return (
    <div class="ports panel">
      <h2>Source ports</h2>
      {pools.length === 0 && <p class="empty">No pool of source ports is configured.</p>}
      {pools.map((pool) => (
        <Pool key={pool.pool} pool={pool} />
      ))}
    </div>
  );
}

function Pool({ pool }: { readonly pool: PortPoolFigures }) {
  const owners = [...new Set(pool.runs.map(({ owner }) => owner))].filter((owner) => owner !== '');
  const colourOf = (owner: string) => colours[owners.indexOf(owner) % colours.length] ?? '#888';
  const counted = owners.map((owner) => ({ owner, ...countsOf(pool, owner) }));
  return (
    <section aria-label={`Pool ${pool.pool}`}>
      <h3>
        {pool.pool}{' '}
        <span class="count">
          {pool.first} to {pool.first + pool.count - 1}
        </span>
      </h3>
      <ul class="legend">
        {counted.map(({ owner, held, used }) => (
          <li key={owner}>
            <svg width="12" height="12" aria-hidden="true">
              <rect width="12" height="12" fill={colourOf(owner)} />
            </svg>
            {owner}: {countText(used)} in use of {countText(held)}
          </li>
        ))}
        {Object.entries(paints).map(([condition, colour]) => (
          <li key={condition}>
            <svg width="12" height="12" aria-hidden="true">
              <rect width="12" height="12" fill={colour} />
            </svg>
            {condition}: {countText(countIn(pool, condition))}
          </li>
        ))}
      </ul>
      <PortMap pool={pool} colourOf={colourOf} />
    </section>
  );
}

const countIn = ({ runs }: PortPoolFigures, condition: string) =>
  runs.reduce((sum, run) => sum + (run.condition === condition ? run.count : 0), 0);

function countsOf({ runs }: PortPoolFigures, owner: string) {
  const own = runs.filter((run) => run.owner === owner);
  const sum = (list: typeof own) => list.reduce((total, { count }) => total + count, 0);
  return { held: sum(own), used: sum(own.filter(({ condition }) => condition === 'used')) };
}

interface PortMapProps {
  readonly pool: PortPoolFigures;
  readonly colourOf: (owner: string) => string;
}

/** A canvas: sixty thousand cells, four times a second. The legend says the same in words. */
function PortMap({ pool, colourOf }: PortMapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const rows = Math.ceil(pool.count / columns);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    context.clearRect(0, 0, columns * cell, rows * cell);
    let index = 0;
    for (const { owner, count, condition } of pool.runs) {
      const end = Math.min(index + count, pool.count);
      if (condition !== 'free') {
        context.globalAlpha = condition === 'block' ? 0.35 : 1;
        context.fillStyle =
          condition in paints ? paints[condition as keyof typeof paints] : colourOf(owner);
        for (; index < end; index += 1) {
          const x = (index % columns) * cell;
          const y = Math.floor(index / columns) * cell;
          context.fillRect(x, y, cell - 1, cell - 1);
        }
      }
      index = end;
    }
  });
  return (
    <div class="port-map" tabIndex={0} role="region" aria-label={`Map of ${pool.pool}`}>
      <canvas ref={canvas} width={columns * cell} height={rows * cell} />
    </div>
  );
}
