/** Source ports: whose they are and how they are used, in words and as a map. */
import type { PortPoolFigures, RestingPortFigures } from '../figures.ts';
import type { ViewProps } from './view-props.ts';
import { countText } from './format.ts';
import { PortMap } from './port-map.tsx';
import { paints, withResting } from './port-paints.ts';
import { Swatch } from './swatch.tsx';

export function PortsView({ session, search }: ViewProps) {
  const { model } = session;
  const resting = model.listOf<RestingPortFigures>('resting');
  const pools = model.listOf<PortPoolFigures>('ports').map((pool) => withResting(pool, resting));
  const found = pools.filter((pool) => search === '' || namesOf(pool).includes(search));
  return (
    <div class="ports figures">
      {found.map((pool) => (
        <Pool key={pool.pool} pool={pool} />
      ))}
      {found.length === 0 && (
        <section class="panel">
          <h2>Source ports</h2>
          <p class="empty">
            {pools.length > 0 ? (
              'The search names none.'
            ) : (
              <>
                No address has its ports shared. They are where the cluster is started with{' '}
                <code>sharedPorts</code>, or by <code>cluster.sharePorts()</code>; then each port of
                the pool is a cell here, coloured by its owner.
              </>
            )}
          </p>
        </section>
      )}
    </div>
  );
}

const namesOf = ({ pool, runs }: PortPoolFigures): string =>
  [pool, ...new Set(runs.map(({ owner }) => owner))].join(' ').toLowerCase();

function Pool({ pool }: { readonly pool: PortPoolFigures }) {
  const owners = [...new Set(pool.runs.map(({ owner }) => owner))]
    .filter((owner) => owner !== '')
    .toSorted((one, other) => one.localeCompare(other, 'en', { numeric: true }));
  const free = countOf(pool, ({ condition }) => condition === 'free');
  return (
    <section class="panel pool" aria-label={`Pool ${pool.pool}`}>
      <div class="intro">
        <h2>{pool.pool}</h2>
        <span class="faint">
          ports {pool.first} to {pool.first + pool.count - 1}, {countText(free)} free
        </span>
      </div>
      <ul class="legend">
        {owners.map((owner) => (
          <li key={owner}>
            <Swatch name={owner} />
            {owner}{' '}
            <strong>
              {countText(countOf(pool, (run) => run.owner === owner && run.condition === 'used'))}
            </strong>{' '}
            in use of {countText(countOf(pool, (run) => run.owner === owner))}
          </li>
        ))}
        {Object.entries(paints).map(([condition, paint]) => (
          <li key={condition}>
            <span class="swatch" aria-hidden="true" style={{ background: `var(${paint})` }} />
            {condition}{' '}
            <strong>{countText(countOf(pool, (run) => run.condition === condition))}</strong>
          </li>
        ))}
      </ul>
      <PortMap pool={pool} />
    </section>
  );
}

type Run = PortPoolFigures['runs'][number];

const countOf = ({ runs }: PortPoolFigures, isMeant: (run: Run) => boolean): number =>
  runs.reduce((sum, run) => sum + (isMeant(run) ? run.count : 0), 0);
