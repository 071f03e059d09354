/** A listening TCP socket. Connections keep their own half open: routing decides how they end. */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { InterplexError, type ErrorCode } from '../errors.ts';
import { limits } from '../limits.ts';
import { canDuplicate, duplicateDescriptor, listeningDescriptorOf } from './descriptors.ts';

/** Why a listener could not open. */
export interface ListenerRefusal {
  readonly code: ErrorCode;
  readonly reason: string;
}

export interface ListenerEvents {
  readonly onOpen: (port: number) => void;
  readonly onFailure: (refusal: ListenerRefusal) => void;
  readonly onSocket: (socket: Socket) => void;
}

/** Where to listen; with `held`, a descriptor that listens there already and is not closed here. */
export interface ListenerPlace {
  readonly address: string;
  readonly port: number;
  readonly held?: number | undefined;
  /** Whether nothing is read of what it accepts until somebody asks for that. */
  readonly isUnread?: boolean;
}

/** Listens at once; returns how to stop. Sockets that were accepted live on. */
export function openListener(
  { address, port, held, isUnread = false }: ListenerPlace,
  { onOpen, onFailure, onSocket }: ListenerEvents,
): () => void {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: isUnread }, onSocket);
  server.on('error', (error: NodeJS.ErrnoException) => onFailure(refusalOf(error, address, port)));
  const { backlog } = limits;
  try {
    const where =
      held === undefined
        ? { host: address, port, backlog, exclusive: true }
        : { fd: duplicateDescriptor(held), backlog };
    server.listen(where, () => {
      const bound = server.address();
      if (isAddressInfo(bound)) onOpen(bound.port);
    });
  } catch (error) {
    // As Node tells what `listen` finds: once the caller knows how to stop.
    process.nextTick(() => server.emit('error', error));
  }
  return () => server.close();
}

/**
 * A descriptor that listens and accepts nothing: connections wait in the kernel until a node
 * listens on a duplicate of it. Thus none is refused while the endpoint changes its owner.
 * `undefined` where descriptors cannot be duplicated. Throws IPX_PORT_HELD, IPX_ADDRESS_UNUSABLE.
 */
export function holdListener({
  address,
  port,
}: ListenerPlace): Promise<{ descriptor: number; port: number } | undefined> {
  if (!canDuplicate) return Promise.resolve(undefined);
  const server = createServer();
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException) => {
      const { code, reason } = refusalOf(error, address, port);
      reject(new InterplexError(code, reason, { cause: error }));
    };
    server.on('error', refuse);
    server.listen({ host: address, port, backlog: limits.backlog, exclusive: true }, () => {
      const bound = server.address();
      const listening = listeningDescriptorOf(server);
      if (!isAddressInfo(bound) || listening === undefined) return;
      try {
        // In this very turn, before the event loop could accept anybody.
        resolve({ descriptor: duplicateDescriptor(listening), port: bound.port });
      } catch (error) {
        refuse(error as NodeJS.ErrnoException); // It throws nothing else.
      } finally {
        server.close();
      }
    });
  });
}

const isAddressInfo = (bound: string | AddressInfo | null): bound is AddressInfo =>
  typeof bound === 'object' && bound !== null;

function refusalOf(error: NodeJS.ErrnoException, address: string, port: number): ListenerRefusal {
  const where = `${address}:${port}`;
  if (error.code === 'EADDRINUSE') {
    const reason =
      `A listener has ${where} already, in this process or another: end it, ` +
      'or choose another port (0: any).';
    return { code: 'IPX_PORT_HELD', reason };
  }
  return { code: 'IPX_ADDRESS_UNUSABLE', reason: `Cannot listen on ${where}: ${error.message}.` };
}
