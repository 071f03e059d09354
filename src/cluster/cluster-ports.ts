/**
 * The coordinator of source ports, in the main thread: it outlives every node, knows for certain
 * when one has ended, and is itself a stack, which reclaims what that one held (SP-5).
 */
import type { Logger } from 'pino';
import type { SharedPool } from '../ports/shared-pool.ts';
import { poolsIn, type PortPool } from '../ports/pool-figures.ts';
import { PoolWords } from '../ports/pool-words.ts';
import type { Configuration } from './configuration.ts';
import { NodePorts, openPool } from './node-ports.ts';
import { overlapOf } from './port-settings.ts';

export class ClusterPorts {
  readonly #pools: readonly SharedPool[];
  readonly #own: NodePorts;

  constructor(configuration: Configuration, pools: readonly SharedPool[], log: Logger) {
    const nodes = configuration.nodes.map(({ id }) => id);
    this.#pools = pools;
    this.#own = new NodePorts({ nodes, stack: nodes.length, pools, log });
    openPools(this.#own, pools, configuration, log);
  }

  /** A node's thread has ended: nobody waits for it, and its sockets are closed. */
  end(stack: number): void {
    for (const { shape, memory } of this.#pools) {
      new PoolWords(shape, new Int32Array(memory)).end(stack);
    }
    this.#own.reclaim(stack);
  }

  /** From shared memory: no node is asked. */
  view(): PortPool[] {
    return poolsIn(this.#pools, this.#own.names);
  }

  close(): void {
    this.#own.close();
  }
}

/** The pools give out ports from now on, but for those that the kernel or an endpoint may have. */
export function openPools(
  ports: NodePorts,
  pools: readonly SharedPool[],
  configuration: Configuration,
  log: Logger,
): void {
  for (const pool of pools) {
    keepEndpoints(ports, pool, configuration);
    const overlap = overlapOf(pool);
    if (overlap !== undefined) log.warn({ address: pool.address }, overlap);
    openPool(pool);
  }
}

/** The ports of endpoints are no source ports of anybody. */
function keepEndpoints(ports: NodePorts, shared: SharedPool, { vipas }: Configuration) {
  if (shared.isRange || shared.protocol === 'udp') return;
  const { first, count } = shared.shape;
  const own = vipas.filter(({ address, port, sharedPorts }) => {
    return sharedPorts && address === shared.address && port >= first && port < first + count;
  });
  for (const { port } of own) ports.stackOf(shared)?.claim(port);
}
