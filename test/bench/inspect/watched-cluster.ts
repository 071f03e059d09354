/** A cluster with the inspector's tap in each thread, or without, and whoever watches it. */
import { startCluster, type Cluster, type ClusterOptions } from 'interplex';
import { WebSocket } from 'ws';

/** No tap; a tap, and nobody; a page that reads all; one that does not read any more. */
export type Sight = 'absent' | 'unwatched' | 'watched' | 'stalled';

export interface WatchedCluster {
  readonly cluster: Cluster;
  readonly stop: () => Promise<void>;
}

export async function startWatched(sight: Sight, options: ClusterOptions): Promise<WatchedCluster> {
  const cluster = await startCluster({
    ...options,
    log: { level: 'silent' },
    ...(sight !== 'absent' && { inspect: { port: 0 } }),
  });
  const isOpen = sight === 'watched' || sight === 'stalled';
  const page = isOpen ? await openPage(cluster) : undefined;
  if (sight === 'stalled') page?.pause();
  return {
    cluster,
    stop: async () => {
      page?.terminate();
      await cluster.stop();
    },
  };
}

/** As the page does: it reads, and parses, all that comes. */
async function openPage({ inspectorUrl = '' }: Cluster): Promise<WebSocket> {
  const socket = new WebSocket(new URL('live', inspectorUrl.replace('http', 'ws')));
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (data: Buffer) => {
      JSON.parse(data.toString());
      resolve();
    });
  });
  return socket;
}
