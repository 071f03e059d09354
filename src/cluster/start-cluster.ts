/** Starts nodes in worker threads, linked to each other. Wiring only. */
import { mainLog, standardError } from '../runtime/log.ts';
import { Cluster } from './cluster.ts';
import { ClusterInspection } from './cluster-inspection.ts';
import { parseConfiguration, type ClusterOptions } from './configuration.ts';
import { holdEndpoints } from './held-endpoints.ts';

/**
 * Settles when every node takes clients. Rejects with a coded error when the options are wrong or
 * a node cannot start; nothing is left running then.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const configuration = parseConfiguration(options);
  const destination = standardError();
  const held = await holdEndpoints(configuration);
  const inspection = await ClusterInspection.open(configuration).catch((error: unknown) => {
    held.close();
    throw error;
  });
  const cluster = new Cluster(configuration, held, {
    log: mainLog(destination, configuration.logLevel),
    writeLine: (line) => destination.write(line),
    inspection,
  });
  inspection?.follow(cluster);
  const owners = new Set(configuration.vipas.map(({ preference: [owner] }) => owner));
  const ids = configuration.here;
  try {
    // The owners of endpoints last: a client that connects at once finds its targets.
    await cluster.startNodes(
      ids.filter((id) => !owners.has(id)),
      ids,
    );
    await cluster.startNodes(ids.filter((id) => owners.has(id)));
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}
