/** Actors that open connections from a shared address, and say which ports they got. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { ApplicationNode } from 'interplex';
import { answerThreads } from '../thread-call.ts';

export type EgressCommand =
  | { readonly do: 'open'; readonly localAddress: string; readonly port: number; count: number }
  | { readonly do: 'plain'; readonly localAddress: string; port: number; localPort: number }
  | { readonly do: 'close' }
  | { readonly do: 'bind'; readonly address: string; readonly port: number };

/** Called in each node that lists this module under `actors`; the thread answers by its node. */
export function actors({ id, ports }: ApplicationNode): void {
  const sockets = new Set<Socket>();
  answerThreads<EgressCommand>(id, async (command) => {
    if (command.do === 'bind') return (await ports.bind(command)).port;
    if (command.do === 'plain') {
      const { port, localAddress, localPort } = command;
      const socket = connect({ host: '127.0.0.1', port, localAddress, localPort });
      await once(socket, 'connect');
      sockets.add(socket.on('close', () => sockets.delete(socket)).resume());
      return socket.localPort;
    }
    if (command.do === 'close') {
      for (const socket of sockets) socket.destroy();
      return sockets.size;
    }
    const { localAddress, port, count } = command;
    const opened: (number | undefined)[] = [];
    for (let index = 0; index < count; index += 1) {
      const socket = await ports.connect({ host: '127.0.0.1', port, localAddress });
      sockets.add(socket.resume());
      socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
      opened.push(socket.localPort);
    }
    return opened;
  });
}
