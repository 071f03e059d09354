/**
 * A node's source ports (SP-1, SP-9): connections from addresses that many stacks share, each from
 * a port that no other stack has. Ports are leased from the pool of the address and protocol.
 */
import { isIP, type Socket, type TcpNetConnectOpts } from 'node:net';
import { InterplexError } from '../errors.ts';
import {
  addressesOf,
  connectFrom,
  isForeign,
  isLocal,
  kernelPorts,
  leasedOptions,
  type Leasing,
  type PortFate,
} from '../io/outbound.ts';
import { limits } from '../limits.ts';
import { requireOptions } from '../options.ts';
import { PortLease } from './port-lease.ts';
import type { Destination } from './port-stock.ts';
import { normalized, type PortProtocol } from './shared-pool.ts';

/** What gives out the ports of one address and protocol: a pool, or a process's part of one. */
export interface PortSource {
  readonly address: string;
  readonly protocol: PortProtocol;
  readonly restMs: number;
  obtain(to?: Destination): number;
  claim(port: number): void | Promise<void>;
  release(port: number, restMs: number, to?: Destination): void;
  noteForeign(port: number, to?: Destination): void;
  /** Settles when there may be a port again; `undefined`: nobody else can be asked. */
  readonly refill: (() => Promise<void>) | undefined;
}

export interface LeaseOptions {
  /** An address whose ports are shared: a VIPA's, or one of a range. */
  readonly localAddress: string;
  /** Default: `tcp`. */
  readonly protocol?: PortProtocol;
}
export interface ConnectOptions extends Omit<
  TcpNetConnectOpts,
  'localPort' | 'localAddress' | 'lookup' | 'autoSelectFamily'
> {
  readonly host: string;
  readonly localAddress: string;
}
export interface BindOptions {
  readonly address: string;
  /** One of those that stacks share; see `sharedPorts`. */
  readonly port: number;
  readonly protocol?: PortProtocol;
}

export class SourcePorts {
  readonly #sourceOf: (address: string, protocol: PortProtocol) => PortSource;
  readonly #sources = new Map<string, PortSource>();
  readonly #destinations = new Map<string, number>();

  /** For a node: whoever gives out the ports of an address, or throws IPX_PORTS_UNSHARED. */
  constructor(sourceOf: (address: string, protocol: PortProtocol) => PortSource) {
    this.#sourceOf = sourceOf;
  }

  /** A port for a socket that the caller makes: bind it to the lease's address and port. */
  async lease(options: LeaseOptions): Promise<PortLease> {
    requireOptions('ports.lease()', options, 'give { localAddress }');
    const source = this.#source(options.localAddress, options.protocol);
    try {
      return new PortLease(source, source.obtain());
    } catch (error) {
      return new PortLease(source, await obtainLater(source, undefined, error));
    }
  }

  /**
   * That very port, for a listener or an unconnected socket. Rejects: IPX_PORT_TAKEN says who has
   * it, IPX_PORT_OUTSIDE, IPX_PORT_INVALID, IPX_PORT_PRIVILEGED, IPX_ADDRESS_UNUSABLE.
   */
  async bind(options: BindOptions): Promise<PortLease> {
    requireOptions('ports.bind()', options, 'give { address, port }');
    const { address, port, protocol } = options;
    requirePort(port);
    const source = this.#source(address, protocol);
    if (!isLocal(source.address)) throw notLocal(address);
    if (port < kernelPorts().least) throw privileged(port);
    await source.claim(port);
    return new PortLease(source, port);
  }

  /**
   * An open connection from a port of that address. Should the kernel say that another program has
   * it, the next is tried, up to five. Rejects with the system's error of the last address tried.
   */
  async connect(options: ConnectOptions): Promise<Socket> {
    requireOptions('ports.connect()', options, 'give { host, port, localAddress }');
    requirePort(options.port);
    const source = this.#source(options.localAddress, 'tcp');
    const hosts = await addressesOf(options.host, isIP(source.address) as 4 | 6);
    let failure: unknown;
    for (const host of hosts) {
      try {
        return await this.#connectTo(source, { ...options, host });
      } catch (error) {
        if (error instanceof InterplexError) throw error;
        failure = error;
      }
    }
    throw failure;
  }

  /**
   * For `new http.Agent(…)`, `new https.Agent(…)`, `net.connect(…)` and, as its `connect`, undici's
   * `Agent`: each socket gets a port of its own, which is given back at its close. A port that
   * turns out to be another program's fails its socket with EADDRINUSE, and the next gets another.
   */
  agentOptions(options: Omit<LeaseOptions, 'protocol'>): { readonly localAddress: string } {
    requireOptions('ports.agentOptions()', options, 'give { localAddress }');
    const source = this.#source(options.localAddress, 'tcp');
    const leasing: Leasing = ({ host, port }) => {
      const to = isIP(host) === 0 ? undefined : { clientAddress: host, clientPort: port };
      return this.#originOf(source, `${host}:${port}`, to);
    };
    return leasedOptions(source.address, leasing);
  }

