// tidy: function-size: its columns stand where a table is drawn, one after another.
/** Data ports: what passes over each path, what waits for it, and what became of the port. */
import { useRef } from 'preact/hooks';
import type { DataPortFigures } from '../figures.ts';
import type { ViewProps } from './app.tsx';
import { bytesText } from './format.ts';
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
  const rates = useRates(
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
            times={rates.sent.times}
            lines={rates.sent.lines}
          />
          <Plot
            title="Waiting for each path"
            unit=" MB"
            times={rates.queued.times}
            lines={rates.queued.lines}
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
          { title: 'state', text: ({ state }) => state },
          { title: 'resets', isNumber: true, text: ({ resets }) => String(resets) },
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
            { title: 'sent', isNumber: true, text: ({ path }) => bytesText(path.bytesSent) },
            { title: 'queued', isNumber: true, text: ({ path }) => bytesText(path.queuedBytes) },
          ]}
        />
      )}
    </div>
  );
}

/** Counts become rates by what they were the time before. */
function useRates(ports: readonly DataPortFigures[], atMs: number) {
  const kept = useRef({
    sent: new History(),
    queued: new History(),
    atMs: 0,
    bytes: new Map<string, number>(),
  });
  const { current } = kept;
  if (atMs <= current.atMs) return current;
  const sent = new Map<string, number>();
  const queued = new Map<string, number>();
  for (const { node, port, paths } of ports) {
    for (const { path, bytesSent, queuedBytes } of paths) {
      const name = `${node}/${port} ${path}`;
      const before = current.bytes.get(name) ?? bytesSent;
      const seconds = (atMs - current.atMs) / 1_000;
      sent.set(name, Math.max(0, bytesSent - before) / megabyte / seconds);
      queued.set(name, queuedBytes / megabyte);
      current.bytes.set(name, bytesSent);
    }
  }
  current.atMs = atMs;
  current.sent.add(atMs, sent);
  current.queued.add(atMs, queued);
  return current;
}
