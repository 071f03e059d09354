/** What a messenger is given, checked once (AF-9): each failure names the option. */
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { NodeId } from '../../actors/vocabulary.ts';
import { InterplexError } from '../errors.ts';
import { limits } from '../limits.ts';
import { invalid, requireKnown, requireObject, type Known } from '../options.ts';
import { incarnationMax, mtuMin, type AdapterRow, type Row } from './row.ts';
import { requireKey } from './seal.ts';
import { isInSubnet, isLoopback, parseAddress } from './subnets.ts';

/** One address of this node, the primary first. What is left out is asked of the host. */
export interface AdapterOptions {
  readonly address: string;
  /** UDP; 0, the default, is any. */
  readonly port?: number;
  /** Where the node's data ports listen (TCP), if they do. */
  readonly dataPort?: number;
  readonly type?: string;
  readonly mtu?: number;
  /** Leading bits of the subnet; 24 of loopback, whose subnets stand for networks. */
  readonly prefix?: number;
  /** The next hop of this link. */
  readonly router?: string;
  /**
   * Differentiated services code point of what leaves here, 0 to 63. It is told in the row, and set
   * where the platform allows that; where not, `adapter.opened` says so.
   */
  readonly classOfService?: number;
}
export type Authentication = 'aead' | 'none';
export interface MessengerOptions {
  readonly node: string;
  readonly adapters: readonly AdapterOptions[];
  /** 32 bytes, the same for all. Without it only loopback is bound (CM-10). */
  readonly key?: Uint8Array;
  /** Made for the cluster at its start, where none is configured: for loopback alone. */
  readonly madeKey?: Uint8Array;
  /** `none` trusts every process of this host: for loopback alone. */
  readonly authentication?: Authentication;
  /** Addresses that lead to the cluster: `192.0.2.1:4400`, `[2001:db8::1]:4400`. */
  readonly seeds?: readonly string[];
  /** Grows with each life of the node. Default: milliseconds since 2025. */
  readonly incarnation?: number;
  /** What is known of others already: a table that was kept. */
  readonly rows?: readonly Row[];
  /** How often it gossips with a few others, in milliseconds. Default 200. */
  readonly heartbeatMs?: number;
}

export interface Seed {
  readonly address: string;
  readonly port: number;
}
export interface MessengerSettings {
  readonly node: NodeId;
  readonly adapters: readonly AdapterRow[];
  readonly key: Uint8Array | undefined;
  readonly isAuthentic: boolean;
  readonly seeds: readonly Seed[];
  readonly incarnation: number;
  readonly rows: readonly Row[];
  readonly heartbeatMs: number;
}

const nameForm = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;
const since2025 = Date.UTC(2025, 0, 1);
const known: Known<MessengerOptions> = {
  node: true,
  adapters: true,
  key: true,
  madeKey: true,
  authentication: true,
  seeds: true,
  incarnation: true,
  rows: true,
  heartbeatMs: true,
};
const knownAdapter: Known<AdapterOptions> = {
  address: true,
  port: true,
  dataPort: true,
  type: true,
  mtu: true,
  prefix: true,
  router: true,
  classOfService: true,
};

/** Throws the coded errors of a messenger's options. */
export function parseMessenger(options: MessengerOptions): MessengerSettings {
  requireObject('messenger', options);
  requireKnown('messenger', options, known);
  const { node, key, madeKey, authentication = 'aead', seeds = [], rows = [] } = options;
  const { heartbeatMs = limits.heartbeatMs } = options;
  if (typeof node !== 'string' || !nameForm.test(node)) {
    throw new InterplexError(
      'IPX_NAME_INVALID',
      `"${node}" is no name for a node: use 1 to 63 letters, digits, "-", "_" or ".".`,
    );
  }
  if (key !== undefined) requireKey(key);
  if (madeKey !== undefined) requireKey(madeKey);
  if (!['aead', 'none'].includes(authentication)) {
    throw invalid('messenger.authentication', 'it is "aead" or "none"');
  }
  const adapters = parseAdapters(options.adapters);
  const isOpen = key === undefined || authentication === 'none';
  const outside = adapters.find(({ address }) => !isLoopback(address));
  if (isOpen && outside) throw keyMissing(outside.address);
  return {
    node: node as NodeId,
    adapters,
    key: key ?? madeKey,
    isAuthentic: authentication === 'aead',
    seeds: parseSeeds(seeds),
    incarnation: whole(
      'messenger.incarnation',
      options.incarnation ?? Date.now() - since2025,
      incarnationMax,
    ),
    rows,
    heartbeatMs: whole('messenger.heartbeatMs', heartbeatMs, limits.timerMsMax, 1),
  };
}

const keyMissing = (address: string) =>
  new InterplexError(
    'IPX_KEY_MISSING',
    `${address} can be reached from other hosts, and datagrams would not be authenticated: give ` +
      'all nodes the same key of 32 bytes, or use addresses of 127.0.0.0/8.',
  );

