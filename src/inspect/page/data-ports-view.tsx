// tidy: function-size: its columns stand where a table is drawn, one after another.
/** Data ports: what passes over each path, what waits for it, and what became of the port. */
import { useRef } from 'preact/hooks';
import type { DataPortFigures } from '../figures.ts';
import type { ViewProps } from './app.tsx';
import { ageText, bytesText } from './format.ts';
import { History } from './history.ts';
import { Plot } from './plot.tsx';
import { Table } from './table.tsx';

interface PathRow {
  readonly port: DataPortFigures;
  readonly path: DataPortFigures['paths'][number];
}

const megabyte = 1_000_000;

export function DataPortsView({ session, search }: ViewProps) {
  const { model } = session;
  const told = model.figuresOf<DataPortFigures[]>('dataPorts');
  const ports = told.flatMap(({ figures }) => figures);
  const history = useHistory(
    ports,
    Math.max(0, ...told.map(({ session: of }) => model.figureTimes.get(of) ?? 0)),
  );
  const rows = ports.flatMap((port): PathRow[] => port.paths.map((path) => ({ port, path })));
  return (
    <div class="data-ports panel">
      <h2>Data ports</h2>
      {ports.length > 0 && (
        <>
          <Plot
            title="Sent over each path"
            unit=" MB/s"
            times={history.sent.times}
            lines={history.sent.lines}
          />
          <Plot
            title="Under way on each path"
            unit=" MB"
            times={history.underway.times}
            lines={history.underway.lines}
          />
        </>
      )}
      <Table
        caption="Ports"
        search={search}
        rows={ports}
        keyOf={({ node, port }) => `${node}/${port}`}
        empty="No node has a data port open."
        columns={[
          { title: 'port', text: ({ node, port }) => `${node}/${port}` },
          { title: 'peer', text: ({ peer }) => peer },
          { title: 'service', text: ({ service }) => service },
          {
            title: 'not applied',
            isNumber: true,
            text: ({ unappliedBytes }) => bytesText(unappliedBytes),
          },
          { title: 'paths up', isNumber: true, text: ({ paths }) => String(paths.length) },
          { title: 'failovers', isNumber: true, text: ({ failovers }) => String(failovers) },
        ]}
      />
      {rows.length > 0 && (
        <Table
          caption="Paths"
          search={search}
          rows={rows}
          keyOf={({ port, path }) => `${port.node}/${port.port}/${path.path}`}
          empty=""
          columns={[
            { title: 'port', text: ({ port }) => `${port.node}/${port.port}` },
            { title: 'path', text: ({ path }) => path.path },
            { title: 'status', text: ({ path }) => path.status },
            {
              title: 'round trip',
              isNumber: true,
              text: ({ path: { rttMs } }) => (rttMs === undefined ? '' : ageText(rttMs)),
            },
            {
              title: 'rate',
              isNumber: true,
              text: ({ path }) => `${bytesText(path.bytesPerSecond)}/s`,
            },
            {
              title: 'under way',
              isNumber: true,
              text: ({ path }) => bytesText(path.underwayBytes),
            },
          ]}
        />
      )}
    </div>
  );
}

/** What was told, kept for the plots; a path that is reset has a gap there. */
function useHistory(ports: readonly DataPortFigures[], atMs: number) {
  const { current } = useRef({ sent: new History(), underway: new History() });
  const sent = new Map<string, number>();
  const underway = new Map<string, number>();
  for (const { node, port, paths } of ports) {
    for (const { path, bytesPerSecond, underwayBytes } of paths) {
      const name = `${node}/${port.slice(0, 8)} ${path}`;
      sent.set(name, bytesPerSecond / megabyte);
      underway.set(name, underwayBytes / megabyte);
    }
  }
  current.sent.add(atMs, sent);
  current.underway.add(atMs, underway);
  return current;
}
