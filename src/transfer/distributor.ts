/** The routing application of a distributed VIPA: each connection goes to a target, unread. */
import type { NodeId, Target } from '../../actors/vocabulary.ts';
import type { Client } from './client.ts';
import { rendezvous } from './rendezvous.ts';
import { routingApplication, type RoutingApplication } from './routing-role.ts';
import type { Distribution, DistributionPolicy } from './vipa.ts';

/** Puts targets into the order in which they are tried for a client. */
type Order = (targets: readonly Target[], client: Client) => readonly Target[];

/** `connectionsOf` counts what a node serves of this VIPA's connections, and of this stack's. */
export function distributor(
  { to, policy, weights }: Distribution,
  connectionsOf: (node: NodeId) => number,
): RoutingApplication {
  const weightOf = ({ node }: Target) => weights.get(node) ?? 1;
  /** Connections on their way to a node, by their first choice: they are not among its own yet. */
  const coming = new Map<NodeId, number>();
  const comingTo = (node: NodeId) => coming.get(node) ?? 0;
  const order = orders[policy](weightOf, ({ node }) => connectionsOf(node) + comingTo(node));
  return routingApplication(async (client, route) => {
    let first: NodeId | undefined;
    const prefer = (targets: readonly Target[]) => {
      const ordered = order(targets, client);
      first = ordered[0]?.node;
      if (first !== undefined) coming.set(first, comingTo(first) + 1);
      return ordered;
    };
    const result = await route.transfer(client, { to, prefer });
    if (first !== undefined) coming.set(first, comingTo(first) - 1);
    if (result.outcome === 'refused') client.destroy(); // The stack has logged why.
  });
}

type Measure = (target: Target) => number;

const orders: Record<DistributionPolicy, (weightOf: Measure, countOf: Measure) => Order> = {
  roundRobin: () => {
    let turn = -1;
    return (targets) => {
      turn = (turn + 1) % Math.max(1, targets.length);
      return [...targets.slice(turn), ...targets.slice(0, turn)];
    };
  },
  leastConnections: (_, countOf) => (targets) =>
    targets.toSorted((a, b) => countOf(a) - countOf(b)),
  weighted: (weightOf) => smoothly(weightOf),
  clientAffinity:
    () =>
    (targets, { connection }) =>
      rendezvous(targets, connection.tuple.clientAddress),
};

/**
 * Smooth weighted round robin, as nginx has it: each turn every target earns its weight, the
 * richest is taken and pays the sum of all.
 */
function smoothly(weightOf: Measure): Order {
  const earned = new Map<NodeId, number>();
  return (targets) => {
    const able = targets.filter((target) => weightOf(target) > 0);
    let sum = 0;
    for (const target of able) {
      sum += weightOf(target);
      earned.set(target.node, (earned.get(target.node) ?? 0) + weightOf(target));
    }
    const ranked = able.toSorted((a, b) => (earned.get(b.node) ?? 0) - (earned.get(a.node) ?? 0));
    const [richest] = ranked;
    if (richest) earned.set(richest.node, (earned.get(richest.node) ?? 0) - sum);
    return ranked;
  };
}
