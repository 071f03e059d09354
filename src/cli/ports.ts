/** `interplex ports`: the source ports that clusters of this user share, as each tells them. */
import { Command } from 'commander';
import { askFigures } from '../io/figures-socket.ts';
import type { NodeDestination, ToldPorts } from '../cluster/told-ports.ts';
import type { PortHolding, PortPool, ProcessHolding } from '../ports/pool-figures.ts';

export const portsCommand = (): Command =>
  new Command('ports')
    .description('show who holds which source ports, of every cluster and node that this user runs')
    .option('--json', 'write one line of JSON')
    .action(async ({ json }: { json?: true }) => {
      const { answers, silent } = await askFigures();
      const clusters = answers as readonly ToldPorts[];
      for (const pid of silent) process.stderr.write(silenceOf(pid));
      if (json) process.stdout.write(`${JSON.stringify({ clusters, silent })}\n`);
      else if (clusters.length > 0 || silent.length === 0) process.stdout.write(textOf(clusters));
    });

const silenceOf = (pid: number) =>
  `Process ${pid} stands still, and is not shown: ask again, or see what blocks it.\n`;

const textOf = (clusters: readonly ToldPorts[]): string =>
  clusters.flatMap((cluster) => cluster.pools.map((pool) => poolText(cluster, pool))).join('') ||
  'No cluster or node of yours shares source ports: set sharedPorts on a VIPA.\n';

function poolText({ pid, destinations }: ToldPorts, pool: PortPool): string {
  const { vipa, address, protocol, structure, first, last, free, reclaimed, holdings } = pool;
  const { processes } = pool;
  const head = `${protocol} ${address} (${vipa}, process ${pid}): ${structure} ${first}-${last}`;
  const own = destinations.filter((one) => protocol === 'tcp' && one.address === address);
  const lines = [
    ...holdings.flatMap((holding) => [
      holdingText(holding),
      ...own.filter(({ stack }) => stack === holding.stack).map(destinationText),
    ]),
    ...processes.map(processText),
  ];
  return [`${head}, ${free} free, ${reclaimed} of the dead at rest`, ...lines, ''].join('\n');
}

const destinationText = ({ destination, count }: NodeDestination) =>
  `    ${count} to ${destination}`;

const processText = ({ pid, leased, isCoordinator }: ProcessHolding) =>
  `  process ${pid}: ${leased} leased${isCoordinator ? ', coordinates' : ''}`;

const holdingText = (holding: PortHolding): string => {
  const { stack, leased, used, resting, foreign, conflicts } = holding;
  return (
    `  ${stack}: ${leased} leased, ${used} in use, ${resting} at rest, ` +
    `${foreign} foreign, ${conflicts} conflicts`
  );
};
