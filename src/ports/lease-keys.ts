/** Which word of the coupling facility each lease has: a VIPA's, or an address's of a range. */
import ipaddr from 'ipaddr.js';
import type { Vipa, VipaRange } from '../transfer/vipa.ts';

interface KeyedRange {
  readonly first: number;
  readonly size: number;
  readonly network: ReturnType<typeof ipaddr.parseCIDR>;
}

export class LeaseKeys {
  readonly size: number;
  readonly #vipas: readonly string[];
  readonly #ranges = new Map<string, KeyedRange>();

  constructor(vipas: readonly Pick<Vipa, 'name'>[], ranges: readonly VipaRange[]) {
    this.#vipas = vipas.map(({ name }) => name);
    let first = this.#vipas.length;
    for (const { name, subnet } of ranges) {
      const network = ipaddr.parseCIDR(subnet);
      const size = 2 ** ((network[0].kind() === 'ipv4' ? 32 : 128) - network[1]);
      this.#ranges.set(name, { first, size, network });
      first += size;
    }
    this.size = first;
  }

  /** The key of an address, or `undefined` if the range does not hold it. */
  keyOfAddress(range: string, address: string): string | undefined {
    const keyed = this.#ranges.get(range);
    if (!keyed || !ipaddr.isValid(address)) return undefined;
    const parsed = ipaddr.parse(address);
    const [base, prefix] = keyed.network;
    if (parsed.kind() !== base.kind() || !parsed.match(base, prefix)) return undefined;
    return `${range}/${parsed.toNormalizedString()}`;
  }

  /** Throws for a key that is neither a VIPA's name nor one that `keyOfAddress` gave. */
  indexOf(key: string): number {
    const vipa = this.#vipas.indexOf(key);
    if (vipa >= 0) return vipa;
    const [range = '', address = ''] = key.split('/', 2);
    const keyed = this.#ranges.get(range);
    if (!keyed) throw new Error(`The coupling facility has no key "${key}".`);
    const low = ipaddr.parse(address).toByteArray().slice(-2);
    return keyed.first + ((((low[0] ?? 0) << 8) | (low[1] ?? 0)) & (keyed.size - 1));
  }
}
