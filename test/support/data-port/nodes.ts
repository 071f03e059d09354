/** Nodes in this thread that open and accept data ports, each ended with its test. */
import { startNode, type DataPort, type DataPortSettings, type Node } from 'interplex';
import type { NodeAddress, OpenDataPortOptions, PortEvent } from 'interplex';
import { onTestFinished } from 'vitest';
import { TcpProxy, type TcpProxyOptions } from '../faults/tcp-proxy.ts';

export async function nodeOf(id: string, dataPorts: DataPortSettings = {}): Promise<Node> {
  const node = await startNode({ id, applications: {}, dataPorts, log: { level: 'fatal' } });
  onTestFinished(() => node.stop());
  return node;
}

/** A node that accepts ports of `volume`. */
export interface Taker {
  readonly node: Node;
  readonly addresses: readonly NodeAddress[];
  readonly ports: DataPort[];
  readonly place: { node: string; addresses: readonly NodeAddress[] };
}

export async function takerOf(
  id: string,
  handler: (port: DataPort) => void,
  dataPorts: DataPortSettings = {},
): Promise<Taker> {
  const node = await nodeOf(id, dataPorts);
  const ports: DataPort[] = [];
  const { addresses } = await node.acceptDataPorts('volume', (port) => {
    ports.push(port);
    handler(port);
  });
  return { node, addresses, ports, place: { node: id, addresses } };
}

/** A taker that notes the numbers that it is given. */
export async function notingTaker(id: string) {
  const numbers: number[] = [];
  const replayed: number[] = [];
  const taker = await takerOf(id, (port) =>
    port.receive((message, context) => {
      numbers.push(numberOf(message));
      if (context.replayed) replayed.push(numberOf(message));
    }),
  );
  return { ...taker, numbers, replayed };
}

/** What a port's client was told, and a wait for what it is told next. */
export class Told {
  readonly events: PortEvent[] = [];
  #look: (() => void)[] = [];

  readonly onEvent = (event: PortEvent): void => {
    this.events.push(event);
    for (const look of this.#look.splice(0)) look();
  };

  of<Type extends PortEvent['type']>(type: Type): Extract<PortEvent, { type: Type }>[] {
    return this.events.filter((event) => event.type === type) as never;
  }

  /** Settles when so many of them were told. */
  async until(type: PortEvent['type'], count = 1): Promise<void> {
    while (this.of(type).length < count) {
      await new Promise<void>((resolve) => this.#look.push(resolve));
    }
  }
}

/** A port to `volume`, with what its client is told. */
export async function openPort(
  node: Node,
  options: Omit<OpenDataPortOptions, 'service'>,
): Promise<{ port: DataPort; told: Told }> {
  const told = new Told();
  const port = await node.openDataPort({ client: told, service: 'volume', ...options });
  return { port, told };
}

/** One line to a taker for each link, so that each path fails by itself. */
export async function linesTo(
  { addresses, node: { id } }: Taker,
  count: number,
  options: Omit<TcpProxyOptions, 'server'> = {},
) {
  const [server] = addresses;
  if (!server) throw new Error('The taker has no address.');
  const lines = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      TcpProxy.start({ seed: index + 1, ...options, server }),
    ),
  );
  onTestFinished(async () => {
    await Promise.all(lines.map((line) => line.stop()));
  });
  return { lines, place: { node: id, addresses: lines.map(({ front }) => front) } };
}

/** A message that carries its number. */
export function numbered(number: number, length = 8): Buffer {
  const bytes = Buffer.alloc(Math.max(8, length), number & 0xff);
  bytes.writeUInt32LE(number, 0);
  return bytes;
}
export const numberOf = (message: Buffer): number => message.readUInt32LE(0);
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
