/** What a port is opened with, checked. */
import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import type { FailoverMode } from '../../actors/data-port/failover.ts';
import type { DataPortLimits } from '../../actors/data-port/port-knowledge.ts';
import { limits } from '../limits.ts';
import { invalid, requireKnown, requireObject, requireOptions, type Known } from '../options.ts';
import type { NodeAddress } from './address-book.ts';
import { parseChannels, type Channel, type ChannelSettings } from './channels.ts';
import type { PortClient } from './port-events.ts';
import { pathPolicies, type PathPolicy } from './scheduler.ts';

/** A node, with addresses at which it takes data ports where those are not known already. */
export type NodePlace =
  | string
  | ({ readonly node: string } & NodeAddress)
  | { readonly node: string; readonly addresses: readonly NodeAddress[] };

export interface OpenDataPortOptions {
  readonly to: NodePlace;
  /** The service that the target accepts ports of. */
  readonly service: string;
  /** Logical connections, 1 to 16. Default 2. */
  readonly links?: number;
  /** Where it goes, in order, when its target is unreachable: then, or while it is opened. */
  readonly backups?: readonly NodePlace[];
  /**
   * Who decides that: the port itself (default), or its client by `failover()`, who has the port
   * only once it is open: to open it then fails where `to` does not answer.
   */
  readonly failover?: FailoverMode;
  readonly client?: PortClient;
  /** By name; every port has `main`, an ordered one. */
  readonly channels?: Readonly<Record<string, ChannelSettings>>;
  /** Default `drain`: the path on which a frame arrives first. */
  readonly policy?: PathPolicy;
  /** Addresses of this node to dial from, in turn. Default: the kernel's choice. */
  readonly localAddresses?: readonly string[];
  /** Milliseconds: how long `to`, and each backup after it, may take to answer. Default 5 000. */
  readonly openMs?: number;
  /** How long it is kept without any path. Default 30 000. */
  readonly abandonMs?: number;
}
const known: Known<OpenDataPortOptions> = {
  to: true,
  service: true,
  links: true,
  backups: true,
  failover: true,
  client: true,
  channels: true,
  policy: true,
  localAddresses: true,
  openMs: true,
  abandonMs: true,
};

/** The same, checked. */
export interface OpenOrder {
  readonly id: string;
  readonly target: string;
  readonly service: string;
  readonly links: number;
  readonly backups: readonly string[];
  readonly failover: FailoverMode;
  readonly client: PortClient | undefined;
  readonly channels: readonly Channel[];
  readonly policy: PathPolicy;
  readonly localAddresses: readonly string[];
  readonly limits: DataPortLimits;
  /** Addresses that were given, by node: they are dialled before those that it tells of. */
  readonly given: ReadonlyMap<string, readonly NodeAddress[]>;
}

export const portLimits: DataPortLimits = {
  dialMs: limits.dialMs,
  closeMs: limits.closeMs,
  deadMs: limits.pathDeadMs,
  backoffMs: limits.redialMs,
  openMs: limits.portOpenMs,
  abandonMs: limits.portAbandonMs,
  drainMs: limits.portDrainMs,
};

export const isServiceName = (name: unknown): boolean =>
  typeof name === 'string' && name !== '' && name.length <= limits.serviceNameMax;

/** Throws IPX_OPTION_INVALID. */
export function parseOpenOptions(options: OpenDataPortOptions): OpenOrder {
  requireOptions('openDataPort()', options, 'give at least { to, service }');
  requireKnown('', options, known);
  const { to, service, links = limits.portLinks, backups = [], failover = 'automatic' } = options;
  const { client, channels = {}, policy = 'drain', localAddresses = [] } = options;
  const { openMs = limits.portOpenMs, abandonMs = limits.portAbandonMs } = options;
  if (!isServiceName(service)) {
    throw invalid('service', `give its name, of up to ${limits.serviceNameMax} characters`);
  }
  if (!Number.isInteger(links) || links < 1 || links > limits.portLinksMax) {
    throw invalid('links', `give an integer from 1 to ${limits.portLinksMax}`);
  }
  if (!Array.isArray(backups)) throw invalid('backups', 'give a list of nodes');
  if (failover !== 'automatic' && failover !== 'client') {
    throw invalid('failover', 'it is "automatic" or "client"');
  }
  if (!pathPolicies.includes(policy)) {
    throw invalid('policy', `"${policy}" is none of ${pathPolicies.join(', ')}`);
  }
  if (!Array.isArray(localAddresses) || !localAddresses.every(isIpAddress)) {
    throw invalid('localAddresses', 'give a list of IP addresses of this host');
  }
  if (client !== undefined && typeof client?.onEvent !== 'function') {
    throw invalid('client', 'give an object with a function onEvent');
  }
  const given: readonly NodePlace[] = [to, ...(backups as readonly NodePlace[])];
  const places = given.map((place, index) => {
    return placeOf(index === 0 ? 'to' : `backups[${index - 1}]`, place);
  });
  return {
    id: randomUUID(),
    target: places[0]?.node ?? '',
    service,
    links,
    backups: places.slice(1).map(({ node }) => node),
    failover,
    client,
    channels: parseChannels(channels),
    policy,
    localAddresses,
    limits: {
      ...portLimits,
      openMs: durationOf('openMs', openMs),
      abandonMs: durationOf('abandonMs', abandonMs),
    },
    given: new Map(places.map(({ node, addresses }) => [node, addresses])),
  };
}

function durationOf(option: string, ms: number): number {
  if (Number.isFinite(ms) && ms > 0 && ms <= limits.timerMsMax) return ms;
  throw invalid(option, `give milliseconds, up to ${limits.timerMsMax}`);
}

interface Place {
  readonly node: string;
  readonly addresses: readonly NodeAddress[];
}

function placeOf(option: string, place: NodePlace): Place {
  if (typeof place === 'string' && place !== '') return { node: place, addresses: [] };
  if (typeof place === 'string') throw invalid(option, 'give a node');
  requireObject(option, place);
  const { node } = place;
  const addresses: readonly NodeAddress[] = 'addresses' in place ? place.addresses : [place];
  const areUsable = Array.isArray(addresses) && addresses.length > 0 && addresses.every(isAddress);
  if (typeof node === 'string' && node !== '' && areUsable) return { node, addresses };
  throw invalid(option, 'give the name of a node, or { node, address, port }');
}

const isIpAddress = (address: unknown) => typeof address === 'string' && isIP(address) > 0;

const isAddress = ({ address, port }: Partial<NodeAddress>): boolean =>
  typeof address === 'string' && Number.isInteger(port) && (port ?? 0) > 0 && (port ?? 0) < 65_536;
