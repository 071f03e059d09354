/** VIPAs as they are configured: defined, distributed, or a range (SP-8). */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { ApplicationName, NodeId, VipaName } from '../../actors/vocabulary.ts';
import type { Takeback } from '../../actors/vipa.ts';
import { InterplexError } from '../errors.ts';
import { limits } from '../limits.ts';
import { invalid, requireKnown, requireObject, type Known as KnownOptions } from '../options.ts';
import type { DistributionPolicy, Vipa, VipaRange } from '../transfer/vipa.ts';
import { parseSharedPorts, type SharedPorts } from './port-settings.ts';
import { knownApplication, knownNode, listed, parseName } from './parsing.ts';

interface EndpointSettings {
  /** An IPv4 or IPv6 address of this host. */
  readonly address: string;
  /** From 0 (any free one) to 65 535. */
  readonly port: number;
  /** The node that owns it. */
  readonly owner: string;
  /** Nodes that own it when those before them have ended, in order (CT-14). */
  readonly backups?: readonly string[];
  /** When a backup gives it back: once it converses with nobody (the default), or at once. */
  readonly takeback?: Takeback;
  /** Moves of a connection since its client last sent a byte. Default 16. */
  readonly hopsMax?: number;
  /** Nodes share the address's source ports: no two of their connections clash (SP-8). */
  readonly sharedPorts?: SharedPorts;
}

/** An endpoint whose clients a routing application answers. */
export interface DefinedVipa extends EndpointSettings {
  readonly kind?: 'define';
  readonly routing: string;
}

/** An endpoint whose connections are spread over targets, unread (CT-18). */
export interface DistributedVipa extends EndpointSettings {
  readonly kind: 'distribute';
  /** The target application. */
  readonly to: string;
  /** Default `roundRobin`. */
  readonly policy?: DistributionPolicy;
  /** For `weighted`: by node; one that is left out weighs 1. */
  readonly weights?: Readonly<Record<string, number>>;
}

/** A subnet; the node that binds one of its addresses owns it. */
export interface RangeVipa {
  readonly kind: 'range';
  /** In CIDR form, of at most 65 536 addresses. */
  readonly subnet: string;
  readonly hopsMax?: number;
  readonly sharedPorts?: SharedPorts;
}

export type VipaSettings = DefinedVipa | DistributedVipa | RangeVipa;

/** Names that other parts of the configuration have given. */
interface Known {
  readonly nodes: readonly NodeId[];
  readonly applications: readonly ApplicationName[];
}

const policies: readonly DistributionPolicy[] = [
  'roundRobin',
  'leastConnections',
  'weighted',
  'clientAffinity',
];

const kinds: readonly VipaSettings['kind'][] = ['define', 'distribute', 'range', undefined];

const knownOfEndpoint: KnownOptions<EndpointSettings> & { readonly kind: true } = {
  kind: true,
  address: true,
  port: true,
  owner: true,
  backups: true,
  takeback: true,
  hopsMax: true,
  sharedPorts: true,
};
const knownOfDefined: KnownOptions<DefinedVipa> = { ...knownOfEndpoint, routing: true };
const knownOfDistributed: KnownOptions<DistributedVipa> = {
  ...knownOfEndpoint,
  to: true,
  policy: true,
  weights: true,
};
const knownOfRange: KnownOptions<RangeVipa> = {
  kind: true,
  subnet: true,
  hopsMax: true,
  sharedPorts: true,
};

export const isRange = (settings: VipaSettings): settings is RangeVipa =>
  settings?.kind === 'range';

