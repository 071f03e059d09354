/**
 * Three processes, each a node with two addresses, which stand for two networks. One address
 * stops, and comes back: each time the table converges everywhere.
 * Run: npx tsx examples/07-table.ts
 */
import { fork } from 'node:child_process';
import { EventEmitter, on, once } from 'node:events';
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
    process.send?.({ id, hash: addressTable.hash, rows: rows.join(', ') });
  });
  for await (const [order] of on(process, 'message') as AsyncIterable<[string]>) {
    if (order === 'leave') break;
    if (order !== 'greet') messenger.setService(addressOf(id, 1), order === 'mend');
    else console.log(await messenger.request('bob', { kind: 'greeting', text: 'hello' }));
  }
  await node.stop().finally(() => process.disconnect());
}

const [, , own] = process.argv;
if (own === undefined) {
  const children = ids.map((id) => fork(new URL(import.meta.url), [id]));
  const [last, told] = [new Map<string, { hash: string; rows: string }>(), new EventEmitter()];
  for (const child of children) {
    child.on('message', (table: { id: string; hash: string; rows: string }) => {
      console.log(`${table.id} has ${table.hash}: ${table.rows}`);
      told.emit('table', last.set(table.id, table));
    });
  }
  const hashes = () => new Set(ids.map((id) => last.get(id)?.hash));
  for (const order of ['cut', 'mend', 'leave'] as const) {
    const bob = order === 'mend' ? 'bob down/up' : 'bob up/up';
    const isSo = () => hashes().size === 1 && last.get('cyd')?.rows.includes(bob) === true;
    while (!isSo()) await once(told, 'table');
    if (order === 'mend') children[0]?.send('greet'); // It goes by the other network.
    console.log(`-- all agree; ${order}`);
    for (const child of order === 'leave' ? children : children.slice(1, 2)) child.send(order);
  }
} else await run(own);
