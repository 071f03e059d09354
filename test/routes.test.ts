/**
 * Goal: a node that is on several routers has one route for each network of the table that it is
 * not on itself, shown, installed where that is allowed, and removed again (CM-4).
 * Method: rows as they come to a node with two routers; an installer that notes what it is told.
 */
import { expect, test } from 'vitest';
import type { NodeId } from '#actors/vocabulary';
import { Routes, routesFrom, type TableRoute } from '#internal/messaging/routes';
import type { AdapterRow, Row } from '#internal/messaging/row';

const adapter = (address: string, router?: string): AdapterRow => ({
  address,
  port: 4_400,
  status: 'up',
  type: 'ethernet',
  mtu: 1_500,
  prefix: 24,
  ...(router === undefined ? {} : { router }),
  classOfService: 0,
});
const row = (node: string, status: Row['status'], ...adapters: AdapterRow[]): Row => ({
  node: node as NodeId,
  incarnation: 1,
  version: 1,
  status,
  adapters,
});
const own = [adapter('10.1.0.5', '10.1.0.254'), adapter('10.2.0.5', '10.2.0.254')];
const far = row('far', 'present', adapter('10.3.0.7'), adapter('10.4.0.7'));

test('CM-4 a destination’s networks go by different routers, its first by the first', () => {
  expect(routesFrom(own, [far])).toEqual([
    { subnet: '10.3.0.0/24', router: '10.1.0.254', from: '10.1.0.5' },
    { subnet: '10.4.0.0/24', router: '10.2.0.254', from: '10.2.0.5' },
  ]);
});
test('CM-4 there is one route a network, and none for a link of its own', () => {
  const near = row('near', 'present', adapter('10.1.0.9'), adapter('10.3.0.9'));
  const subnets = routesFrom(own, [near, far]).map(({ subnet }) => subnet);
  expect(subnets).toEqual(['10.3.0.0/24', '10.4.0.0/24']);
  expect(routesFrom(own, [row('gone', 'gone', adapter('10.9.0.1'))])).toEqual([]);
});
test('CM-4 without a router there is no route', () => {
  expect(routesFrom([adapter('10.1.0.5')], [far])).toEqual([]);
});

test('CM-4 routes are installed once, shown so, and removed when they end', async () => {
  const told: string[] = [];
  const routes = new Routes({
    restore: () => Promise.resolve(),
    install: async ({ subnet }: TableRoute) => void told.push(`+${subnet}`),
    remove: async ({ subnet }: TableRoute) => void told.push(`-${subnet}`),
  });
  routes.follow(routesFrom(own, [far]));
  routes.follow(routesFrom(own, [far]));
  expect(routes.all.map(({ isInstalled }) => isInstalled)).toEqual([false, false]);
  await expect.poll(() => routes.all.every(({ isInstalled }) => isInstalled)).toBe(true);
  routes.follow(routesFrom(own, [row('far', 'present', adapter('10.3.0.7'))]));
  await routes.close();
  expect(told).toEqual(['+10.3.0.0/24', '+10.4.0.0/24', '-10.4.0.0/24', '-10.3.0.0/24']);
});
test('CM-4 without the privilege routes are shown as not installed, and none removed', async () => {
  const told: string[] = [];
  const routes = new Routes({
    restore: () => Promise.resolve(),
    install: async () => Promise.reject(new Error('EPERM')),
    remove: async ({ subnet }: TableRoute) => void told.push(subnet),
  });
  routes.follow(routesFrom(own, [far]));
  await expect.poll(() => routes.all.length).toBe(2);
  expect(routes.all.every(({ isInstalled }) => !isInstalled)).toBe(true);
  await routes.close();
  expect(told).toEqual([]);
});
