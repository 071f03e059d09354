/** A cluster under the inspector (AF-7): its threads' taps, its figures, and what a page may do. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { NodeId } from '../../actors/vocabulary.ts';
import { InterplexError } from '../errors.ts';
import type { NodeFigures } from '../inspect/figures.ts';
import { startInspector, type InspectedWorld, type Inspector } from '../inspect/inspector.ts';
import { clusterSession, recordBase, type NodeCommand } from '../inspect/records.ts';
import { limits } from '../limits.ts';
import { unseen, type Sight } from '../runtime/sight.ts';
import type { PoolMap } from '../ports/pool-map.ts';
import type { ClusterEvents } from './cluster-events.ts';
import type { ClusterRoute, ClusterVipa } from './cluster-view.ts';
import type { Configuration } from './configuration.ts';
import type { NodeVitals } from './vital-signs.ts';

/** What of a cluster the inspector shows, and may do to it. */
interface InspectedCluster {
  on(name: keyof ClusterEvents, listener: (event: { readonly node?: string }) => void): unknown;
  routes(): readonly ClusterRoute[];
  vipas(): readonly ClusterVipa[];
  vitals(): readonly NodeVitals[];
  kill(node: string): Promise<void>;
  drain(node: string): Promise<void>;
  restart(node: string): Promise<void>;
}

/** What is the process's, and not a cluster's own. */
export interface ClusterWorld {
  readonly log: Logger;
  readonly writeLine: (line: string) => void;
  readonly inspection: ClusterInspection | undefined;
}

/** What became of a node, as the page shows it. */
type Condition = NonNullable<NodeFigures['condition']>;

/** What is done where a node is so, and not refused. */
const commandsIn: Readonly<Record<Condition, readonly NodeCommand['command'][]>> = {
  starting: [],
  living: ['kill', 'drain'],
  blocked: ['kill', 'drain'],
  restarting: ['restart'],
  ended: ['restart'],
  failed: ['restart'],
};

const conditions: Partial<Record<keyof ClusterEvents, Condition>> = {
  'node.started': 'living',
  'node.resumed': 'living',
  'node.blocked': 'blocked',
  'node.restarting': 'restarting',
  'node.ended': 'ended',
  'node.failed': 'failed',
};

const told: readonly (keyof ClusterEvents)[] = [
  'node.started',
  'node.ended',
  'vipa.owned',
  'member.changed',
  'node.restarting',
  'node.failed',
  'node.blocked',
  'node.resumed',
  'cluster.failed',
  'application.failed',
];

export class ClusterInspection {
  readonly #configuration: Configuration;
  readonly #conditions = new Map<string, Condition>();
  #inspector: Inspector | undefined;
  #cluster: InspectedCluster | undefined;
  #readPorts: () => readonly PoolMap[] = () => [];

  private constructor(configuration: Configuration) {
    this.#configuration = configuration;
    for (const id of configuration.here) this.#conditions.set(id, 'starting');
  }

  /** `undefined` where none is wanted. Rejects as `startInspector` does. */
  static async open(configuration: Configuration): Promise<ClusterInspection | undefined> {
    const { inspect } = configuration;
    if (inspect === undefined) return undefined;
    const inspection = new ClusterInspection(configuration);
    inspection.#inspector = await startInspector(inspect, inspection.#world);
    return inspection;
  }

  get url(): string {
    return this.#inspector?.url ?? '';
  }

  /** A thread's tap: the port that the thread is given. */
  tapOf(node: NodeId): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#inspector?.collector.join(node, port1);
    return port2;
  }

  /** Who sees the actors of the main thread. */
  get sight(): Sight {
    return this.#inspector?.sight ?? unseen;
  }

  /** Source ports, which are in shared memory. */
  showPorts(read: () => readonly PoolMap[]): void {
    this.#readPorts = read;
  }

  follow(cluster: InspectedCluster): void {
    this.#cluster = cluster;
    for (const name of told) {
      cluster.on(name, (event: { readonly node?: string }) => this.#hear(name, event));
    }
  }

  async close(): Promise<void> {
    await this.#inspector?.close();
  }

  #hear(name: keyof ClusterEvents, event: { readonly node?: string }): void {
    const condition = conditions[name];
    if (condition && event.node !== undefined) this.#conditions.set(event.node, condition);
    const record = {
      ...recordBase(clusterSession),
      type: '@xstate.event',
      event: { type: name, ...event },
    };
    this.#inspector?.collector.tell(JSON.stringify(record));
  }

  readonly #world: InspectedWorld = {
    title: 'cluster',
    figures: () => this.#figures(),
    perform: (command) => this.#perform(command),
  };

  #figures(): Readonly<Record<string, unknown>> {
    const cluster = this.#cluster;
    if (!cluster) return {};
    const vitals = new Map(cluster.vitals().map((figures) => [figures.node, figures]));
    const routes = cluster.routes();
    return {
      nodes: this.#nodesHere.map(({ id, run }): NodeFigures => {
        const condition = this.#conditions.get(id) ?? 'starting';
        const commands = commandsIn[condition];
        return { condition, run, ...vitals.get(id), node: id, commands };
      }),
      vipas: cluster.vipas(),
      routes: routes.slice(0, limits.inspectRowsMax),
      routesTotal: routes.length,
      ports: this.#readPorts(),
    };
  }

  /** Those of other processes have an inspector there; here they are ways that lead to them. */
  get #nodesHere(): Configuration['nodes'] {
    const { nodes, here } = this.#configuration;
    return nodes.filter(({ id }) => here.includes(id));
  }

  async #perform(command: NodeCommand): Promise<void> {
    const cluster = this.#cluster;
    if (!cluster) throw refused('The cluster has not started.');
    switch (command.command) {
      case 'kill':
        return cluster.kill(command.node);
      case 'restart':
        return cluster.restart(command.node);
      case 'drain':
        return cluster.drain(command.node);
    }
  }
}

const refused = (sentence: string) => new InterplexError('IPX_COMMAND_REFUSED', sentence);
