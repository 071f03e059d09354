/**
 * Supervision: an actor that crashes is started again with its address and its mailbox, a node
 * whose thread crashes too; and a node that stands still is seen from outside.
 * Run: npx tsx examples/05-supervision.ts
 */
import { once } from 'node:events';
import { isMainThread } from 'node:worker_threads';
import { startCluster, type ActorReference, type ApplicationNode } from 'interplex';

type Order = Readonly<Record<string, unknown>>;

/** Bakes what it is asked for. Some things it cannot survive, and some take all of its thread. */
function oven({ what }: Order): { type: string; text: string } {
  if (what === 'a stone') throw new Error('the oven is jammed');
  if (what === 'a bomb') setImmediate(explode);
  const doneAt = Date.now() + (what === 'a turkey' ? 2_000 : 0);
  while (Date.now() < doneAt);
  return { type: 'baked', text: `${String(what)}, baked` };
}

function explode(): never {
  throw new Error('the kitchen has exploded');
}

const orders = ['bread', 'a stone', 'a pie', 'a bomb', 'a cake', 'a turkey'];

/** Orders one after another, until the oven is gone; what is left goes to the next one. */
async function orderFrom(found: ActorReference): Promise<void> {
  for (let what = orders.shift(); what !== undefined; what = orders.shift()) {
    const order = { type: 'bake', what };
    const answer = found.ask(order).then(({ text }: Order) => text);
    console.log(`${what}:`, await answer.catch((error: Error) => error.message));
    if (what === 'a bomb') return;
  }
}

/** Called in each node that lists this module under `actors`. */
export function actors(node: ApplicationNode): void {
  const supervision = { backoffMs: { least: 10 }, intensity: { restarts: 3, withinMs: 60_000 } };
  if (node.id === 'kitchen') node.actors.spawn('oven', oven, { supervision });
  else node.actors.subscribe({ name: 'oven' }, ([found]) => found && void orderFrom(found));
}

if (isMainThread) {
  const restaurant = { actors: ['restaurant'] };
  const cluster = await startCluster({
    applications: { restaurant: new URL(import.meta.url) },
    nodes: { kitchen: { ...restaurant, supervision: { strategy: 'restart' } }, hall: restaurant },
    log: { level: 'silent' },
  });
  for (const event of ['node.restarting', 'node.started', 'node.blocked'] as const) {
    cluster.on(event, ({ node }: { node: string }) => console.log(`(${event}: ${node})`));
  }
  await once(cluster, 'node.resumed');
  const [kitchen] = cluster.vitals().filter(({ node }) => node === 'kitchen');
  console.log('restarts of the kitchen:', kitchen?.restarts);
  await cluster.stop();
}
