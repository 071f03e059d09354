/** `interplex ports`: the source ports that clusters of this user share, as each tells them. */
import { Command } from 'commander';
import { askFigures } from '../io/figures-socket.ts';
import type { PortHolding, PortPool } from '../ports/pool-figures.ts';

/** What one cluster tells. */
export interface ClusterPortFigures {
  readonly pid: number;
  readonly pools: readonly PortPool[];
}

export const portsCommand = (): Command =>
  new Command('ports')
    .description('show who holds which source ports, of every cluster that this user runs')
    .option('--json', 'write one line of JSON')
    .action(async ({ json }: { json?: true }) => {
      const clusters = (await askFigures()) as readonly ClusterPortFigures[];
      process.stdout.write(json ? `${JSON.stringify({ clusters })}\n` : textOf(clusters));
    });

const textOf = (clusters: readonly ClusterPortFigures[]): string =>
  clusters.flatMap(({ pid, pools }) => pools.map((pool) => poolText(pid, pool))).join('') ||
  'No cluster of yours shares source ports: set sharedPorts on a VIPA.\n';

function poolText(pid: number, pool: PortPool): string {
  const { vipa, address, protocol, structure, first, last, free, reclaimed, holdings } = pool;
  const head = `${protocol} ${address} (${vipa}, process ${pid}): ${structure} ${first}-${last}`;
  const lines = holdings.map(holdingText);
  return [`${head}, ${free} free, ${reclaimed} of the dead at rest`, ...lines, ''].join('\n');
}

const holdingText = (holding: PortHolding): string => {
  const { stack, leased, used, resting, foreign, conflicts } = holding;
  return (
    `  ${stack}: ${leased} leased, ${used} in use, ${resting} at rest, ` +
    `${foreign} foreign, ${conflicts} conflicts`
  );
};
