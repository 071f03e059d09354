/** Returns every byte of a client as it comes, and passes the client round a ring of nodes. */
import type { Client, Target, TransferPlan, TransferResult } from 'interplex';

export interface Circling {
  readonly ring: readonly string[];
  /** How many hops are still to be made. */
  readonly hops: number;
}

/** The context of either role. */
interface Mover {
  transfer(client: Client, plan: TransferPlan): Promise<TransferResult>;
}

/** Settles when the client has moved on, or has ended. */
export async function circle(client: Client, { ring, hops }: Circling, by: Mover): Promise<void> {
  const { socket } = client;
  const stirred = new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      socket.write(chunk);
      resolve();
    });
    socket.once('end', resolve);
  });
  if (hops === 0) return;
  await stirred; // At each node at least one chunk was returned before the next move.
  const [next = '', ...others] = ring;
  const circling = { ring: [...others, next], hops: hops - 1 };
  const result = await by.transfer(client, {
    to: 'room',
    prefer: (targets) => targets.filter(({ node }) => node === next),
    state: ({ node }: Target) => ({ answer: 'accept', forNode: node, attempt: 1, circling }),
  });
  if (result.outcome === 'refused') client.end(`refused: ${result.code}\n`);
}
