/**
 * The coordinator of source ports, in the main thread: it outlives every node, knows for certain
 * when one has ended, and is itself a stack, which reclaims what that one held (SP-5).
 */
import type { Logger } from 'pino';
import { tellFigures } from '../io/figures-socket.ts';
import type { SharedPool } from '../ports/shared-pool.ts';
import { unseen } from '../runtime/sight.ts';
import type { ClusterWorld } from './cluster-inspection.ts';
import { poolsIn, type PortPool } from '../ports/pool-figures.ts';
import { PoolWords } from '../ports/pool-words.ts';
import type { Configuration } from './configuration.ts';
import { invalid } from '../options.ts';
import { NodePorts, openPool, type PortConflict } from './node-ports.ts';
import { addPools, overlapOf, parseSharedPorts, type SharedPorts } from './port-settings.ts';

/** A node, as far as it can be asked to register its connections. */
interface Registrar {
  registerPorts(pools: readonly SharedPool[]): Promise<readonly PortConflict[]>;
}

/** Clusters of one process tell apart. */
let lastNumber = 0;

export class ClusterPorts {
  readonly #pools: SharedPool[];
  readonly #configuration: Configuration;
  readonly #log: Logger;
  readonly #own: NodePorts;
  #stopTelling = () => {};

  constructor(
    configuration: Configuration,
    pools: SharedPool[],
    { log, inspection }: Pick<ClusterWorld, 'log' | 'inspection'>,
  ) {
    const nodes = configuration.nodes.map(({ id }) => id);
    this.#pools = pools;
    this.#configuration = configuration;
    this.#log = log;
    const sight = inspection?.sight ?? unseen;
    this.#own = new NodePorts({ nodes, stack: nodes.length, pools, log, sight });
    inspection?.showPorts(() => this.#own.maps());
    openPools(this.#own, pools, configuration, log);
    if (pools.length === 0) return;
    lastNumber += 1;
    const figures = () => ({ pid: process.pid, pools: this.view() });
    this.#stopTelling = tellFigures(`${lastNumber}`, figures);
  }

  /** A node's thread has ended: nobody waits for it, and its sockets are closed. */
  end(stack: number): void {
    for (const { shape, memory } of this.#pools) {
      new PoolWords(shape, new Int32Array(memory)).end(stack);
    }
    this.#own.reclaim(stack);
  }

  /**
   * Shares the ports of a VIPA that did not (SP-8). Every node that lives registers the connections
   * that it has from there; then the pool opens. The conflicts that were found.
   */
  async share(name: string, given: SharedPorts, nodes: readonly Registrar[]) {
    const at = `vipas.${name}.sharedPorts`;
    const { vipas } = this.#configuration;
    const vipa = vipas.find((one) => one.name === name);
    const sharedPorts = parseSharedPorts(at, given);
    if (!vipa || !sharedPorts) throw invalid(at, 'name a VIPA with an address, and say how');
    const place = { name, address: vipa.address, sharedPorts };
    const added = addPools(this.#pools, this.#configuration, place);
    this.#own.register(added);
    const conflicts = await Promise.all(nodes.map((node) => node.registerPorts(added)));
    openPools(this.#own, added, this.#configuration, this.#log);
    return conflicts.flat();
  }

  /** From shared memory: no node is asked. */
  view(): PortPool[] {
    return poolsIn(this.#pools, this.#own.names);
  }

  close(): void {
    this.#stopTelling();
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
