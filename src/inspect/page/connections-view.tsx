/** The connection routing table, live: whose each connection is, and how it came there. */
import type { RouteFigures } from '../figures.ts';
import type { ViewProps } from './view-props.ts';
import { ageText, countText } from './format.ts';
import { linkTo } from './place.ts';
import { ShareBar } from './share-bar.tsx';
import { Named } from './swatch.tsx';
import { Table, type Column } from './table.tsx';

export function ConnectionsView({ session, search }: ViewProps) {
  const { model } = session;
  const routes = model.listOf<RouteFigures>('routes');
  const [total] = model.figuresOf<number>('routesTotal');
  const ordered = routes.toSorted(
    (one, other) => one.origin.localeCompare(other.origin) || one.number - other.number,
  );
  const owners = new Map<string, number>();
  for (const { owner } of routes) owners.set(owner, (owners.get(owner) ?? 0) + 1);
  return (
    <div class="connections figures">
      <section class="panel" aria-label="Connections by owner">
        <div class="intro">
          <h2>Connections</h2>
          <span class="faint">{countText(total?.figures ?? 0)} transferred and open</span>
        </div>
        <ShareBar label="Connections by owner" counts={owners} />
      </section>
      <Table
        caption="Connection routing table"
        search={search}
        rows={ordered}
        keyOf={nameOf}
        empty="No connection has been transferred yet, or none of those is still open."
        columns={columns}
      />
    </div>
  );
}

const nameOf = ({ origin, number }: RouteFigures) => `${origin}/${number}`;

const columns: readonly Column<RouteFigures>[] = [
  {
    title: 'connection',
    text: nameOf,
    draw: (route) => (
      <a href={linkTo('sequence', `connection ${nameOf(route)}`)}>{nameOf(route)}</a>
    ),
  },
  {
    title: 'client',
    text: ({ clientAddress, clientPort }) => `${clientAddress}:${clientPort}`,
  },
  { title: 'VIPA', isMinor: true, text: ({ vipa }) => vipa },
  { title: 'owner', text: ({ owner }) => owner, draw: ({ owner }) => <Named name={owner} /> },
  { title: 'carrier', isMinor: true, text: ({ carrier }) => carrier },
  { title: 'hops', isMinor: true, isNumber: true, text: ({ hops }) => String(hops) },
  { title: 'epoch', isMinor: true, isNumber: true, text: ({ epoch }) => String(epoch) },
  { title: 'since', isNumber: true, text: ({ ageMs }) => ageText(ageMs) },
];