/** Throws IPX_OPTION_INVALID, IPX_NAME_INVALID, IPX_VIPA_OWNER, IPX_NODE_UNKNOWN and the like. */
export function parseVipa(
  name: string,
  settings: DefinedVipa | DistributedVipa,
  known: Known,
): Vipa {
  const at = `vipas.${parseName('a VIPA', name)}`;
  requireObject(at, settings);
  if (!kinds.includes(settings.kind)) {
    throw invalid(`${at}.kind`, `"${settings.kind}" is none of define, distribute, range`);
  }
  const isDistributed = settings.kind === 'distribute';
  requireKnown(at, settings, isDistributed ? knownOfDistributed : knownOfDefined);
  const { address, port, backups = [], takeback = 'whenIdle' } = settings;
  if (isIP(address) === 0) {
    throw invalid(`${at}.address`, `"${address}" is no IPv4 or IPv6 address`);
  }
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw invalid(`${at}.port`, `${port} is no port: give a whole number from 0 to 65535`);
  }
  if (takeback !== 'whenIdle' && takeback !== 'immediate') {
    throw invalid(`${at}.takeback`, `"${String(takeback)}" is neither whenIdle nor immediate`);
  }
  const owner = ownerOf(name, settings, known.nodes);
  const others = listed(`${at}.backups`, backups).map((backup) =>
    knownNode(`${at}.backups`, backup, known.nodes),
  );
  return {
    name: name as VipaName,
    address,
    port,
    takeback,
    preference: [...new Set([owner, ...others])],
    hopsMax: hopsMaxOf(at, settings.hopsMax),
    sharedPorts: parseSharedPorts(`${at}.sharedPorts`, settings.sharedPorts),
    ...servingOf(name, settings, known),
  };
}

/** Throws IPX_OPTION_INVALID or IPX_NAME_INVALID. */
export function parseRange(name: string, settings: RangeVipa): VipaRange {
  const at = `vipas.${parseName('a VIPA', name)}`;
  requireKnown(at, settings, knownOfRange);
  const { subnet, hopsMax } = settings;
  if (typeof subnet !== 'string' || !ipaddr.isValidCIDR(subnet)) {
    throw invalid(`${at}.subnet`, `"${subnet}" is no subnet: give one like 127.1.2.0/24`);
  }
  const [base, prefix] = ipaddr.parseCIDR(subnet);
  const hostBits = (base.kind() === 'ipv4' ? 32 : 128) - prefix;
  if (hostBits > 16) throw invalid(`${at}.subnet`, `${subnet} has more than 65536 addresses`);
  const sharedPorts = parseSharedPorts(`${at}.sharedPorts`, settings.sharedPorts);
  return { name: name as VipaName, subnet, hopsMax: hopsMaxOf(at, hopsMax), sharedPorts };
}

/** One listener has an address and port. Throws IPX_OPTION_INVALID. */
export function requireApart(vipas: readonly Vipa[]): void {
  const names = new Map<string, VipaName>();
  for (const { name, address, port } of vipas) {
    if (port === 0) continue; // Each gets one of its own.
    const place = `${ipaddr.parse(address).toNormalizedString()} ${port}`;
    const other = names.get(place);
    if (other !== undefined) {
      const why = `${address}:${port} is VIPA "${other}" already: give each a port of its own`;
      throw invalid(`vipas.${name}.port`, why);
    }
    names.set(place, name);
  }
}

function ownerOf(name: string, { owner }: EndpointSettings, nodes: readonly NodeId[]): NodeId {
  if (owner !== undefined) return knownNode(`vipas.${name}.owner`, owner, nodes);
  throw new InterplexError(
    'IPX_VIPA_OWNER',
    `VIPA "${name}" has no owner: name a node in vipas.${name}.owner.`,
  );
}

function servingOf(
  name: string,
  settings: DefinedVipa | DistributedVipa,
  { applications, nodes }: Known,
): Pick<Vipa, 'routing' | 'distribution'> {
  const at = `vipas.${name}`;
  if (settings.kind !== 'distribute') {
    const routing = knownApplication(`${at}.routing`, settings.routing, applications);
    return { routing, distribution: undefined };
  }
  const { policy = 'roundRobin', weights = {} } = settings;
  if (!policies.includes(policy)) {
    throw invalid(`${at}.policy`, `"${policy}" is not among: ${policies.join(', ')}`);
  }
  requireObject(`${at}.weights`, weights);
  const weighed = Object.entries(weights).map(([node, weight]) => {
    if (!Number.isFinite(weight) || weight < 0) {
      throw invalid(`${at}.weights.${node}`, `${weight} is no number from 0`);
    }
    return [knownNode(`${at}.weights`, node, nodes), weight] as const;
  });
  const to = knownApplication(`${at}.to`, settings.to, applications);
  // Of no module: the name cannot be an application's, for it has a colon.
  const routing = `distributor:${name}` as ApplicationName;
  return { routing, distribution: { to, policy, weights: new Map(weighed) } };
}

function hopsMaxOf(at: string, hopsMax: number = limits.hopsMax): number {
  if (Number.isInteger(hopsMax) && hopsMax >= 1) return hopsMax;
  throw invalid(`${at}.hopsMax`, `${hopsMax} is no whole number from 1`);
}
