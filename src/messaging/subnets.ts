/** Addresses and the subnets that they lie in. */
import ipaddr from 'ipaddr.js';
import type { AdapterRow } from './row.ts';

type Placed = Pick<AdapterRow, 'address' | 'prefix'>;

/** Parsing takes a microsecond and more; the addresses of a cluster are few and come often. */
const parsed = new Map<string, ipaddr.IPv4 | ipaddr.IPv6 | undefined>();
const placed = new Map<string, boolean>();
const keptMax = 65_536;

function parse(address: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (parsed.has(address)) return parsed.get(address);
  if (parsed.size >= keptMax) parsed.clear();
  const made = ipaddr.isValid(address) ? ipaddr.parse(address) : undefined;
  parsed.set(address, made);
  return made;
}

/** Whether an address is on the link of an adapter. */
export function isInSubnet(address: string, place: Placed): boolean {
  const key = `${address} ${place.address}/${place.prefix}`;
  const known = placed.get(key);
  if (known !== undefined) return known;
  if (placed.size >= keptMax) placed.clear();
  const isIn = lookAt(address, place);
  placed.set(key, isIn);
  return isIn;
}

function lookAt(address: string, { address: base, prefix }: Placed): boolean {
  const [one, other] = [parse(address), parse(base)];
  if (!one || !other) return false;
  if (one.kind() !== other.kind()) return false;
  return prefix <= bitsOf(other) && one.match(other, prefix);
}

/** The subnet of an adapter, as `192.0.2.0/24`. */
export function subnetOf({ address, prefix }: Placed): string {
  const parsedAddress = parse(address);
  if (!parsedAddress) return `${address}/${prefix}`;
  const bytes = parsedAddress.toByteArray().map((byte, index) => {
    const bits = Math.min(8, Math.max(0, prefix - index * 8));
    return byte & (0xff00 >> bits);
  });
  return `${ipaddr.fromByteArray(bytes).toString()}/${prefix}`;
}

export const isLoopback = (address: string): boolean => parse(address)?.range() === 'loopback';

/** 32 or 128. */
const bitsOf = (address: ipaddr.IPv4 | ipaddr.IPv6): number =>
  address.kind() === 'ipv4' ? 32 : 128;

/** In its shortest form, with its bits; `undefined` where it is no address. */
export function parseAddress(address: string): { text: string; bits: number } | undefined {
  const isWhole = ipaddr.IPv4.isValidFourPartDecimal(address) || ipaddr.IPv6.isValid(address);
  if (!isWhole) return undefined;
  const made = ipaddr.parse(address);
  return { text: made.toString(), bits: bitsOf(made) };
}
