/** A cluster of threads for a test: an endpoint on a free port, and the `steered` applications. */
import { startCluster, type Cluster, type ClusterOptions, type NodeSettings } from 'interplex';
import { openAllGates } from './gates.ts';
import { TestClient } from './test-client.ts';
import { until } from './until.ts';
import { applicationAt } from './application-at.ts';

const steered = applicationAt('steered');

export interface TestbedOptions {
  /** Default: `edge`, which owns the endpoint, and the targets `hall-1` and `hall-2`. */
  readonly nodes?: Readonly<Record<string, NodeSettings>>;
  readonly applications?: Readonly<Record<string, URL>>;
  readonly routing?: string;
  /** Default: any that is free. */
  readonly port?: number;
  readonly hopsMax?: number;
  readonly drainMs?: number;
  /** Default: as a cluster has it. */
  readonly carriers?: NonNullable<ClusterOptions['carriers']>;
  /** Instead of the one that the options above describe. */
  readonly vipas?: NonNullable<ClusterOptions['vipas']>;
}

export class Testbed {
  readonly cluster: Cluster;
  readonly #clients: TestClient[] = [];

  private constructor(cluster: Cluster) {
    this.cluster = cluster;
  }

  static async start(options: TestbedOptions = {}): Promise<Testbed> {
    const { nodes, applications, routing = 'lobby', port = 0, hopsMax, drainMs } = options;
    const { carriers, vipas } = options;
    const cluster = await startCluster({
      applications: { lobby: steered, room: steered, ...applications },
      nodes: nodes ?? { edge: {}, 'hall-1': { run: ['room'] }, 'hall-2': { run: ['room'] } },
      vipas: vipas ?? {
        chat: {
          address: '127.0.0.1',
          port,
          routing,
          owner: 'edge',
          ...(hopsMax !== undefined && { hopsMax }),
        },
      },
      log: { level: 'silent' },
      ...(drainMs !== undefined && { drainMs }),
      ...(carriers && { carriers }),
    });
    return new Testbed(cluster);
  }

  get port(): number {
    return this.cluster.vipas()[0]?.port ?? 0;
  }

  async connect(options?: { allowHalfOpen?: boolean }): Promise<TestClient> {
    const client = await TestClient.connect(this.port, options);
    this.#clients.push(client);
    return client;
  }

  /** A client that is at `node` already. */
  async connectTo(node: string): Promise<TestClient> {
    const client = await this.connect();
    client.tell({ do: 'transfer', prefer: [node] });
    await client.ask({ do: 'echo', text: 'there' });
    return client;
  }

  /** No client, no transfer and no row is left at any node that lives. */
  async isIdle(): Promise<boolean> {
    const nodes = this.cluster.nodes();
    const all = await Promise.all(nodes.map((node) => this.cluster.health(node)));
    const isBusy = all.some((node) => node.clients + node.transfersUnderway > 0);
    return !isBusy && this.cluster.routes().length === 0;
  }

  /** Closes the test's clients and waits until nothing of them is left. */
  async settle(): Promise<void> {
    openAllGates();
    for (const { socket } of this.#clients.splice(0)) socket.destroy();
    await until('nothing of the clients is left', () => this.isIdle());
  }

  async stop(): Promise<void> {
    openAllGates();
    for (const { socket } of this.#clients) socket.destroy();
    await this.cluster.stop();
  }
}
