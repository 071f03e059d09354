/** Data ports: what passes over each path, what waits for it, and what became of the port. */
import type { DataPortFigures } from '../figures.ts';
import type { ViewProps } from './view-props.ts';
import { portName, type DataPortHistory } from './data-port-history.ts';
import { ageText, bytesText, countText, timeText } from './format.ts';
import type { Mark } from './plotted.ts';
import { linkTo } from './place.ts';
import { Plot } from './plot.tsx';
import { Named, Status } from './swatch.tsx';
import { Table, type Column } from './table.tsx';

interface PathRow {
  readonly port: DataPortFigures;
  readonly path: DataPortFigures['paths'][number];
}

export function DataPortsView({ session, search }: ViewProps) {
  const { model } = session;
  const ports = model.listOf<DataPortFigures>('dataPorts');
  const rows = ports.flatMap((port): PathRow[] => port.paths.map((path) => ({ port, path })));
  const { sent, marks } = model.dataPorts;
  return (
    <div class="data-ports figures">
      {sent.lines.length > 0 && <Plots history={model.dataPorts} />}
      <Table
        caption="Data ports"
        search={search}
        rows={ports}
        keyOf={({ node, port }) => `${node}/${port}`}
        empty={
          <>
            No node has a data port open. One is opened by <code>node.openDataPort()</code>; then
            its paths, what they carry and what waits for them stand here.
          </>
        }
        columns={portColumns}
      />
      {marks.length > 0 && <Marked marks={marks} />}
      {ports.length > 0 && (
        <Table
          caption="Paths"
          search={search}
          rows={rows}
          keyOf={({ port, path }) => `${port.node}/${port.port}/${path.path}`}
          empty="No path is up: the ports wait until one is."
          columns={pathColumns}
        />
      )}
    </div>
  );
}

const Plots = ({ history: { sent, underway, marks } }: { readonly history: DataPortHistory }) => (
  <div class="plots">
    <Plot title="Sent over each path, MB/s" times={sent.times} lines={sent.lines} marks={marks} />
    <Plot
      title="Under way on each path, MB"
      times={underway.times}
      lines={underway.lines}
      marks={marks}
    />
  </div>
);

const markedMax = 10;

/** What the plots mark, in words. */
const Marked = ({ marks }: { readonly marks: readonly Mark[] }) => (
  <section class="panel" aria-label="Resets and failovers">
    <h2>Resets and failovers</h2>
    <ol class="happenings">
      {marks
        .slice(-markedMax)
        .toReversed()
        .map(({ at, label, kind }) => (
          <li class={kind}>
            <span class="dot" aria-hidden="true" />
            <span class="faint">{timeText(at * 1_000)}</span>
            <span>{label}</span>
          </li>
        ))}
    </ol>
  </section>
);

const portColumns: readonly Column<DataPortFigures>[] = [
  {
    title: 'port',
    text: portName,
    draw: (port) => <a href={linkTo('sequence', `data port ${port.port}`)}>{portName(port)}</a>,
  },
  { title: 'peer', text: ({ peer }) => peer, draw: ({ peer }) => <Named name={peer} /> },
  { title: 'service', isMinor: true, text: ({ service }) => service },
  { title: 'queue', isNumber: true, text: ({ unappliedBytes }) => bytesText(unappliedBytes) },
  {
    title: 'paths up',
    isNumber: true,
    isMinor: true,
    text: ({ paths }) => countText(paths.length),
  },
  { title: 'resets', isNumber: true, text: ({ resets }) => countText(resets) },
  { title: 'failovers', isNumber: true, text: ({ failovers }) => countText(failovers) },
];

const pathColumns: readonly Column<PathRow>[] = [
  {
    title: 'path',
    text: ({ port, path }) => `${portName(port)} ${path.path}`,
    draw: ({ port, path }) => <Named name={`${portName(port)} ${path.path}`} />,
  },
  {
    title: 'status',
    text: ({ path }) => path.status,
    draw: ({ path }) => <Status status={path.status} />,
  },
  {
    title: 'round trip',
    isNumber: true,
    isMinor: true,
    text: ({ path: { rttMs } }) => (rttMs === undefined ? '' : ageText(rttMs)),
  },
  {
    title: 'rate',
    isNumber: true,
    text: ({ path }) => `${bytesText(path.bytesPerSecond)}/s`,
  },
  { title: 'under way', isNumber: true, text: ({ path }) => bytesText(path.underwayBytes) },
];
