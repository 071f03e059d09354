/**
 * `sharedPorts` of a VIPA, of whichever kind (SP-8), as it is configured and as a pool is made of
 * it.
 */
import { limits } from '../limits.ts';
import { invalid, requireKnown, requireObject, type Known } from '../options.ts';
import { kernelPorts, isReserved } from '../io/outbound.ts';
import type { PoolStructure } from '../ports/pool-words.ts';
import {
  normalized,
  sharedPools,
  type PortSettings,
  type SharedPool,
} from '../ports/shared-pool.ts';
import { InterplexError } from '../errors.ts';
import { duration } from './parsing.ts';

/** The source ports of a VIPA's address, of which every node may take. */
export interface SharedPortsSettings {
  /** `bitmap` (the default), `list`: first in, first out; `table`: a port for several places. */
  readonly structure?: PoolStructure;
  /** Default 10 240 to 32 767: outside of what Linux gives out by itself. */
  readonly first?: number;
  readonly last?: number;
  /** Ports that a node leases at once: a power of two from 16; or 1. Default 64. */
  readonly portBlock?: number;
  /** How long a port rests once its connection has closed. Default 60 000 ms, as TIME_WAIT. */
  readonly restMs?: number;
}
export type SharedPorts = boolean | SharedPortsSettings;

const knownOfPorts: Known<SharedPortsSettings> = {
  structure: true,
  first: true,
  last: true,
  portBlock: true,
  restMs: true,
};
const structures: readonly PoolStructure[] = ['bitmap', 'list', 'table'];

/** Throws IPX_OPTION_INVALID, or IPX_PORT_PRIVILEGED. */
export function parseSharedPorts(at: string, given: SharedPorts | undefined) {
  if (given === undefined || given === false) return undefined;
  const settings = given === true ? {} : given;
  requireObject(at, settings);
  requireKnown(at, settings, knownOfPorts);
  const { structure = 'bitmap', first = limits.portsFirst, last = limits.portsLast } = settings;
  if (!structures.includes(structure)) {
    throw invalid(`${at}.structure`, `"${structure}" is none of ${structures.join(', ')}`);
  }
  requirePort(`${at}.first`, first);
  requirePort(`${at}.last`, last);
  const { least } = kernelPorts();
  if (first < least) {
    const sentence = `${at}.first: ports below ${least} need CAP_NET_BIND_SERVICE: begin there.`;
    throw new InterplexError('IPX_PORT_PRIVILEGED', sentence);
  }
  const block = structure === 'bitmap' ? blockOf(`${at}.portBlock`, settings.portBlock) : 1;
  const count = Math.floor((last - first + 1) / block) * block;
  if (count <= 0) {
    const why = `from ${first} to ${last} there is no whole block of ${block}: widen them`;
    throw invalid(`${at}.last`, why);
  }
  const restMs = duration(`${at}.restMs`, settings.restMs ?? limits.portRestMs);
  return { structure, first, count, block, restMs } satisfies PortSettings;
}

function requirePort(at: string, port: number): void {
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return;
  throw invalid(at, `${port} is no port: give a whole number from 1 to 65535`);
}

function blockOf(at: string, block: number = limits.portBlock): number {
  const isPower = Number.isInteger(Math.log2(block)) && block >= 16 && block <= 1_024;
  if (block === 1 || isPower) return block;
  throw invalid(at, `${block} is neither 1 nor a power of two from 16 to 1024`);
}

interface Sharing {
  readonly name: string;
  readonly sharedPorts?: PortSettings | undefined;
}
export interface SharingConfiguration {
  readonly nodes: readonly unknown[];
  readonly vipas: readonly (Sharing & { readonly address: string })[];
  readonly ranges: readonly (Sharing & { readonly subnet: string })[];
}

/** Stacks of a process: its nodes, and the main thread. */
const stacksOf = ({ nodes }: Pick<SharingConfiguration, 'nodes'>): number => nodes.length + 1;

/** The pools of all that share ports from the start. Throws IPX_OPTION_INVALID. */
export function configuredPools(configuration: SharingConfiguration): SharedPool[] {
  const pools: SharedPool[] = [];
  for (const { name, address, sharedPorts } of configuration.vipas) {
    if (sharedPorts) addPools(pools, configuration, { name, address, sharedPorts });
  }
  for (const { name, subnet, sharedPorts } of configuration.ranges) {
    if (sharedPorts) addPools(pools, configuration, { name, address: subnet, sharedPorts });
  }
  return pools;
}

/** Adds the pools of one VIPA; of an address that has some, the settings must agree. */
export function addPools(
  pools: SharedPool[],
  configuration: SharingConfiguration,
  { name, address, sharedPorts }: { name: string; address: string; sharedPorts: PortSettings },
): SharedPool[] {
  const { restMs, ...layout } = sharedPorts;
  const at = `vipas.${name}.sharedPorts`;
  const stacks = stacksOf(configuration);
  if (layout.structure === 'table' && stacks > 254) {
    throw invalid(`${at}.structure`, `a table has room for ${254 - stacksOf({ nodes: [] })} nodes`);
  }
  const shape = { ...layout, stacks, guests: limits.portGuestsMax };
  const isRange = address.includes('/');
  const place = isRange ? address : normalized(address);
  const known = pools.find((pool) => pool.address === place);
  if (known) {
    const isSame = JSON.stringify([known.shape, known.restMs]) === JSON.stringify([shape, restMs]);
    if (isSame) return [];
    throw invalid(
      at,
      `VIPA "${known.vipa}" shares the ports of ${address} otherwise: say the same`,
    );
  }
  const settings = { vipa: name, address: place, isRange, shape, restMs, units: 'away' } as const;
  const length = isRange ? limits.portRangePools : 1;
  const added = Array.from({ length }, (_, index) => sharedPools({ ...settings, index })).flat();
  pools.push(...added);
  return added;
}

/** A sentence with the setting to make, if the kernel itself may give out ports of the pool. */
export function overlapOf({ shape }: SharedPool): string | undefined {
  const [from, to] = kernelPorts().ephemeral;
  const [first, last] = [shape.first, shape.first + shape.count - 1];
  if (last < from || first > to) return undefined;
  const [least, most] = [Math.max(first, from), Math.min(last, to)];
  if (isReserved(least, most)) return undefined;
  return (
    `the kernel gives out ports ${from} to ${to} by itself, ${least} to ${most} of the pool too: ` +
    `set sysctl net.ipv4.ip_local_reserved_ports=${least}-${most}, or another range.`
  );
}
