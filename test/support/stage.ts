/** A cluster of threads for a test of actors: each node has a `troupe`, told by orders. */
import { startCluster, type Cluster, type NodeSettings } from 'interplex';
import type { Order } from './applications/orders.ts';
import { askThread } from './thread-call.ts';
import { within } from './until.ts';
import { applicationAt } from './application-at.ts';

const troupe = applicationAt('troupe');

export class Stage {
  readonly cluster: Cluster;

  private constructor(cluster: Cluster) {
    this.cluster = cluster;
  }

  static async start(
    names: readonly string[],
    settings: Omit<NodeSettings, 'actors'> = {},
  ): Promise<Stage> {
    const node = { ...settings, actors: ['troupe'] };
    const cluster = await startCluster({
      applications: { troupe },
      nodes: Object.fromEntries(names.map((name) => [name, node])),
      log: { level: 'silent' },
    });
    return new Stage(cluster);
  }

  /** Rejects with what the node's code has thrown. */
  tell<Answer = void>(node: string, order: Order, withinMs = 10_000): Promise<Answer> {
    const what = `node "${node}" answers to ${JSON.stringify(order)}`;
    return within(withinMs, what, askThread<Answer>(node, order));
  }

  /** Spawns an actor at one node; settles with its address when all the others know it. */
  async spawn(node: string, order: Omit<Order & { do: 'spawn' }, 'do'>): Promise<string> {
    const address = await this.tell<string>(node, { do: 'spawn', ...order });
    const others = this.cluster.nodes().filter((other) => other !== node);
    await Promise.all(others.map((other) => this.tell(other, { do: 'find', name: order.name })));
    return address;
  }

  stop(): Promise<void> {
    return this.cluster.stop();
  }
}
