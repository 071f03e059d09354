/** What the threads of one cluster share: the embedded form of the coupling facility. */
import { LeaseKeys } from '../ports/lease-keys.ts';
import { leaseMemory } from '../ports/shared-leases.ts';
import { tupleTableMemory } from '../ports/tuple-table.ts';
import { custodyMemory } from '../transfer/custody.ts';
import { vitalSignsMemory } from './vital-signs.ts';
import type { Configuration } from './configuration.ts';

export interface SharedMemory {
  readonly custody: SharedArrayBuffer;
  readonly routes: SharedArrayBuffer;
  readonly leases: SharedArrayBuffer;
  readonly vitalSigns: SharedArrayBuffer;
}

export const sharedMemory = ({ nodes, vipas, ranges }: Configuration): SharedMemory => ({
  custody: custodyMemory(nodes.length),
  routes: tupleTableMemory(),
  leases: leaseMemory(new LeaseKeys(vipas, ranges).size),
  vitalSigns: vitalSignsMemory(nodes.length),
});
