/** A cluster with the inspector's tap in each thread, or without, and whoever watches it. */
import { startCluster, type Cluster, type ClusterOptions } from 'interplex';
import { Partner } from '../partner.ts';
import type { PageCommand } from './page-process.ts';

/** No tap; a tap, and nobody; a page that reads all; one that does not read any more. */
export type Sight = 'absent' | 'unwatched' | 'watched' | 'stalled';

export interface WatchedCluster {
  readonly cluster: Cluster;
  readonly stop: () => Promise<void>;
}

export class WatchedClusters {
  readonly #page = new Partner<PageCommand>(new URL('page-process.ts', import.meta.url));

  async start(sight: Sight, options: ClusterOptions): Promise<WatchedCluster> {
    const cluster = await startCluster({
      ...options,
      log: { level: 'silent' },
      ...(sight !== 'absent' && { inspect: { port: 0 } }),
    });
    const { inspectorUrl: url = '' } = cluster;
    const isOpen = sight === 'watched' || sight === 'stalled';
    if (isOpen) await this.#page.ask({ type: 'open', url, isStalled: sight === 'stalled' });
    return {
      cluster,
      stop: async () => {
        if (isOpen) await this.#page.ask({ type: 'close' });
        await cluster.stop();
      },
    };
  }

  stop(): Promise<void> {
    return this.#page.stop();
  }
}
