/** How a node's adapters and the cluster's key and seeds are said, and what of it cannot work. */
import { networkInterfaces } from 'node:os';
import ipaddr from 'ipaddr.js';
import { InterplexError } from '../errors.ts';
import { limits } from '../limits.ts';
import { invalid, requireKnown, requireObject, type Known } from '../options.ts';
import { requireAtMost } from './parsing.ts';

/** One address of a node at which it takes cluster messages. */
export interface AdapterSettings {
  readonly address: string;
  /** UDP; 0, the default, is any that is free. Who others find by a seed needs one of its own. */
  readonly port?: number;
  /** TCP, where its data ports listen. */
  readonly dataPort?: number;
  /** A word for people and policies. Default `loopback` or `ethernet`. */
  readonly type?: string;
  /** Bytes of the largest IP packet. Default 65 535 on loopback, else 1 500. */
  readonly mtu?: number;
  /** Leading bits of its subnet. Default: the interface's that has the address, else 24. */
  readonly prefix?: number;
  /** The next hop for who does not share its link (CM-4). */
  readonly router?: string;
  /** The datagrams' DSCP, 0 to 63. Default 0. */
  readonly classOfService?: number;
}

export interface MessagingSettings {
  /**
   * The cluster's, the same at every node: 32 random bytes, or their 64 hexadecimal digits. Without
   * one a key is made for the nodes of this process, which then use loopback only (CM-10).
   */
  readonly key?: Uint8Array | string;
  /** The one before, while keys are exchanged: what it seals is still opened. */
  readonly formerKey?: Uint8Array | string;
  /** Where nodes of other processes are asked first, as `address:port`; any that lives is enough. */
  readonly seeds?: readonly string[];
}

/** An adapter, checked, with its defaults. */
export type AdapterConfiguration = Readonly<
  Required<Omit<AdapterSettings, 'dataPort' | 'router'>> &
    Pick<AdapterSettings, 'dataPort' | 'router'>
>;

export interface MessagingConfiguration {
  /** None: it is made at the start. */
  readonly key: Uint8Array | undefined;
  readonly formerKey: Uint8Array | undefined;
  readonly seeds: readonly { readonly address: string; readonly port: number }[];
}

const knownOfAdapter: Known<AdapterSettings> = {
  address: true,
  port: true,
  dataPort: true,
  type: true,
  mtu: true,
  prefix: true,
  router: true,
  classOfService: true,
};
const knownOfMessaging: Known<MessagingSettings> = { key: true, formerKey: true, seeds: true };
const keyBytes = 32;
/** What every IPv4 host takes whole (RFC 791). */
const mtuMin = 576;

/** Throws IPX_OPTION_INVALID or IPX_KEY_INVALID. */
export function parseMessaging(settings: MessagingSettings): MessagingConfiguration {
  requireObject('messaging', settings);
  requireKnown('messaging', settings, knownOfMessaging);
  const { seeds = [] } = settings;
  if (!Array.isArray(seeds)) throw invalid('messaging.seeds', 'give a list of "address:port"');
  requireAtMost('messaging.seeds', seeds.length, limits.nodesMax);
  const key = settings.key === undefined ? undefined : parseKey('key', settings.key);
  if (!key && (seeds.length > 0 || settings.formerKey !== undefined)) {
    throw keyless('a cluster of several processes (messaging.seeds)');
  }
  return {
    key,
    formerKey:
      settings.formerKey === undefined ? undefined : parseKey('formerKey', settings.formerKey),
    seeds: seeds.map((seed: string) => parseSeed(seed)),
  };
}

/** The adapters of one node, the primary first. Throws IPX_OPTION_INVALID, IPX_ADAPTER_OVERLAP. */
export function parseAdapters(
  at: string,
  given: readonly AdapterSettings[] = [{ address: '127.0.0.1' }],
): readonly AdapterConfiguration[] {
  if (!Array.isArray(given) || given.length === 0) throw invalid(at, 'give a list, not empty');
  requireAtMost(at, given.length, limits.adaptersMax);
  const adapters = given.map((adapter: AdapterSettings, index) =>
    parseAdapter(`${at}.${index}`, adapter),
  );
  const seen = new Set<string>();
  for (const { address } of adapters) {
    if (seen.has(address)) throw overlap(`${at} has ${address} twice`);
    seen.add(address);
  }
  return adapters;
}

interface OfNode {
  readonly id: string;
  readonly adapters: readonly AdapterConfiguration[];
}

