/** Beside the actors: how busy the nodes are, what has happened, and who is reached how. */
import type { ViewProps } from './view-props.ts';
import type { AdapterFigures, PathFigures, VipaFigures } from '../figures.ts';
import { ageText } from './format.ts';
import { Happenings } from './happenings.tsx';
import { Plot } from './plot.tsx';
import type { Session } from './session.ts';
import { Named, Status } from './swatch.tsx';
import { Table, type Column, type TableProps } from './table.tsx';

export interface ClusterSideProps extends Pick<ViewProps, 'session' | 'search'> {
  readonly isCluster: boolean;
}

export function ClusterSide({ session, search, isCluster }: ClusterSideProps) {
  const { model } = session;
  const { eventLoopUse: use, marks } = model;
  const cutting = model.control ? [cutColumn(session)] : [];
  return (
    <div class="side">
      {isCluster && (
        <Plot
          title="Event loop in use"
          unit="%"
          times={use.times}
          lines={use.lines}
          marks={marks}
          most={100}
        />
      )}
      {isCluster && <Happenings model={model} />}
      <Told
        caption="Endpoints"
        search={search}
        rows={model.listOf<VipaFigures>('vipas')}
        keyOf={({ vipa }) => vipa}
        columns={vipaColumns}
      />
      <Told
        caption="Adapters"
        search={search}
        rows={model.listOf<AdapterFigures>('adapters')}
        keyOf={({ node, adapter }) => `${node}/${adapter}`}
        columns={adapterColumns}
      />
      <Told
        caption="Paths"
        search={search}
        rows={model.listOf<PathFigures>('paths')}
        keyOf={({ path }) => path}
        columns={[...pathColumns, ...cutting]}
      />
    </div>
  );
}

/** A table of what a cluster may have, and need not. */
const Told = <Row,>(props: Omit<TableProps<Row>, 'empty'>) =>
  props.rows.length === 0 ? null : <Table {...props} empty="" />;

const vipaColumns: readonly Column<VipaFigures>[] = [
  { title: 'VIPA', text: ({ vipa }) => vipa },
  { title: 'address', text: ({ address, port }) => `${address}:${port}` },
  {
    title: 'owner',
    text: ({ owner = 'nobody' }) => owner,
    draw: ({ owner }) => (owner === undefined ? 'nobody' : <Named name={owner} />),
  },
];

const adapterColumns: readonly Column<AdapterFigures>[] = [
  { title: 'node', text: ({ node }) => node, draw: ({ node }) => <Named name={node} /> },
  { title: 'adapter', text: ({ adapter }) => adapter },
  { title: 'address', text: ({ address }) => address },
  {
    title: 'status',
    text: ({ status }) => status,
    draw: ({ status }) => <Status status={status} />,
  },
];

const pathColumns: readonly Column<PathFigures>[] = [
  { title: 'from', text: ({ from }) => from },
  { title: 'to', text: ({ to }) => to },
  {
    title: 'status',
    text: ({ status, reason = '' }) => `${status} ${reason}`,
    draw: ({ status, reason }) => <Status status={status} reason={reason} />,
  },
  {
    title: 'round trip',
    isNumber: true,
    text: ({ rttMs }) => (rttMs === undefined ? '' : ageText(rttMs)),
  },
];

const cutColumn = (session: Session): Column<PathFigures> => ({
  title: 'control',
  text: () => '',
  draw: ({ path }) => (
    <button
      type="button"
      class="danger"
      aria-label={`cut ${path}`}
      onClick={() => void session.perform({ command: 'cut', path })}
    >
      Cut
    </button>
  ),
});
