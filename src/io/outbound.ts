/**
 * Connections from a given address and port. Both are always given together: an address alone takes
 * any port of the kernel's, and a port alone takes it on every address. libuv sets SO_REUSEADDR, so
 * that the kernel refuses a second socket on a port only if it listens, or goes to the same place.
 */
import { lookup } from 'node:dns/promises';
import { connect, isIP, Socket, type TcpNetConnectOpts } from 'node:net';
import { networkInterfaces } from 'node:os';
import ipaddr from 'ipaddr.js';
import { readFileSync } from 'node:fs';

export interface Origin {
  readonly localAddress: string;
  readonly localPort: number;
}

/** What became of a port that was given out for one connection. */
export type PortFate =
  | 'closed' // after it was open: the other side may still send
  | 'unused' // never open: nobody knows of it
  | 'foreign'; // another program has it

/** Who has a port for one connection. */
export interface PortUser {
  /** Set when the connection is. */
  isOpen: boolean;
  opened?(socket: Socket): void;
  /** Told once, at the socket's close: before it, the kernel may still have the port. */
  ended(fate: PortFate, error: Error | null): void;
}

const portUser = Symbol('interplex.port');
type PortedSocket = Socket & { [portUser]?: PortUser | undefined };

/** Begins a connection. Throws what Node does at options that it refuses. */
export function connectFrom(options: TcpNetConnectOpts, origin: Origin, user: PortUser): void {
  const socket = connect(withOrigin(options, origin));
  followPort(socket, user);
  socket.on('error', leaveToClose);
}

/** Not in place: who gave them uses them again. To spread them costs each socket 3 µs of 45. */
function withOrigin<Options extends Partial<TcpNetConnectOpts>>(
  options: Options,
  { localAddress, localPort }: Origin,
): Options & Origin {
  const { host, port } = options;
  const own: Record<string, unknown> = { host, port, localAddress, localPort };
  for (const key in options) if (!(key in own)) own[key] = options[key];
  return own as unknown as Options & Origin;
}

/** Its listeners are those of all sockets: to make some for each costs more than all else. */
function followPort(socket: PortedSocket, user: PortUser): void {
  socket[portUser] = user;
  socket.on('connect', noteOpen);
  socket.on('close', noteClose);
}

function noteOpen(this: PortedSocket): void {
  // One that nobody else hears must not pass in silence, once somebody has the socket.
  this.off('error', leaveToClose);
  this.off('connect', noteOpen);
  const user = this[portUser];
  if (!user) return;
  user.isOpen = true;
  user.opened?.(this);
}

function noteClose(this: PortedSocket): void {
  const user = this[portUser];
  if (!user) return; // It was connected again, from wherever its new owner says.
  this[portUser] = undefined;
  const { errored } = this;
  const isTaken = !user.isOpen && errored !== null && isForeign(errored);
  user.ended(isTaken ? 'foreign' : user.isOpen ? 'closed' : 'unused', errored);
}

function leaveToClose(): void {}

/** The kernel's word that this port, or this 4-tuple, is in use: by none of ours. */
export const isForeign = (error: NodeJS.ErrnoException): boolean =>
  error.code === 'EADDRINUSE' || (error.code === 'EADDRNOTAVAIL' && error.syscall === 'connect');

/** The addresses of a host that can be reached from one of that family. */
export async function addressesOf(host: string, family: 4 | 6): Promise<readonly string[]> {
  if (isIP(host) === family) return [host];
  const found = await lookup(host, { all: true, family });
  return found.map(({ address }) => address);
}

/** Whether sockets of this host can be bound to it: one of its own, or of 127.0.0.0/8. */
export const isLocal = (address: string): boolean =>
  address.startsWith('127.') ||
  Object.values(networkInterfaces()).some((list) =>
    list?.some((entry) => isSame(entry.address, address)),
  );

/** An IPv6 address is written in many ways. */
const isSame = (one: string, other: string): boolean =>
  ipaddr.process(one).toNormalizedString() === ipaddr.process(other).toNormalizedString();

const mark = Symbol('interplex.leasing');
/**
 * Gives out a port for a socket that is about to connect, later where another process must be asked
 * for one; throws, or rejects, if there is none.
 */
