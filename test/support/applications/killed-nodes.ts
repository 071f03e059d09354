/**
 * A program: a cluster of two nodes of one host, of which one after the other is killed as its
 * standard input says. It says `done` after each order.
 */
import { createInterface } from 'node:readline';
import { startCluster } from 'interplex';

const [, , key = ''] = process.argv;
const adaptersAt = (port: number) =>
  ['10.80.1', '10.80.2'].map((net) => ({ address: `${net}.2`, port, router: `${net}.1` }));
const cluster = await startCluster({
  applications: {},
  nodes: { one: { adapters: adaptersAt(7_946) }, two: { adapters: adaptersAt(7_947) } },
  messaging: { key, seeds: ['10.80.3.2:7946'] },
  log: { level: 'silent' },
});
const say = () => process.stdout.write('done\n');
say();
for await (const order of createInterface(process.stdin)) {
  await (order === 'stop' ? cluster.stop() : cluster.kill(order));
  say();
  if (order === 'stop') process.stdin.destroy();
}
