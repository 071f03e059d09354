/**
 * Goal: nodes on no common LAN talk by IP alone; each has a route to each network, by a router of
 * its own; a cable that is cut stops no other way.
 * Method: two hosts and two routers as network namespaces, where the privilege allows; a node in
 * each host. Without it CM-3's tests over loopback stand in.
 */
import { randomBytes } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { MessengerProcess } from '../support/messenger-process.ts';
import { missingPrivilege, type Network } from '../support/namespaces.ts';
import { twoRouters } from '../support/two-routers.ts';

const missing = await missingPrivilege();
const key = randomBytes(32).toString('hex');
const hosts = {
  a: ['10.80.1', '10.80.2'],
  b: ['10.80.3', '10.80.4'],
} as const;

/** Their defaults lead by the first router, which has no way to the second networks. */
async function started({ isPlain = false } = {}) {
  const network = await twoRouters();
  onTestFinished(() => network.remove());
  await network.route('a', 'default', '10.80.1.1');
  await network.route('b', 'default', '10.80.3.1');
  const start = (id: 'a' | 'b') =>
    MessengerProcess.start((words) => network.spawn(id, words), {
      id,
      key,
      isPlain,
      seeds: ['10.80.1.2:7946'],
      adapters: hosts[id].map((net) => ({
        address: `${net}.2`,
        port: 7_946,
        router: `${net}.1`,
      })),
    });
  const [a, b] = [await start('a'), await start('b')];
  for (const [node, peer] of [[a, 'b'] as const, [b, 'a'] as const]) {
    await node.sees(`${peer} is alive`, ({ members }) =>
      members.some((member) => member.node === peer && member.status === 'alive'),
    );
  }
  return { network, a, b };
}

const ours = async (network: Network, place: string) =>
  (await network.routes(place)).filter((route) => route.includes('proto 212'));

test('CM-1 CM-4 each network has its router, in the table and in the kernel', async ({ skip }) => {
  if (missing !== undefined) skip(missing);
  const { network, a, b } = await started();
  await a.sees(
    'its routes are installed',
    ({ routes }) => routes.length === 2 && routes.every(({ isInstalled }) => isInstalled),
  );
  const { routes } = await a.look();
  expect(routes.map(({ subnet, router }) => `${subnet} ${router}`)).toEqual([
    '10.80.3.0/24 10.80.1.1',
    '10.80.4.0/24 10.80.2.1',
  ]);
  expect(await ours(network, 'a')).toEqual([
    '10.80.3.0/24 via 10.80.1.1 dev a-r1 proto 212',
    '10.80.4.0/24 via 10.80.2.1 dev a-r2 proto 212',
  ]);
  await b.sees('both ways lead to a', ({ observed }) =>
    observed.every(({ status }) => status === 'reachable'),
  );
  await a.stop();
  expect(await ours(network, 'a')).toEqual([]);
  await b.stop();
});

test('CM-1 CM-3 a cable that is cut stops no other way, and its node does not spin', async ({
  skip,
}) => {
  if (missing !== undefined) skip(missing);
  const { network, a, b } = await started();
  await a.sees(
    'its routes are installed',
    ({ routes }) => routes.length === 2 && routes.every(({ isInstalled }) => isInstalled),
  );
  await a.sees('both ways lead to b', ({ observed }) =>
    observed.every(({ status }) => status === 'reachable'),
  );
  const asked = a.ask('b', 100, 10);
  const askedBack = b.ask('a', 100, 10);
  await network.cut('a', 'r1');
  const tookMs = [...(await asked), ...(await askedBack)];
  expect(tookMs).toHaveLength(200); // None was lost, each was answered by the other way.
  expect((await a.look()).members[0]?.status).toBe('alive');
  const before = await a.look();
  await b.ask('a', 50, 10);
  const after = await a.look();
  expect(after.cpuMs - before.cpuMs).toBeLessThan(400); // Of half a second and more.
  await network.mend('a', 'r1');
  await a.sees('the route is back', ({ observed }) =>
    observed.every(({ status }) => status === 'reachable'),
  );
  expect(await ours(network, 'a')).toHaveLength(2);
  await Promise.all([a.stop(), b.stop()]);
});

test('CM-4 without the privilege a route is shown as not installed', async ({ skip }) => {
  if (missing !== undefined) skip(missing);
  const { network, a, b } = await started({ isPlain: true });
  await a.sees('its routes are known', ({ routes }) => routes.length === 2);
  const { routes } = await a.look();
  expect(routes.map(({ isInstalled }) => isInstalled)).toEqual([false, false]);
  expect(await ours(network, 'a')).toEqual([]);
  expect(await a.ask('b', 3, 1)).toHaveLength(3);
  await Promise.all([a.stop(), b.stop()]);
});
