/**
 * Three processes, each a node with two addresses, which stand for two networks. They find each
 * other by one seed; then one address stops, and comes back: the table converges everywhere.
 * Run: npx tsx examples/07-table.ts
 */
import { fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { startNode } from 'interplex';

const ids = ['ann', 'bob', 'cyd'];
const addressOf = (id: string, net: number) => `127.0.${net}.${ids.indexOf(id) + 1}`;

/** One process: it tells of its table whenever that changes, and does what its parent says. */
async function run(id: string): Promise<void> {
  const node = await startNode({
    id,
    applications: {},
    adapters: [1, 2].map((net) => ({ address: addressOf(id, net), port: 7_946 })),
    messaging: { key: 'ab'.repeat(32), seeds: [`${addressOf('ann', 1)}:7946`] },
    log: { level: 'silent' },
  });
  const { messenger, addressTable } = node;
  messenger.on('greeting', ({ text }, from) => `${id} heard ${from} say ${String(text)}`);
  messenger.subscribe(({ type }) => {
    if (type !== 'row.changed') return;
    const rows = addressTable.rows().map((row) => {
      return `${row.node} ${row.adapters.map(({ status }) => status).join('/')}`;
    });
    process.send?.({ id, table: `${addressTable.hash}: ${rows.toSorted().join(', ')}` });
  });
  process.on('message', async (order) => {
    if (order === 'leave') await node.stop().then(() => process.disconnect());
    else if (order !== 'greet') messenger.setService(addressOf(id, 1), order === 'mend');
    else console.log(await messenger.request('bob', { kind: 'greeting', text: 'hello' }));
  });
}

const [, , own] = process.argv;
if (own === undefined) {
  const children = ids.map((id) => fork(new URL(import.meta.url), [id]));
  const tables = new Map<string, string>();
  const told = new EventEmitter();
  for (const child of children) {
    child.on('message', ({ id, table }: { id: string; table: string }) => {
      console.log(`${id} has ${table}`);
      told.emit('table', tables.set(id, table));
    });
  }
  for (const [order, bob] of [
    ['cut', 'up/up'],
    ['mend', 'down/up'],
    ['leave', 'up/up'],
  ] as const) {
    const isOne = () => new Set(ids.map((id) => tables.get(id))).size === 1;
    while (!isOne() || !tables.get('bob')?.includes(`bob ${bob}, cyd`)) await once(told, 'table');
    if (order === 'mend') children[0]?.send('greet'); // It goes by the other network.
    console.log(`-- all agree; ${order}`);
    for (const child of order === 'leave' ? children : children.slice(1, 2)) child.send(order);
  }
} else await run(own);
