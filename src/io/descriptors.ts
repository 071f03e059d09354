/**
 * Descriptors of the process: the only file that calls libc, through koffi, which is optional.
 * Sources: fcntl(2), ip(7), ipv6(7). A plain dup(2) would be inherited by every child process, and
 * then no client would ever see its FIN; F_DUPFD_CLOEXEC sets the flag in the same step.
 */
import { fstatSync } from 'node:fs';
import type { Socket as DatagramSocket } from 'node:dgram';
import type { Server, Socket } from 'node:net';
import { getSystemErrorMap } from 'node:util';

interface Libc {
  readonly fcntl: (descriptor: number, command: number, argument: number) => number;
  readonly close: (descriptor: number) => number;
  readonly setsockopt: (
    descriptor: number,
    level: number,
    name: number,
    value: Int32Array,
    bytes: number,
  ) => number;
  readonly errno: () => number;
}

/** F_DUPFD_CLOEXEC of <fcntl.h>, by `process.platform`. */
const duplicateCommand: Partial<Record<NodeJS.Platform, number>> = { linux: 1030, darwin: 67 };

const libc = await loadLibc();

async function loadLibc(): Promise<Libc | undefined> {
  if (duplicateCommand[process.platform] === undefined) return undefined;
  try {
    const { default: koffi } = await import('koffi');
    const library = koffi.load(null); // the process itself: no file name of libc is needed
    return {
      fcntl: library.func('int fcntl(int, int, int)'),
      close: library.func('int close(int)'),
      setsockopt: library.func('int setsockopt(int, int, int, const void *, uint32_t)'),
      errno: () => koffi.errno(),
    };
  } catch {
    return undefined; // koffi has no build for this machine: `canDuplicate` says so
  }
}

/** Whether descriptors can be duplicated here; where not, the descriptor carrier is not offered. */
export const canDuplicate = libc !== undefined;

/** A second descriptor of the same socket, not inherited by children. Throws a system error. */
export function duplicateDescriptor(descriptor: number): number {
  if (!libc) throw new Error('Descriptors cannot be duplicated: koffi is not installed.');
  const duplicate = libc.fcntl(descriptor, duplicateCommand[process.platform] ?? 0, 0);
  if (duplicate >= 0) return duplicate;
  const errno = libc.errno();
  const [code, sentence] = getSystemErrorMap().get(-errno) ?? ['EUNKNOWN', 'unknown error'];
  throw Object.assign(new Error(`fcntl: ${code}: ${sentence}`), { code, errno });
}

/** Closes a descriptor that no socket object owns. */
export function closeDescriptor(descriptor: number): void {
  libc?.close(descriptor);
}

/**
 * What a UDP socket sends from now on carries this differentiated services code point (RFC 2474).
 * False: it cannot be set here, and the datagrams are as all others.
 */
export function markDatagrams(socket: DatagramSocket, family: 4 | 6, codePoint: number): boolean {
  const option = trafficClass[family][process.platform];
  const descriptor = handleOfDatagrams(socket)?.fd ?? -1;
  if (!libc || option === undefined || descriptor < 0) return false;
  // The two low bits are the network's, to tell of congestion (RFC 3168).
  const value = Int32Array.of(codePoint << 2);
  return libc.setsockopt(descriptor, protocol[family], option, value, value.byteLength) === 0;
}

/** IPPROTO_IP and IPPROTO_IPV6; then IP_TOS and IPV6_TCLASS, by `process.platform`. */
const protocol = { 4: 0, 6: 41 } as const;
const trafficClass: Record<4 | 6, Partial<Record<NodeJS.Platform, number>>> = {
  4: { linux: 1, darwin: 3 },
  6: { linux: 67, darwin: 36 },
};

/** Node keeps it under a symbol of its own. */
function handleOfDatagrams(socket: DatagramSocket): { readonly fd?: number } | undefined {
  const symbols = Object.getOwnPropertySymbols(socket);
  const state = symbols.find(({ description }) => description === 'state symbol');
  const holder = socket as unknown as Record<symbol, { handle?: { fd?: number } } | undefined>;
  return state && holder[state]?.handle;
}

/** What tells one kernel socket from another for as long as it lives; 0 when it is closed. */
export function socketIdentity(descriptor: number): number {
  try {
    return fstatSync(descriptor).ino | 0;
  } catch {
    return 0;
  }
}

/** The descriptor under a socket, or `undefined` when it has none (closed, or not the kernel's). */
export function descriptorOf(socket: Socket): number | undefined {
  const handle = handleOf(socket);
  return handle && typeof handle.fd === 'number' && handle.fd >= 0 ? handle.fd : undefined;
}

/** The descriptor that a server listens on, or `undefined`. */
export function listeningDescriptorOf(server: Server): number | undefined {
  const { _handle: handle } = server as unknown as { _handle: StreamHandle | null };
  return typeof handle?.fd === 'number' && handle.fd >= 0 ? handle.fd : undefined;
}

/** The part of libuv's handle that a freeze needs; Node has no public way to it. */
export interface StreamHandle {
  readonly fd?: number;
  readonly writeQueueSize?: number;
  reading: boolean;
  readStop(): number;
  readStart(): number;
}

/** A socket's handle, or `null` once it is closed. */
export const handleOf = (socket: Socket): StreamHandle | null =>
  (socket as unknown as { _handle: StreamHandle | null })._handle;

/** Takes a socket's handle away from it, as Node does when it sends one to a child process. */
export function releaseHandle(socket: Socket): StreamHandle | null {
  const holder = socket as unknown as { _handle: StreamHandle | null };
  const { _handle: handle } = holder;
  holder._handle = null;
  return handle;
}

/** Lets go of the address that a socket has kept since it was asked: 120 bytes a connection. */
export function forgetPeerName(socket: Socket): void {
  const holder = socket as unknown as { _peername?: unknown };
  if (holder._peername) holder._peername = undefined; // It asks the kernel again.
}

/** Whether a TLS session reads through the socket: it then answers for the handle's `reading`. */
export function isUnderTls(socket: Socket): boolean {
  const handle = handleOf(socket);
  return handle !== null && Object.getOwnPropertyDescriptor(handle, 'reading')?.get !== undefined;
}
