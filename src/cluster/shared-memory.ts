/** What the threads of one cluster share: the embedded form of the coupling facility. */
import { LeaseKeys } from '../ports/lease-keys.ts';
import { leaseMemory } from '../ports/shared-leases.ts';
import type { SharedPool } from '../ports/shared-pool.ts';
import { tupleTableMemory } from '../ports/tuple-table.ts';
import { custodyMemory } from '../transfer/custody.ts';
import { configuredPools } from './port-settings.ts';
import { vitalSignsMemory } from './vital-signs.ts';
import type { Configuration } from './configuration.ts';

export interface SharedMemory {
  readonly custody: SharedArrayBuffer;
  readonly routes: SharedArrayBuffer;
  readonly leases: SharedArrayBuffer;
  readonly vitalSigns: SharedArrayBuffer;
  /** Grows when the ports of another address are shared. */
  readonly ports: SharedPool[];
}

export const sharedMemory = (configuration: Configuration): SharedMemory => {
  const { nodes, vipas, ranges } = configuration;
  return {
    custody: custodyMemory(nodes.length),
    routes: tupleTableMemory(),
    leases: leaseMemory(new LeaseKeys(vipas, ranges).size),
    vitalSigns: vitalSignsMemory(nodes.length),
    ports: configuredPools(configuration),
  };
};