export type Leasing = (to: { host: string; port: number }) => Leased | Promise<Leased>;
type Leased = Origin & { readonly user: PortUser };

/**
 * Options that `net.connect`, agents and undici pass on to the socket, with the mark among them.
 */
export const leasedOptions = (localAddress: string, leasing: Leasing) => {
  markSockets();
  return { localAddress, [mark]: leasing };
};

type Marked = Partial<TcpNetConnectOpts> & {
  [mark]?: Leasing;
  /** Of a Unix socket, which has no port. */
  readonly path?: string | null;
};
let isMarked = false;

/**
 * An agent's options are the same for all its sockets, and each socket needs a port of its own: the
 * mark is exchanged for one when a socket connects. Sockets without it go as they went.
 */
function markSockets(): void {
  if (isMarked) return;
  isMarked = true;
  const { prototype } = Socket;
  const connectPlainly = Reflect.get(prototype, 'connect') as (...args: unknown[]) => Socket;
  function connectMarked(this: Socket, ...args: unknown[]): Socket {
    const [first] = args; // A list, if it comes from `net.connect`.
    const options = (Array.isArray(first) ? first[0] : first) as Marked | undefined;
    const leasing = options?.[mark];
    if (!leasing || options === undefined || options.path) return connectPlainly.apply(this, args);
    try {
      const to = { host: options.host ?? 'localhost', port: Number(options.port) };
      const leased = leasing(to);
      if (!(leased instanceof Promise)) return connectAs(this, options, leased, args);
      // As while a name is looked up: what is written waits.
      Object.assign(this, { connecting: true });
      const refuse = (error: unknown) => this.destroy(error as Error);
      leased.then((origin) => connectAs(this, options, origin, args)).catch(refuse);
    } catch (error) {
      process.nextTick(() => this.destroy(error as Error));
    }
    return this;
  }
  /** Nobody waits any more for a socket that was destroyed meanwhile. */
  function connectAs(socket: Socket, options: Marked, leased: Leased, args: unknown[]): Socket {
    const { localAddress, user } = leased;
    if (socket.destroyed) {
      user.ended('unused', socket.errored);
      return socket;
    }
    followPort(socket, user);
    const inFamily = { family: isIP(localAddress), autoSelectFamily: false };
    const own = Object.assign(withOrigin(options, leased), inFamily);
    const [first] = args;
    if (Array.isArray(first)) first[0] = own;
    else args[0] = own;
    return connectPlainly.apply(socket, args);
  }
  Object.assign(prototype, { connect: connectMarked });
}

/** Connections that this thread has from such addresses, but for those that it accepted. */
export function socketsFrom(isOne: (address: string) => boolean): Socket[] {
  const handles = Reflect.get(process, '_getActiveHandles') as () => unknown[];
  return handles.call(process).filter((handle): handle is Socket => {
    if (!(handle instanceof Socket) || handle.connecting || handle.destroyed) return false;
    const isAccepted = 'server' in handle && handle.server !== null && handle.server !== undefined;
    return !isAccepted && handle.localAddress !== undefined && isOne(handle.localAddress);
  });
}

/** The ports that Linux gives out by itself, and the least that needs no privilege. */
export function kernelPorts(): { readonly ephemeral: readonly [number, number]; least: number } {
  const numbers = (path: string) => numbersIn(`/proc/sys/net/ipv4/${path}`);
  const [from = 32_768, to = 60_999] = numbers('ip_local_port_range');
  const [least = 1_024] = process.getuid?.() === 0 ? [1] : numbers('ip_unprivileged_port_start');
  return { ephemeral: [from, to], least };
}

/** Whether all of those ports are set aside by `net.ipv4.ip_local_reserved_ports`. */
export function isReserved(first: number, last: number): boolean {
  const text = textOf('/proc/sys/net/ipv4/ip_local_reserved_ports').trim();
  return text.split(',').some((range) => {
    const [from = NaN, to = from] = range.split('-').map(Number);
    return from <= first && to >= last;
  });
}

const numbersIn = (path: string) =>
  textOf(path)
    .split(/\s+/)
    .filter((word) => word !== '')
    .map(Number);

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // Another system than Linux: its defaults are assumed.
  }
}