  /** Open connections by destination, as they were asked for. */
  destinations(): ReadonlyMap<string, number> {
    return this.#destinations;
  }

  async #connectTo(source: PortSource, options: ConnectOptions): Promise<Socket> {
    const { host, port } = options;
    const to = { clientAddress: host, clientPort: port };
    for (let tries = 1; ; tries += 1) {
      const origin = await this.#originOf(source, `${host}:${port}`, to);
      try {
        return await connectFrom(options, origin, origin.onFate);
      } catch (error) {
        const cause = error as NodeJS.ErrnoException;
        if (cause.code === 'EADDRNOTAVAIL' && cause.syscall === 'bind') {
          throw notLocal(source.address, cause);
        }
        if (!isForeign(cause)) throw error;
        if (tries === limits.portTriesMax) throw foreign(source.address, origin.localPort, cause);
      }
    }
  }

  /** At once as a rule; later, if another process must be asked. */
  #originOf(source: PortSource, name: string, to: Destination | undefined) {
    let port: number;
    try {
      port = source.obtain(to);
    } catch (error) {
      return obtainLater(source, to, error).then((one) => this.#origin(source, one, name, to));
    }
    return this.#origin(source, port, name, to);
  }

  #origin(source: PortSource, localPort: number, name: string, to: Destination | undefined) {
    this.#count(name, 1);
    const onFate = (fate: PortFate) => {
      this.#count(name, -1);
      if (fate === 'foreign') source.noteForeign(localPort, to);
      else source.release(localPort, fate === 'closed' ? source.restMs : 0, to);
    };
    return { localAddress: source.address, localPort, onFate };
  }

  #count(name: string, change: 1 | -1): void {
    const count = (this.#destinations.get(name) ?? 0) + change;
    if (count > 0) this.#destinations.set(name, count);
    else this.#destinations.delete(name);
  }

  /** Found once for each way in which an address is written. */
  #source(address: string, protocol: PortProtocol = 'tcp'): PortSource {
    const key = `${protocol} ${address}`;
    const known = this.#sources.get(key);
    if (known) return known;
    const found = this.#find(address, protocol);
    if (this.#sources.size >= limits.linkAddressesMax) this.#sources.clear();
    this.#sources.set(key, found);
    return found;
  }

  #find(address: string, protocol: PortProtocol): PortSource {
    if (typeof address !== 'string' || isIP(address) === 0) {
      const sentence = `"${address}" is no IPv4 or IPv6 address: name one whose ports are shared.`;
      throw new InterplexError('IPX_OPTION_INVALID', sentence);
    }
    if (protocol !== 'tcp' && protocol !== 'udp') {
      const sentence = `"${String(protocol)}" is no protocol that has ports: say tcp or udp.`;
      throw new InterplexError('IPX_OPTION_INVALID', sentence);
    }
    return this.#sourceOf(normalized(address), protocol);
  }
}

/** Others of this process may take what came: it is asked again as long as some comes. */
async function obtainLater(source: PortSource, to: Destination | undefined, why: unknown) {
  let refusal = why;
  for (let tries = 0; source.refill && tries < limits.portRefillTries; tries += 1) {
    await source.refill();
    try {
      return source.obtain(to);
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal;
}

function requirePort(port: number): void {
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return;
  const sentence = `${port} is no port: give a whole number from 1 to 65535.`;
  throw new InterplexError('IPX_PORT_INVALID', sentence);
}

function notLocal(address: string, cause?: unknown): InterplexError {
  const sentence = `${address} is no address of this host: add it to an interface first.`;
  return new InterplexError('IPX_ADDRESS_UNUSABLE', sentence, { cause });
}

function privileged(port: number): InterplexError {
  const sentence =
    `Port ${port} needs a privilege that this process lacks: use one from ` +
    `${kernelPorts().least}, or give it CAP_NET_BIND_SERVICE.`;
  return new InterplexError('IPX_PORT_PRIVILEGED', sentence);
}

function foreign(address: string, port: number, cause: unknown): InterplexError {
  const sentence =
    `Other programs have ${limits.portTriesMax} of the ports of ${address} that were tried, the ` +
    `last ${port}: keep them off the pool by net.ipv4.ip_local_reserved_ports.`;
  return new InterplexError('IPX_PORT_FOREIGN', sentence, { cause });
}
