/** The cluster: its nodes and how each is, who owns its endpoints, and all its actors. */
import { useRef } from 'preact/hooks';
import { ActorTree } from './actor-tree.tsx';
import type { ViewProps } from './view-props.ts';
import type { NodeFigures } from '../figures.ts';
import { ClusterSide } from './cluster-side.tsx';
import type { Model } from './model.ts';
import { NodeCard } from './node-card.tsx';
import type { Session } from './session.ts';

export function ClusterView({ session, search }: ViewProps) {
  const { model } = session;
  const rates = useRef(new Map<string, Rate>());
  const nodes = model.listOf<NodeFigures>('nodes');
  const { lines } = model.eventLoopUse;
  return (
    <div class="cluster">
      <div class="cards">
        {nodes.map((node) => (
          <NodeCard
            key={node.node}
            session={session}
            figures={node}
            eventsPerSecond={rateOf(rates.current, model, node.node)}
            use={lines.find(({ name }) => name === node.node)?.values ?? []}
          />
        ))}
        {nodes.length === 0 && <p class="empty panel">{nothingOf(session)}</p>}
      </div>
      <ActorTree model={model} search={search} />
      <ClusterSide session={session} search={search} isCluster={nodes.length > 0} />
    </div>
  );
}

/** Why no node is shown, and what to do. */
function nothingOf({ connection, playback }: Session): string {
  if (playback) return 'No cluster is told of in this recording: its actors are shown.';
  if (connection === 'refused') {
    return 'The inspector wants its token: open its address with #token=… at the end.';
  }
  if (connection !== 'live') return 'The inspector has not answered yet; it is asked each second.';
  return 'No cluster runs here, or none is told of yet: actors of this program are shown.';
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
