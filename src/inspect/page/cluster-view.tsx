/** The cluster: its nodes and how each is, who owns its endpoints, and all its actors. */
import { useRef } from 'preact/hooks';
import { ActorTree } from './actor-tree.tsx';
import type { ViewProps } from './app.tsx';
import type { AdapterFigures, NodeFigures, PathFigures, VipaFigures } from '../figures.ts';
import { ageText } from './format.ts';
import type { Model } from './model.ts';
import { NodeCard } from './node-card.tsx';
import { Plot } from './plot.tsx';
import { Table } from './table.tsx';

export function ClusterView({ session, search }: ViewProps) {
  const { model } = session;
  const rates = useRef(new Map<string, Rate>());
  const nodes = model.figuresOf<NodeFigures[]>('nodes').flatMap(({ figures }) => figures);
  const vipas = model.figuresOf<VipaFigures[]>('vipas').flatMap(({ figures }) => figures);
  const paths = model.figuresOf<PathFigures[]>('paths').flatMap(({ figures }) => figures);
  const adapters = model.figuresOf<AdapterFigures[]>('adapters').flatMap(({ figures }) => figures);
  const { eventLoopUse: use } = model;
  return (
    <div class="cluster">
      <div class="cards">
        {nodes.map((node) => (
          <NodeCard
            key={node.node}
            session={session}
            figures={node}
            eventsPerSecond={rateOf(rates.current, model, node.node)}
          />
        ))}
        {nodes.length === 0 && <p class="empty">No cluster is told of: only actors are shown.</p>}
      </div>
      <ActorTree model={model} search={search} />
      <div class="side">
        {nodes.length > 0 && (
          <Plot title="Event loop in use" unit="%" times={use.times} lines={use.lines} most={100} />
        )}
        {vipas.length > 0 && (
          <Table
            caption="Endpoints"
            search=""
            empty=""
            rows={vipas}
            keyOf={({ vipa }) => vipa}
            columns={[
              { title: 'VIPA', text: ({ vipa }) => vipa },
              { title: 'address', text: ({ address, port }) => `${address}:${port}` },
              { title: 'owner', text: ({ owner }) => owner ?? 'nobody' },
            ]}
          />
        )}
        {adapters.length > 0 && <Adapters rows={adapters} />}
        {paths.length > 0 && <Paths rows={paths} session={session} />}
      </div>
    </div>
  );
}

const Adapters = ({ rows }: { readonly rows: readonly AdapterFigures[] }) => (
  <Table
    caption="Adapters"
    search=""
    empty=""
    rows={rows}
    keyOf={({ node, adapter }) => `${node}/${adapter}`}
    columns={[
      { title: 'node', text: ({ node }) => node },
      { title: 'adapter', text: ({ adapter }) => adapter },
      { title: 'address', text: ({ address }) => address },
      { title: 'status', text: ({ status }) => status },
    ]}
  />
);

function Paths({
  rows,
  session,
}: {
  readonly rows: readonly PathFigures[];
  session: ViewProps['session'];
}) {
  const cut = (path: string) => void session.perform({ command: 'cut', path });
  return (
    <Table
      caption="Paths"
      search=""
      empty=""
      rows={rows}
      keyOf={({ path }) => path}
      columns={[
        { title: 'from', text: ({ from }) => from },
        { title: 'to', text: ({ to }) => to },
        { title: 'status', text: ({ status }) => status },
        {
          title: 'round trip',
          isNumber: true,
          text: ({ rttMs }) => (rttMs === undefined ? '' : ageText(rttMs)),
        },
        ...(session.model.control
          ? [
              {
                title: 'control',
                text: () => '',
                draw: ({ path }: PathFigures) => (
                  <button type="button" onClick={() => cut(path)}>
                    Cut
                  </button>
                ),
              },
            ]
          : []),
      ]}
    />
  );
}

interface Rate {
  readonly atMs: number;
  readonly count: number;
  readonly perSecond: number;
}

/** From a count that grows: what came since the last figures. */
function rateOf(rates: Map<string, Rate>, model: Model, node: string): number {
  const session = `node:${node}`;
  const count = model.figures.get(session)?.['eventsTaken'];
  const atMs = model.figureTimes.get(session) ?? 0;
  if (typeof count !== 'number') return 0;
  const last = rates.get(node);
  if (last && last.atMs >= atMs) return last.perSecond;
  const isSame = last !== undefined && count >= last.count;
  const perSecond = isSame ? ((count - last.count) / (atMs - last.atMs)) * 1_000 : 0;
  rates.set(node, { atMs, count, perSecond });
  return perSecond;
}
