/**
 * A program: one node with data ports that does what its standard input tells it, and answers on
 * standard output, a line of JSON each. Its argument is what it is started with, as JSON.
 */
import { createInterface } from 'node:readline';
import { startNode, type AdapterOptions, type DataPort, type Node } from 'interplex';

export interface PortSetting {
  readonly id: string;
  readonly adapters: readonly AdapterOptions[];
  readonly key: string;
  readonly seeds: readonly string[];
}
export type PortCommand =
  | { readonly do: 'accept' }
  | { readonly do: 'open'; readonly to: string; readonly localAddresses?: readonly string[] }
  /** So many numbered messages; answers when all of them are applied. */
  | { readonly do: 'send'; readonly count: number }
  | { readonly do: 'look' }
  | { readonly do: 'stop' };
export interface PortLook {
  /** Where each node takes data ports, by the address table. */
  readonly published: Readonly<Record<string, readonly string[]>>;
  readonly paths: readonly number[];
  readonly events: readonly string[];
  readonly heardCount: number;
  /** Numbers that did not come in their turn. */
  readonly strays: number;
}

const events: string[] = [];
let port: DataPort | undefined;
let sent = 0;
let heardCount = 0;
let strays = 0;

function hear(accepted: DataPort): void {
  port = accepted;
  accepted.receive((message) => {
    if (message.readUInt32LE(0) !== heardCount) strays += 1;
    heardCount += 1;
  });
}

async function send(to: DataPort, count: number): Promise<void> {
  const pending: Promise<void>[] = [];
  for (let left = count; left > 0; left -= 1) {
    const message = Buffer.alloc(1_000);
    message.writeUInt32LE(sent, 0);
    sent += 1;
    pending.push(to.send(message, { acknowledgement: 'applied' }));
    if (pending.length >= 50) await Promise.all(pending.splice(0));
  }
  await Promise.all(pending);
}

const publishedBy = (node: Node) =>
  Object.fromEntries(
    node.addressTable.rows().map((row) => {
      const places = row.adapters.flatMap(({ address, dataPort }) =>
        dataPort === undefined ? [] : [address],
      );
      return [row.node, places];
    }),
  );

async function obey(node: Node, command: PortCommand): Promise<unknown> {
  switch (command.do) {
    case 'accept':
      return (await node.acceptDataPorts('volume', hear)).addresses;
    case 'open': {
      const { to, localAddresses = [] } = command;
      const client = { onEvent: ({ type }: { type: string }) => void events.push(type) };
      port = await node.openDataPort({ to, service: 'volume', client, localAddresses });
      return port.target;
    }
    case 'send':
      if (!port) throw new Error('No port is open.');
      await send(port, command.count);
      return sent;
    case 'look': {
      const paths = port?.paths.map(({ path }) => path).toSorted() ?? [];
      return { published: publishedBy(node), paths, events, heardCount, strays } satisfies PortLook;
    }
    case 'stop':
      await node.stop();
      return 'stopped';
  }
}

const setting = JSON.parse(process.argv[2] ?? '') as PortSetting;
const { id, adapters, key, seeds } = setting;
const node = await startNode({
  id,
  adapters,
  applications: {},
  dataPorts: { addresses: adapters.map(({ address }) => address) },
  messaging: { key: Buffer.from(key, 'hex'), seeds },
  log: { level: 'fatal' },
});
const say = (answer: unknown) => process.stdout.write(`${JSON.stringify(answer)}\n`);
say('ready');
for await (const line of createInterface(process.stdin)) {
  const command = JSON.parse(line) as PortCommand;
  say(await obey(node, command));
  if (command.do === 'stop') break;
}
process.exit(0);
