/**
 * A node's source ports (SP-1, SP-9): connections from addresses that many stacks share, each from
 * a port that no other stack has. Ports are leased from the pool of the address and protocol.
 */
import { isIP, type Socket, type TcpNetConnectOpts } from 'node:net';
import { InterplexError } from '../errors.ts';
import { addressesOf, isLocal, kernelPorts, leasedOptions, type Leasing } from '../io/outbound.ts';
import { limits } from '../limits.ts';
import { requireOptions } from '../options.ts';
import { Destinations } from './destinations.ts';
import { notLocal, obtainLater, OutboundConnection, OutboundPort } from './outbound-connection.ts';
import { PortLease } from './port-lease.ts';
import type { PortSource } from './port-source.ts';
import { normalized, type PortProtocol } from './shared-pool.ts';

/** Open connections from one address to one place, as it was asked for. */
export interface DestinationCount {
  readonly address: string;
  readonly destination: string;
  readonly count: number;
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
  readonly #tcpSources = new Map<string, PortSource>();
  readonly #udpSources = new Map<string, PortSource>();
  /** Where connections go, by where they come from. */
  readonly #destinations = new Map<PortSource, Destinations>();

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
  connect(options: ConnectOptions): Promise<Socket> {
    try {
      requireOptions('ports.connect()', options, 'give { host, port, localAddress }');
      requireHost(options.host);
      requirePort(options.port);
      const source = this.#source(options.localAddress, 'tcp');
      const { family } = this.#destinationsOf(source).placeOf(options.host, options.port);
      const isNamed = family !== familyOf(source);
      return isNamed ? this.#connectByName(source, options) : this.#connectTo(source, options);
    } catch (error) {
      return Promise.reject(error);
    }
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
      requireFamily(source, host);
      const user = new OutboundPort(source, host, port, this.#destinationsOf(source));
      const leased = () => ({ localAddress: source.address, localPort: user.localPort, user });
      const later = user.obtain();
      return later ? later.then(leased) : leased();
    };
    return leasedOptions(source.address, leasing);
  }

  /** Open connections by destination, as they were asked for. */
  destinations(): ReadonlyMap<string, number> {
    const all = new Map<string, number>();
    for (const destinations of this.#destinations.values()) {
      for (const [name, count] of destinations.counts()) {
        all.set(name, (all.get(name) ?? 0) + count);
      }
    }
    return all;
  }

  /** The same by address, the most used first, of each no more than a hundred. */
  destinationFigures(): DestinationCount[] {
    const all = Array.from(this.#destinations, ([{ address }, destinations]) =>
      Array.from(destinations.counts(), ([destination, count]) => ({ address, destination, count }))
        .toSorted((one, other) => other.count - one.count)
        .slice(0, limits.portDestinationsShown),
    );
    return all.flat();
  }

  #destinationsOf(source: PortSource): Destinations {
    const known = this.#destinations.get(source);
    if (known) return known;
    const made = new Destinations();
    this.#destinations.set(source, made);
    return made;
  }

  async #connectByName(source: PortSource, options: ConnectOptions): Promise<Socket> {
    requireFamily(source, options.host);
    const hosts = await addressesOf(options.host, familyOf(source));
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

  /** One promise and no more: each costs as much as the port. */
  #connectTo(source: PortSource, options: ConnectOptions): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const settle = { resolve, reject };
      new OutboundConnection(source, options, this.#destinationsOf(source), settle).begin();
    });
  }

  /** Found once for each way in which an address is written. */
  #source(address: string, protocol: PortProtocol = 'tcp'): PortSource {
    const sources = protocol === 'tcp' ? this.#tcpSources : this.#udpSources;
    const known = sources.get(address);
    if (known?.protocol === protocol) return known;
    const found = this.#find(address, protocol);
    if (sources.size >= limits.linkAddressesMax) sources.clear();
    sources.set(address, found);
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

/** Of its address, which is written in one way. */
const familyOf = ({ address }: PortSource): 4 | 6 => (address.includes(':') ? 6 : 4);

function requireHost(host: unknown): void {
  if (typeof host === 'string' && host !== '') return;
  const sentence = `"${String(host)}" is no host: give a name or an address.`;
  throw new InterplexError('IPX_OPTION_INVALID', sentence);
}

/** What the kernel says is EINVAL, at the bind. */
function requireFamily(source: PortSource, host: string): void {
  const family = isIP(host);
  if (family === 0 || family === familyOf(source)) return;
  const sentence =
    `${host} cannot be reached from ${source.address}: ` +
    `give an IPv${family} localAddress, or a host of IPv${familyOf(source)}.`;
  throw new InterplexError('IPX_OPTION_INVALID', sentence);
}

function requirePort(port: unknown): void {
  if (Number.isInteger(port) && Number(port) >= 1 && Number(port) <= 65_535) return;
  const given = typeof port === 'string' ? `"${port}"` : String(port);
  const sentence = `${given} is no port: give a whole number from 1 to 65535.`;
  throw new InterplexError('IPX_PORT_INVALID', sentence);
}

function privileged(port: number): InterplexError {
  const sentence =
    `Port ${port} needs a privilege that this process lacks: use one from ` +
    `${kernelPorts().least}, or give it CAP_NET_BIND_SERVICE.`;
  return new InterplexError('IPX_PORT_PRIVILEGED', sentence);
}
