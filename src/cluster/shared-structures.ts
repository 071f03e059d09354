/** One node's hands on the shared memory of its cluster: leases, routes and custody. */
import { LeaseKeys } from '../ports/lease-keys.ts';
import { SharedLeases } from '../ports/shared-leases.ts';
import { TupleTable } from '../ports/tuple-table.ts';
import type { Links } from '../runtime/links.ts';
import { Carriers } from '../transfer/carriers.ts';
import { Custody } from '../transfer/custody.ts';
import { RouteReports } from '../transfer/route-reports.ts';
import type { NodeRuntimeOptions } from './node-world.ts';

export interface SharedStructures {
  readonly keys: LeaseKeys;
  readonly leases: SharedLeases;
  readonly routes: RouteReports;
  readonly carriers: Carriers;
}

export function sharedStructures(options: NodeRuntimeOptions, links: Links): SharedStructures {
  const { id, configuration, memory, living } = options;
  const { vipas, ranges } = configuration;
  const nodes = configuration.nodes.map((node) => node.id);
  const index = nodes.indexOf(id);
  const shared = { node: id, nodes, links };
  const keys = new LeaseKeys(vipas, ranges);
  const names = [...vipas, ...ranges].map(({ name }) => name);
  const copies = new TupleTable(memory.routes, index);
  return {
    keys,
    leases: new SharedLeases({ ...shared, living, memory: memory.leases, keys }),
    routes: new RouteReports({ ...shared, vipas: names, copies }),
    carriers: new Carriers({
      ...shared,
      custody: new Custody(memory.custody, index),
      allowed: configuration.carriers,
      indexOf: (node) => nodes.indexOf(node),
      addresses: configuration.nodes[index]?.adapters.map(({ address }) => address) ?? [],
    }),
  };
}