/** One socket has an address and port. Throws IPX_ADAPTER_OVERLAP. */
export function requireAdaptersApart(nodes: readonly OfNode[]): void {
  const owners = new Map<string, string>();
  for (const { id, adapters } of nodes) {
    for (const { address, port } of adapters) {
      const place = `${address} ${port}`;
      const other = owners.get(place);
      if (port !== 0 && other !== undefined) {
        throw overlap(`nodes.${id} and nodes.${other} both have ${address} at port ${port}`);
      }
      owners.set(place, id);
    }
  }
}

/** Without a key nobody outside this host may be listened to. Throws IPX_KEY_INVALID (CM-10). */
export function requireKeyFor({ key }: MessagingConfiguration, nodes: readonly OfNode[]): void {
  if (key) return;
  for (const { id, adapters } of nodes) {
    const reachable = adapters.find(({ address }) => !isLoopback(address));
    if (reachable) throw keyless(`an adapter beyond loopback (nodes.${id}: ${reachable.address})`);
  }
}

function parseAdapter(at: string, settings: AdapterSettings): AdapterConfiguration {
  requireObject(at, settings);
  requireKnown(at, settings, knownOfAdapter);
  const address = parseAddress(`${at}.address`, settings.address);
  const isLocal = isLoopback(address);
  const { port = 0, dataPort, router, classOfService = 0, prefix = prefixOf(address) } = settings;
  const { mtu = isLocal ? 65_535 : 1_500, type = isLocal ? 'loopback' : 'ethernet' } = settings;
  requireWhole(`${at}.port`, port, 0, 65_535);
  if (dataPort !== undefined) requireWhole(`${at}.dataPort`, dataPort, 1, 65_535);
  requireWhole(`${at}.classOfService`, classOfService, 0, 63);
  requireWhole(`${at}.mtu`, mtu, mtuMin, 65_535);
  requireWhole(`${at}.prefix`, prefix, 0, ipaddr.parse(address).kind() === 'ipv4' ? 32 : 128);
  if (typeof type !== 'string' || type === '' || type.length > limits.nameLengthMax) {
    throw invalid(`${at}.type`, `give a word of at most ${limits.nameLengthMax} characters`);
  }
  return {
    address,
    port,
    type,
    mtu,
    prefix,
    classOfService,
    ...(dataPort !== undefined && { dataPort }),
    ...(router !== undefined && { router: parseAddress(`${at}.router`, router) }),
  };
}

function parseSeed(seed: unknown): { address: string; port: number } {
  const [, address = '', port = ''] = /^\[?([^\]]*?)\]?:(\d{1,5})$/.exec(String(seed)) ?? [];
  if (!ipaddr.isValid(address) || Number(port) < 1 || Number(port) > 65_535) {
    const why = `"${String(seed)}" is no address and port: give one like 10.0.0.1:7946`;
    throw invalid('messaging.seeds', why);
  }
  return { address: ipaddr.parse(address).toString(), port: Number(port) };
}

function parseKey(name: string, key: Uint8Array | string): Uint8Array {
  const isText = typeof key === 'string' && /^[0-9a-f]*$/i.test(key);
  const bytes = isText ? Buffer.from(key, 'hex') : key;
  if (bytes instanceof Uint8Array && bytes.length === keyBytes) return Uint8Array.from(bytes);
  const found = bytes instanceof Uint8Array ? `${bytes.length} bytes` : 'no such thing';
  throw new InterplexError(
    'IPX_KEY_INVALID',
    `messaging.${name} is ${keyBytes} random bytes, or their ${2 * keyBytes} hexadecimal ` +
      `digits, and this is ${found}: make one with \`openssl rand -hex ${keyBytes}\`.`,
  );
}

function parseAddress(at: string, address: string): string {
  if (typeof address === 'string' && ipaddr.isValid(address)) {
    return ipaddr.parse(address).toString();
  }
  throw invalid(at, `"${address}" is no IPv4 or IPv6 address`);
}

function requireWhole(at: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw invalid(at, `${value} is no whole number from ${least} to ${most}`);
}

/** As the interface has it whose address it is. */
function prefixOf(address: string): number {
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const cidr = own.find((found) => found.address === address)?.cidr ?? '';
  const [, prefix = isLoopback(address) ? 8 : 24] = cidr.split('/');
  return Number(prefix);
}

const isLoopback = (address: string) => ipaddr.parse(address).range() === 'loopback';

const overlap = (why: string) =>
  new InterplexError('IPX_ADAPTER_OVERLAP', `${why}: give each an address or a port of its own.`);
const keyless = (what: string) =>
  new InterplexError(
    'IPX_KEY_INVALID',
    `For ${what} the cluster needs a key that all its processes know: give messaging.key, ` +
      `made with \`openssl rand -hex ${keyBytes}\`.`,
  );
