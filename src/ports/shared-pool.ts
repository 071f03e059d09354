/** A pool of source ports as threads are given it: its memory, and what all of them must know. */
import ipaddr from 'ipaddr.js';
import { limits } from '../limits.ts';
import { header, poolMemory, PoolWords, type PoolShape } from './pool-words.ts';
import { tupleTableMemory } from './tuple-table.ts';

export type PortProtocol = 'tcp' | 'udp';

/** How the ports of an address are shared. */
export interface PortSettings extends Pick<PoolShape, 'structure' | 'first' | 'count' | 'block'> {
  readonly restMs: number;
}

/** IPv4 and IPv6 differ by their addresses; TCP and UDP are pools of their own. */
export interface SharedPool {
  /** Tells it from others, in every thread. */
  readonly id: string;
  /** The first VIPA that has it. */
  readonly vipa: string;
  readonly protocol: PortProtocol;
  /** Normalized; of a range its subnet, and the pool is that of whichever address takes it. */
  readonly address: string;
  readonly isRange: boolean;
  readonly shape: PoolShape;
  /** How long a port rests after its connection has closed, in milliseconds. */
  readonly restMs: number;
  readonly memory: SharedArrayBuffer;
  /** Of a table: its rows. */
  readonly rows: SharedArrayBuffer | undefined;
}
export type PoolSettings = Omit<SharedPool, 'memory' | 'rows' | 'protocol' | 'id'> & {
  /** Of a range, which of its pools. */
  readonly index?: number;
  /** Whether its units are to be leased of the host before any stack may have them. */
  readonly units?: 'free' | 'away';
};

/** A pool for each protocol. */
export const sharedPools = ({ index = 0, units, ...settings }: PoolSettings): SharedPool[] =>
  (['tcp', 'udp'] as const).map((protocol) => ({
    ...settings,
    id: `${protocol} ${settings.address} ${index}`,
    protocol,
    memory: poolMemory(settings.shape, units),
    rows: settings.shape.structure === 'table' ? rowsFor(settings.shape.count) : undefined,
  }));

/** Rows for some destinations of each port. */
const rowsFor = (count: number) =>
  tupleTableMemory(Math.min(limits.portRowsMax, count * limits.portRowsEach));

/** One form of each address, so that equal ones are equal. Throws for what is none. */
export const normalized = (address: string): string => ipaddr.process(address).toNormalizedString();

/**
 * The pool of an address: its own, or one of its range's that has it or that nobody has yet.
 * `undefined`: the address shares no ports. False: all pools of its range are other addresses'.
 */
export function poolOf(
  pools: readonly SharedPool[],
  address: string,
  protocol: PortProtocol,
): SharedPool | undefined | false {
  const parsed = ipaddr.process(address);
  const text = parsed.toNormalizedString();
  const ours = pools.filter((pool) => pool.protocol === protocol);
  const exact = ours.find((pool) => !pool.isRange && pool.address === text);
  if (exact) return exact;
  const ranges = ours.filter(({ isRange, address: subnet }) => isRange && holds(subnet, parsed));
  const key = keyOf(parsed);
  const has = ranges.find((pool) => wordsOf(pool).load(header.key) === key);
  if (has || ranges.length === 0) return has;
  // Two that come at once see each other's word.
  const taken = ranges.find((pool) => {
    const words = wordsOf(pool);
    return words.swap(header.key, 0, key) || words.load(header.key) === key;
  });
  return taken ?? false;
}

/** The address that a pool has now; `undefined`: it is a range's that nobody took. */
export function addressOf(pool: SharedPool): string | undefined {
  if (!pool.isRange) return pool.address;
  const key = wordsOf(pool).load(header.key);
  if (key === 0) return undefined;
  const [network, prefix] = ipaddr.parseCIDR(pool.address);
  const bytes = network.toByteArray();
  const host = key - 1;
  const width = network.kind() === 'ipv4' ? 32 : 128;
  const mask = 2 ** (width - prefix) - 1;
  const low = bytes.length - 2;
  const base = ((bytes[low] ?? 0) << 8) | (bytes[low + 1] ?? 0);
  const whole = (base & ~mask & 0xffff) | (host & mask);
  bytes[low] = whole >>> 8;
  bytes[low + 1] = whole & 0xff;
  return ipaddr.fromByteArray(bytes).toNormalizedString();
}

const wordsOf = ({ shape, memory }: SharedPool) => new PoolWords(shape, new Int32Array(memory));

/** A range has at most 65 536 addresses: the last two bytes tell them apart. */
function keyOf(address: ReturnType<typeof ipaddr.process>): number {
  const [high = 0, low = 0] = address.toByteArray().slice(-2);
  return ((high << 8) | low) + 1;
}

/** Whether a place, an address or a subnet, has that address. */
export function holds(place: string, given: string | ReturnType<typeof ipaddr.process>): boolean {
  const address = typeof given === 'string' ? ipaddr.process(given) : given;
  if (!place.includes('/')) return address.toNormalizedString() === place;
  const network = ipaddr.parseCIDR(place);
  return network[0].kind() === address.kind() && address.match(network[0], network[1]);
}
