/** Wires of data ports over real sockets: TCP, or mutual TLS over it. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import * as tls from 'node:tls';
import type { Wire, WireEvents } from '../data-port/connection.ts';
import { InterplexError } from '../errors.ts';
import { limits } from '../limits.ts';
import { moveHandle } from './tcp.ts';

/** Both sides show a certificate of this authority, made out to the name of their node. */
export interface TlsSettings {
  readonly key: string | Buffer;
  readonly cert: string | Buffer;
  readonly ca: string | Buffer;
}

/** Where to dial. */
export interface WirePlace {
  readonly address: string;
  readonly port: number;
  readonly localAddress?: string | undefined;
  readonly tls?: TlsSettings | undefined;
  /** The name that the other side's certificate must be made out to. */
  readonly name: string;
}

/**
 * Where all sockets of this thread read to: what was read is copied before the next one reads. A
 * buffer of its own for each read, as Node takes it, is collected too late and too often.
 */
const readBuffer = Buffer.allocUnsafeSlow(256 * 1024);
const readInto = ({ onBytes }: WireEvents) => ({
  buffer: readBuffer,
  callback: (count: number) => {
    onBytes(readBuffer.subarray(0, count));
    return true;
  },
});

/** Dials at once; what is written before it is connected waits. */
export function dialWire(place: WirePlace, events: WireEvents): Wire {
  const { address: host, port, localAddress, name } = place;
  const options = { host, port, ...(localAddress !== undefined && { localAddress }) };
  if (!place.tls) return wireOver(connect({ ...options, onread: readInto(events) }), events);
  const { key, cert, ca } = place.tls;
  const checkServerIdentity = (_: string, shown: tls.PeerCertificate) => {
    return isMadeOutTo(shown, name) ? undefined : new Error(`it is not made out to "${name}"`);
  };
  const socket = tls.connect({ ...options, key, cert, ca, checkServerIdentity });
  socket.on('data', events.onBytes);
  return wireOver(socket, events);
}

/** A wire over a socket that somebody accepted. */
function acceptedWire(socket: Socket, events: WireEvents): Wire {
  if (socket instanceof tls.TLSSocket) {
    socket.on('data', events.onBytes);
    return wireOver(socket, events);
  }
  const own = moveHandle(socket, readInto(events)) ?? socket;
  socket.destroy(); // It has nothing left to close.
  own.resume();
  return wireOver(own, events);
}

function wireOver(socket: Socket, { onClose }: WireEvents): Wire {
  let failure: Error | undefined;
  let isOver = false;
  socket.setNoDelay(true);
  socket.on('error', (error) => (failure = error)); // 'close' follows, and tells of it.
  socket.on('close', () => {
    if (!isOver) onClose(failure && certificateErrorOf(failure));
  });
  return {
    write: (bytes) => void socket.write(bytes),
    cork: () => socket.cork(),
    uncork: () => socket.uncork(),
    destroy: () => {
      isOver = true;
      socket.destroy();
    },
    end: () => {
      isOver = true;
      socket.end();
      // Whoever does not read our end must not keep the descriptor.
      socket.setTimeout(limits.lingerMs, () => socket.destroy());
    },
  };
}

export interface WireListener {
  readonly port: number;
  /** New connections are asked for these certificates. */
  reload(settings: TlsSettings): void;
  close(): void;
}

/** Where a listener listens; its port 0 is any. */
export interface ListenPlace {
  readonly address: string;
  readonly port: number;
  readonly tls?: TlsSettings | undefined;
}
/** A connection that was accepted, and whether its certificate is made out to a node. */
export interface Accepted {
  readonly open: (events: WireEvents) => Wire;
  readonly isFrom: (node: string) => boolean;
}

/** Throws IPX_ADDRESS_UNUSABLE, IPX_PORT_HELD or IPX_PORT_CERTIFICATE. */
export async function listenForWires(
  { address, port, tls: settings }: ListenPlace,
  onAccepted: (accepted: Accepted) => void,
): Promise<WireListener> {
  const accept = (socket: Socket) => {
    const isFrom = (node: string) =>
      !(socket instanceof tls.TLSSocket) || isMadeOutTo(socket.getPeerCertificate(), node);
    onAccepted({ open: (events) => acceptedWire(socket, events), isFrom });
  };
  const server = settings
    ? secureServer(settings, accept)
    : createServer({ pauseOnConnect: true }, accept);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(unusable(address, port, error)));
    server.listen({ host: address, port, backlog: limits.backlog, exclusive: true }, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    reload: (renewed) => {
      if (server instanceof tls.Server) server.setSecureContext(contextOf(renewed));
    },
    close: () => server.close(),
  };
}

/** Throws IPX_PORT_CERTIFICATE for what is no key, no certificate, or not of one another. */
export function requireUsable(settings: TlsSettings): void {
  try {
    tls.createSecureContext(contextOf(settings));
  } catch (error) {
    throw certificateRefused(error as Error);
  }
}

const contextOf = ({ key, cert, ca }: TlsSettings) => ({ key, cert, ca });

function secureServer(settings: TlsSettings, accept: (socket: Socket) => void): Server {
  const mutual = { requestCert: true, rejectUnauthorized: true };
  requireUsable(settings);
  const server = tls.createServer({ ...contextOf(settings), ...mutual }, accept);
  server.on('tlsClientError', (_, socket) => socket.destroy()); // The other side is told by TLS.
  return server;
}

/** By a name of the subject alternatives, or its common name. */
function isMadeOutTo({ subject, subjectaltname }: tls.PeerCertificate, name: string): boolean {
  if (subjectaltname?.split(', ').includes(`DNS:${name}`)) return true;
  return subject?.CN === name;
}

const certificateErrorOf = (error: NodeJS.ErrnoException): Error =>
  /^(ERR_SSL|ERR_TLS|CERT_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO)/.test(error.code ?? '') ||
  error.message.startsWith('it is not made out')
    ? certificateRefused(error)
    : error;

const certificateRefused = (error: Error) =>
  new InterplexError(
    'IPX_PORT_CERTIFICATE',
    `A certificate was refused (${error.message}): both nodes need one of the same authority, ` +
      'made out to their names.',
    { cause: error },
  );

function unusable(address: string, port: number, error: NodeJS.ErrnoException): InterplexError {
  const code = error.code === 'EADDRINUSE' ? 'IPX_PORT_HELD' : 'IPX_ADDRESS_UNUSABLE';
  const where = `${address}:${port}`;
  const sentence = `Cannot take data ports at ${where}: ${error.message}.`;
  return new InterplexError(code, sentence, { cause: error });
}
