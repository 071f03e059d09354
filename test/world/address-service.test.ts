/**
 * Goal: CM-2, CM-3: an address that its owner takes out of service is told of in its row, the same
 * everywhere, and messages go by the other one; put back, it serves again. What leaves it has the
 * class of service of its row.
 * Method: two nodes of this process with two addresses each, over real sockets; the kernel is asked
 * how it marks what they send.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { InterplexError, newClusterKey, startCluster, startNode, type Node } from 'interplex';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const key = newClusterKey();
const port = 20_000 + (process.pid % 40_000);

async function started(id: string, place: number): Promise<Node> {
  const node = await startNode({
    id,
    applications: {},
    adapters: [5, 6].map((net) => ({ address: `127.79.${net}.${place}`, port })),
    messaging: { key, seeds: [`127.79.5.1:${port}`] },
    log: { level: 'silent' },
  });
  onTestFinished(() => node.stop());
  return node;
}

const statusesOf = ({ addressTable }: Node, id: string) =>
  addressTable
    .rows()
    .find(({ node }) => node === id)
    ?.adapters.map(({ status }) => status)
    .join('/');

test('CM-2 CM-3 an address out of service is told of, and the other serves', async () => {
  const [a, b] = [await started('a', 1), await started('b', 2)];
  a.messenger.on('greeting', (_, from) => `a hears ${from}`);
  const agree = (statuses: string) =>
    until(`all say that a is ${statuses}`, () =>
      [a, b].every((node) => statusesOf(node, 'a') === statuses),
    );
  await agree('up/up');
  a.messenger.setService('127.79.5.1', false);
  await agree('down/up');
  await until('the tables are equal', () => a.addressTable.hash === b.addressTable.hash);
  expect(await b.messenger.request('a', { kind: 'greeting' })).toBe('a hears b');
  a.messenger.setService('127.79.5.1', true);
  await agree('up/up');
  a.messenger.setService('127.79.6.1', false);
  expect(await b.messenger.request('a', { kind: 'greeting' })).toBe('a hears b');
});

/** What the kernel says of UDP sockets: iproute2 reads it, and no code of ours. */
const socketsAt = (address: string): Promise<string> =>
  run('ss', ['-uanH', '--tos', 'src', address]).then(({ stdout }) => stdout);
const missing = await socketsAt('127.0.0.1').then(
  () => undefined,
  (error: unknown) => `no iproute2 here: ${String(error)}`,
);

test('CM-2 datagrams carry the class of service of the row, of threads as well', async ({
  skip,
}) => {
  if (missing !== undefined) skip(missing);
  const adapters = [
    { address: '127.79.7.1', classOfService: 46 },
    { address: '127.79.8.1' },
    { address: '::1', classOfService: 10 },
  ];
  await using node = await startNode({
    id: 'a',
    applications: {},
    adapters,
    log: { level: 'silent' },
  });
  await until('all are open', () => statusesOf(node, 'a') === 'up/up/up');
  const [row] = node.addressTable.rows();
  expect(row?.adapters.map(({ classOfService }) => classOfService)).toEqual([46, 0, 10]);
  expect(await socketsAt('127.79.7.1')).toMatch(/tos:0xb8/); // Of eight bits, the upper six.
  expect(await socketsAt('127.79.8.1')).toMatch(/tos:0 /);
  expect(await socketsAt('[::1]')).toMatch(/tclass:0x28/);
  await using cluster = await startCluster({
    applications: {},
    nodes: { hall: { adapters: [{ address: '127.79.9.1', classOfService: 34 }] } },
    log: { level: 'silent' },
  });
  expect(cluster.nodes()).toEqual(['hall']);
  expect(await socketsAt('127.79.9.1')).toMatch(/tos:0x88/);
});

test('AF-9 an address that is none of the node is refused with those that are', async () => {
  const a = await started('a', 1);
  const refused = () => a.messenger.setService('127.79.7.1', false);
  expect(refused).toThrow(InterplexError);
  expect(refused).toThrow(/"127\.79\.7\.1" is none .* 127\.79\.5\.1, 127\.79\.6\.1/);
});
