/**
 * Goal: nodes on no common LAN talk by IP alone; each has a route to each network, by a router of
 * its own; a cable that is cut stops no other way.
 * Method: two hosts and two routers as network namespaces, where the privilege allows; a node in
 * each host. Without it CM-3's tests over loopback stand in.
 */
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { applicationAt } from '../support/application-at.ts';
import { MessengerProcess, type Look } from '../support/messenger-process.ts';
import { missingPrivilege, type Network } from '../support/namespaces.ts';
import { twoRouters } from '../support/two-routers.ts';
import { until } from '../support/until.ts';

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

test('CM-1 CM-3 CM-4 each network has its router, and a cut cable stops no other way', async ({
  skip,
}) => {
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
  const installed = [
    '10.80.3.0/24 via 10.80.1.1 dev a-r1 proto 212',
    '10.80.4.0/24 via 10.80.2.1 dev a-r2 proto 212',
  ];
  expect(await ours(network, 'a')).toEqual(installed);
  for (const node of [a, b]) await node.sees('both ways lead to the other', isWhole);

  const asked = Promise.all([a.ask('b', 60, 10), b.ask('a', 60, 10)]);
  await network.cut('a', 'r1');
  expect((await asked).flat()).toHaveLength(120); // None was lost: each went by the other way.
  const before = await a.look();
  expect(before.members[0]?.status).toBe('alive');
  await b.ask('a', 50, 10);
  const after = await a.look();
  expect(after.cpuMs - before.cpuMs).toBeLessThan(400); // Of half a second and more: no spinning.

  await network.mend('a', 'r1');
  await a.sees('both ways lead to b again', isWhole);
  expect(await ours(network, 'a')).toEqual(installed);
  await Promise.all([a.stop(), b.stop()]);
  expect(await ours(network, 'a')).toEqual([]);
});

const isWhole = ({ observed }: Look) => observed.every(({ status }) => status === 'reachable');

test('CM-4 killed nodes leave no route, and take none of another of their process', async ({
  skip,
}) => {
  if (missing !== undefined) skip(missing);
  const network = await twoRouters();
  onTestFinished(() => network.remove());
  await network.route('a', 'default', '10.80.1.1');
  await network.route('b', 'default', '10.80.3.1');
  const adapters = hosts.b.map((net) => ({ address: `${net}.2`, port: 7_946 }));
  const b = await MessengerProcess.start((words) => network.spawn('b', words), {
    id: 'b',
    key,
    seeds: [],
    adapters,
  });
  const program = fileURLToPath(applicationAt('killed-nodes'));
  const child = network.spawn('a', [process.execPath, program, key]);
  const lines = createInterface(child.stdout!)[Symbol.asyncIterator]();
  const done = async () => expect(await lines.next()).toMatchObject({ value: 'done' });
  const order = async (word: string) => {
    child.stdin!.write(`${word}\n`);
    await done();
  };
  await done();
  const hasBoth = async () => (await ours(network, 'a')).length === 2;
  await until('both networks have their routes', hasBoth, 15_000);
  await b.sees('both nodes', ({ members }) => members.every(({ status }) => status === 'alive'));
  await order('one');
  expect(await ours(network, 'a')).toHaveLength(2); // The other node needs them.
  await order('two');
  expect(await ours(network, 'a')).toEqual([]);
  await order('stop');
  await b.stop();
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