function parseAdapters(adapters: readonly AdapterOptions[]): AdapterRow[] {
  if (!Array.isArray(adapters) || adapters.length === 0) {
    throw invalid('messenger.adapters', 'give a list of one adapter or more');
  }
  if (adapters.length > limits.adaptersMax) {
    throw invalid('messenger.adapters', `at most ${limits.adaptersMax}`);
  }
  const rows = (adapters as readonly AdapterOptions[]).map((adapter, index) =>
    parseAdapter(`messenger.adapters[${index}]`, adapter),
  );
  for (const [index, row] of rows.entries()) {
    const other = rows.slice(0, index).find((one) => overlaps(one, row));
    if (other) throw overlap(other, row);
  }
  return rows;
}

const overlaps = (one: AdapterRow, other: AdapterRow) =>
  isInSubnet(one.address, other) || isInSubnet(other.address, one);
const overlap = (one: AdapterRow, other: AdapterRow) =>
  new InterplexError(
    'IPX_ADAPTERS_OVERLAP',
    `The adapters ${one.address}/${one.prefix} and ${other.address}/${other.prefix} lie in one ` +
      'subnet, so that both would fail with it: give addresses of different networks.',
  );

function parseAdapter(where: string, options: AdapterOptions): AdapterRow {
  requireObject(where, options);
  requireKnown(where, options, knownAdapter);
  const { port = 0, dataPort, type, mtu, prefix, router, classOfService = 0 } = options;
  const parsed = typeof options.address === 'string' ? parseAddress(options.address) : undefined;
  if (!parsed) throw invalid(`${where}.address`, 'give an IPv4 or IPv6 address');
  const address = parsed.text;
  const host = hostAdapter(address);
  const next = router === undefined ? undefined : parseAddress(router)?.text;
  if (router !== undefined && next === undefined) {
    throw invalid(`${where}.router`, 'give an IPv4 or IPv6 address');
  }
  const word = type ?? host.type;
  if (typeof word !== 'string' || word.length > limits.nameLengthMax) {
    throw invalid(`${where}.type`, `give a word of at most ${limits.nameLengthMax} characters`);
  }
  return {
    address,
    port: requirePort(`${where}.port`, port),
    ...(dataPort === undefined ? {} : { dataPort: requirePort(`${where}.dataPort`, dataPort) }),
    status: 'down',
    type: word,
    mtu: whole(`${where}.mtu`, mtu ?? host.mtu, 65_536, mtuMin),
    prefix: whole(`${where}.prefix`, prefix ?? host.prefix ?? parsed.bits, parsed.bits),
    ...(next === undefined ? {} : { router: next }),
    classOfService: whole(`${where}.classOfService`, classOfService, 63),
  };
}

/** Throws IPX_OPTION_INVALID. */
export const requirePort = (option: string, port: number): number => whole(option, port, 65_535);

function whole(option: string, value: number, most: number, least = 0): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalid(option, `give a whole number from ${least} to ${most}`);
}

interface HostAdapter {
  readonly type: string;
  readonly mtu: number;
  readonly prefix: number | undefined;
}

/** What the host says of an address; every address of 127.0.0.0/8 is its loopback. */
function hostAdapter(address: string): HostAdapter {
  for (const [name, entries = []] of Object.entries(networkInterfaces())) {
    for (const entry of entries) {
      if (isLoopback(address) ? !entry.internal : entry.address !== address) continue;
      const prefix = Number(entry.cidr?.split('/')[1]);
      const mtu = mtuOf(name) ?? (entry.internal ? loopbackMtu : ethernetMtu);
      if (isLoopback(address)) return { type: 'loopback', mtu, prefix: loopbackPrefix(address) };
      return { type: 'ethernet', mtu, prefix: Number.isInteger(prefix) ? prefix : undefined };
    }
  }
  if (!isLoopback(address)) return { type: 'ethernet', mtu: ethernetMtu, prefix: undefined };
  return { type: 'loopback', mtu: loopbackMtu, prefix: loopbackPrefix(address) };
}
const ethernetMtu = 1_500;
const loopbackMtu = 16_384;
const loopbackPrefix = (address: string) => (address.includes(':') ? undefined : 24);

/** Linux says it in a file; elsewhere nobody tells Node. */
function mtuOf(name: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(`/sys/class/net/${name}/mtu`, 'utf8'), 10);
  } catch {
    return undefined;
  }
}

function parseSeeds(seeds: readonly string[]): Seed[] {
  if (!Array.isArray(seeds)) throw invalid('messenger.seeds', 'give a list of "address:port"');
  return (seeds as readonly string[]).map((seed, index) => {
    const at = typeof seed === 'string' ? seed.lastIndexOf(':') : -1;
    const parsed = at < 0 ? undefined : parseAddress(seed.slice(0, at).replace(/^\[(.*)\]$/, '$1'));
    const port = Number(seed.slice(at + 1));
    if (!parsed || !Number.isInteger(port) || port < 1 || port > 65_535) {
      throw invalid(`messenger.seeds[${index}]`, `"${seed}" is no "address:port"`);
    }
    return { address: parsed.text, port };
  });
}
