/** A thread that takes a lease, changes what it guards, and gives it back, again and again. */
import { workerData } from 'node:worker_threads';
import type { NodeId, VipaName } from '#actors/vocabulary';
import { LeaseKeys } from '#internal/ports/lease-keys';
import { SharedLeases } from '#internal/ports/shared-leases';
import { Links } from '#internal/runtime/links';

export interface Contention {
  readonly node: NodeId;
  readonly nodes: readonly NodeId[];
  readonly memory: SharedArrayBuffer;
  /** Words: a count, and the number of whoever is changing it. */
  readonly guarded: SharedArrayBuffer;
  readonly times: number;
}

const { node, nodes, memory, guarded, times } = workerData as Contention;
const keys = new LeaseKeys([{ name: 'chat' as VipaName }], []);
const links = new Links(node);
const leases = new SharedLeases({ memory, node, nodes, living: nodes, keys, links });
const words = new Int32Array(guarded);
const self = nodes.indexOf(node) + 1;

for (let taken = 0; taken < times;) {
  const lease = await leases.acquire('chat');
  if (!lease) continue;
  taken += 1;
  if (Atomics.exchange(words, 1, self) !== 0) throw new Error('Another holds it.');
  words[0] = (words[0] ?? 0) + 1; // Not atomic, on purpose.
  if (!leases.isCurrent(lease)) throw new Error('It is not current.');
  Atomics.store(words, 1, 0);
  await leases.release(lease);
}
