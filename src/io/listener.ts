/** A listening TCP socket. Connections keep their own half open: routing decides how they end. */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { Refusal } from '../../actors/vocabulary.ts';
import { limits } from '../limits.ts';

export interface ListenerEvents {
  readonly onOpen: (port: number) => void;
  readonly onFailure: (refusal: Refusal) => void;
  readonly onSocket: (socket: Socket) => void;
}

/** Listens at once; returns how to stop. Sockets that were accepted live on. */
export function openListener(
  { address, port }: { address: string; port: number },
  { onOpen, onFailure, onSocket }: ListenerEvents,
): () => void {
  const server = createServer({ allowHalfOpen: true }, onSocket);
  server.on('error', (error: NodeJS.ErrnoException) => onFailure(refusalOf(error, address, port)));
  server.listen({ host: address, port, backlog: limits.backlog, exclusive: true }, () => {
    const bound = server.address();
    if (isAddressInfo(bound)) onOpen(bound.port);
  });
  return () => server.close();
}

const isAddressInfo = (bound: string | AddressInfo | null): bound is AddressInfo =>
  typeof bound === 'object' && bound !== null;

function refusalOf(error: NodeJS.ErrnoException, address: string, port: number): Refusal {
  const where = `${address}:${port}`;
  if (error.code === 'EADDRINUSE') {
    const reason = `Another process listens on ${where}: end it, or choose another port (0: any).`;
    return { code: 'IPX_PORT_HELD', reason };
  }
  return { code: 'IPX_ADDRESS_UNUSABLE', reason: `Cannot listen on ${where}: ${error.message}.` };
}
