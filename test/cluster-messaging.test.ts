/**
 * Goal: a process tells each change of the nodes of others once, and remembers a bounded number of
 * them, however many come and go (CM-9).
 * Method: the cluster's own view, told what observers tell.
 */
import type { NodeId } from '#actors/vocabulary';
import { ClusterMessaging, type ClusterMember } from '#internal/cluster/cluster-messaging';
import { limits } from '#internal/limits';
import { expect, test } from 'vitest';

const [first, second] = ['n1', 'n2'] as NodeId[] as [NodeId, NodeId];
const memberOf = (name: string, status: ClusterMember['status']) =>
  ({ node: name as NodeId, incarnation: 1, status, reason: 'for some reason', since: 0 }) as const;

test('CM-9 of nodes that came and went so many are remembered, and all that live', () => {
  const told: string[] = [];
  const messaging = new ClusterMessaging(({ node, status }) => told.push(`${node} ${status}`));
  for (const observer of [first, second]) messaging.hear(observer, memberOf('lasting', 'alive'));
  const names = Array.from({ length: limits.clusterNodesMax + 100 }, (_, index) => `x${index}`);
  for (const name of names) {
    for (const status of ['alive', 'left'] as const) {
      for (const observer of [first, second]) messaging.hear(observer, memberOf(name, status));
    }
  }
  const members = messaging.members([]).map(({ node }) => node);
  expect(members).toHaveLength(limits.clusterNodesMax);
  expect(members).toContain('lasting');
  expect(members).toContain(names.at(-1));
  expect(members).not.toContain(names[0]);
  expect(told).toEqual([
    'lasting alive',
    ...names.flatMap((name) => [`${name} alive`, `${name} left`]),
  ]);
});
