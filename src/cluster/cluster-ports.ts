/**
 * The source ports of a process, in its main thread: it outlives every node, knows for certain when
 * one has ended, and is itself a stack, which reclaims what that one held (SP-5).
 */
import type { Logger } from 'pino';
import type { HostAnswer } from '../ports/host-words.ts';
import type { SharedPool } from '../ports/shared-pool.ts';
import { normalized } from '../ports/shared-pool.ts';
import { unseen } from '../runtime/sight.ts';
import type { ClusterWorld } from './cluster-inspection.ts';
import type { DestinationCount } from '../ports/source-ports.ts';
import { poolsIn, type PortPool } from '../ports/pool-figures.ts';
import { PoolWords } from '../ports/pool-words.ts';
import type { Configuration } from './configuration.ts';
import { InterplexError } from '../errors.ts';
import { invalid } from '../options.ts';
import { HostPorts } from './host-ports.ts';
import { NodePorts, type PortConflict } from './node-ports.ts';
import { addPools, overlapOf, parseSharedPorts, type SharedPorts } from './port-settings.ts';
import type { PortWish } from './port-wishes.ts';
import { ofNode, tellPorts, type NodeDestination } from './told-ports.ts';

interface ClusterPortsWorld extends Pick<ClusterWorld, 'log' | 'inspection'> {
  /** Those that live. */
  readonly nodes: () => readonly PortNode[];
}

/** A node, as far as it can be asked about its connections. */
interface PortNode {
  readonly id: string;
  portDestinations(): Promise<readonly DestinationCount[]>;
  registerPorts(pools: readonly SharedPool[]): Promise<readonly PortConflict[]>;
}
interface Wisher {
  answerPorts(ask: number, answer: HostAnswer): void;
}

export class ClusterPorts {
  /** Settles when the ports that are shared from the start are to be had. Rejects as `open`. */
  readonly opened: Promise<void>;
  readonly #pools: SharedPool[];
  readonly #configuration: Configuration;
  readonly #log: Logger;
  readonly #nodes: ClusterPortsWorld['nodes'];
  readonly #own: NodePorts;
  readonly #host: HostPorts;
  #stopTelling: (() => void) | undefined;
  #isClosed = false;

  constructor(
    configuration: Configuration,
    pools: SharedPool[],
    { log, inspection, nodes: living }: ClusterPortsWorld,
  ) {
    const nodes = configuration.nodes.map(({ id }) => id);
    const stack = nodes.length;
    this.#pools = pools;
    this.#configuration = configuration;
    this.#log = log;
    this.#nodes = living;
    const sight = inspection?.sight ?? unseen;
    this.#host = new HostPorts(pools, stack, (pool) => this.#own.stackOf(pool));
    this.#own = new NodePorts({ nodes, stack, pools, log, sight, want: this.#host.want });
    inspection?.showPorts(() => this.#own.maps());
    this.opened = this.#open(pools);
    this.opened.catch(() => undefined); // Whoever starts nodes hears of it.
  }

  /** A node's thread has ended: nobody waits for it, and its sockets are closed. */
  end(stack: number): void {
    for (const { shape, memory } of this.#pools) {
      new PoolWords(shape, new Int32Array(memory)).end(stack);
    }
    this.#own.reclaim(stack);
  }

  /** A node wishes for more ports. */
  async answer({ ask, pool, port }: PortWish, node: Wisher | undefined): Promise<void> {
    node?.answerPorts(ask, await this.#host.want(pool, port));
  }

  /**
   * Shares the ports of a VIPA, of any kind, that did not (SP-8). Every node that lives registers
   * the connections that it has from there; then the pool opens. The conflicts that were found.
   */
  async share(name: string, given: SharedPorts) {
    const at = `vipas.${name}.sharedPorts`;
    const { vipas, ranges } = this.#configuration;
    const address =
      vipas.find((one) => one.name === name)?.address ??
      ranges.find((one) => one.name === name)?.subnet;
    const sharedPorts = parseSharedPorts(at, given);
    if (address === undefined || !sharedPorts) throw invalid(at, 'name a VIPA, and say how');
    this.#requireOpen();
    const added = addPools(this.#pools, this.#configuration, { name, address, sharedPorts });
    this.#host.register(added);
    await this.#own.register(added);
    const conflicts = await Promise.all(this.#nodes().map((node) => node.registerPorts(added)));
    const place = address.includes('/') ? address : normalized(address);
    await this.#open(this.#pools.filter((pool) => pool.address === place)); // Also if it failed.
    return conflicts.flat();
  }

  /** From shared memory: no node is asked. */
  view(): PortPool[] {
    return poolsIn(this.#pools, this.#own.names, (pool) => this.#host.sharesOf(pool));
  }

  /** Where connections go, by node: each is asked, and one that stands still is passed over. */
  async destinations(): Promise<NodeDestination[]> {
    const told = this.#nodes().map(async (node) => ofNode(node.id, await node.portDestinations()));
    return (await Promise.all(told)).flat();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopTelling?.();
    this.#own.close();
    await this.#host.close();
  }

  async #open(pools: readonly SharedPool[]): Promise<void> {
    this.#requireOpen(); // It may have ended meanwhile.
    if (pools.length > 0) {
      const destinations = () => this.destinations();
      this.#stopTelling ??= tellPorts({ pools: () => this.view(), destinations });
    }
    await openPools(this.#host, this.#own, pools, this.#configuration, this.#log);
  }

  #requireOpen(): void {
    if (!this.#isClosed) return;
    throw new InterplexError('IPX_CLUSTER_STOPPED', 'The cluster has stopped: start another.');
  }
}

/** The pools give out ports from now on, but for those that the kernel or an endpoint may have. */
export async function openPools(
  host: HostPorts,
  own: NodePorts,
  pools: readonly SharedPool[],
  configuration: Configuration,
  log: Logger,
): Promise<void> {
  for (const pool of pools) {
    await keepEndpoints(own, pool, configuration);
    const overlap = overlapOf(pool);
    if (overlap !== undefined) log.warn({ address: pool.address }, overlap);
  }
  await host.open(pools);
}

/** The ports of endpoints are no source ports of anybody. */
async function keepEndpoints(ports: NodePorts, shared: SharedPool, { vipas }: Configuration) {
  if (shared.isRange || shared.protocol === 'udp') return;
  const { first, count } = shared.shape;
  const own = vipas.filter(({ address, port, sharedPorts }) => {
    return sharedPorts && address === shared.address && port >= first && port < first + count;
  });
  for (const { port } of own) {
    try {
      await ports.stackOf(shared)?.claim(port);
    } catch (error) {
      // Of a cluster of several processes the first has claimed it for all; it may stand still.
      const isAnothers =
        error instanceof InterplexError &&
        (error.code === 'IPX_PORT_TAKEN' || error.code === 'IPX_PORTS_LOST');
      if (!isAnothers) throw error;
    }
  }
}
