// tidy: function-size: its columns stand where a table is drawn, one after another.
/** The connection routing table, live: whose each connection is, and how it came there. */
import type { RouteFigures } from '../figures.ts';
import type { ViewProps } from './app.tsx';
import { ageText, countText } from './format.ts';
import { linkTo } from './place.ts';
import { Table } from './table.tsx';

export function ConnectionsView({ session, search }: ViewProps) {
  const { model } = session;
  const routes = model.figuresOf<RouteFigures[]>('routes').flatMap(({ figures }) => figures);
  const [total] = model.figuresOf<number>('routesTotal');
  const ordered = routes.toSorted(
    (one, other) => one.origin.localeCompare(other.origin) || one.number - other.number,
  );
  const owners = new Map<string, number>();
  for (const { owner } of routes) owners.set(owner, (owners.get(owner) ?? 0) + 1);
  const most = Math.max(1, ...owners.values());
  return (
    <div class="connections panel">
      <h2>
        Connections <span class="count">{countText(total?.figures ?? 0)} transferred and open</span>
      </h2>
      <ul class="bars" aria-label="Connections by owner">
        {[...owners.keys()]
          .toSorted()
          .map((owner) => [owner, owners.get(owner) ?? 0] as const)
          .map(([owner, count]) => (
            <li key={owner}>
              <span>{owner}</span>
              <meter min={0} max={most} value={count} aria-label={`Connections of ${owner}`} />
              <span>{countText(count)}</span>
            </li>
          ))}
      </ul>
      <Table
        caption="Connection routing table"
        search={search}
        rows={ordered}
        keyOf={({ origin, number }) => `${origin}/${number}`}
        empty="No connection has been transferred yet, or none of those is still open."
        columns={[
          {
            title: 'connection',
            text: ({ origin, number }) => `${origin}/${number}`,
            draw: ({ origin, number }) => (
              <a
                href={linkTo('sequence', `connection ${origin}/${number}`)}
              >{`${origin}/${number}`}</a>
            ),
          },
          {
            title: 'client',
            text: ({ clientAddress, clientPort }) => `${clientAddress}:${clientPort}`,
          },
          { title: 'VIPA', text: ({ vipa }) => vipa },
          { title: 'owner', text: ({ owner }) => owner },
          { title: 'carrier', text: ({ carrier }) => carrier },
          { title: 'hops', isNumber: true, text: ({ hops }) => String(hops) },
          { title: 'epoch', isNumber: true, text: ({ epoch }) => String(epoch) },
          { title: 'since', isNumber: true, text: ({ ageMs }) => ageText(ageMs) },
        ]}
      />
    </div>
  );
}
