/** A cluster's configuration, parsed: names are checked here once, and trusted everywhere else. */
import type { ResourceLimits } from 'node:worker_threads';
import { pathToFileURL } from 'node:url';
import type { ApplicationName, NodeId, VipaName } from '../../actors/vocabulary.ts';
import { InterplexError } from '../errors.ts';
import { limits } from '../limits.ts';
import { logLevels, type LogLevel, type LogOptions } from '../runtime/log.ts';
import type { Vipa } from '../transfer/stack.ts';
import { isIP } from 'node:net';

/** One node of a cluster. */
export interface NodeSettings {
  /** Applications that serve as targets at this node. */
  readonly run?: readonly string[];
  /** Limits of its thread, as `new Worker` takes them. */
  readonly resourceLimits?: ResourceLimits;
}

/** A virtual IP address with a port: an endpoint that one node owns at a time. */
export interface VipaSettings {
  /** An IPv4 or IPv6 address of this host. */
  readonly address: string;
  /** From 0 (any free one) to 65 535. */
  readonly port: number;
  /** The application that answers its clients. */
  readonly routing: string;
  /** The node that owns it. */
  readonly owner: string;
  /** Nodes that may own it after that, in order. */
  readonly backups?: readonly string[];
  /** Moves of a connection since its client last sent a byte. Default 16. */
  readonly hopsMax?: number;
}

export interface ClusterOptions {
  /** Modules by application name: a URL, or a path. */
  readonly applications: Readonly<Record<string, URL | string>>;
  /** By name, or as a list in which each has its `id`. */
  readonly nodes:
    | Readonly<Record<string, NodeSettings>>
    | readonly (NodeSettings & { readonly id: string })[];
  readonly vipas?: Readonly<Record<string, VipaSettings>>;
  readonly log?: LogOptions;
  /** How long applications may say goodbye before their clients are closed. Default 5 000 ms. */
  readonly drainMs?: number;
  /** How long a node may take to start. Default 30 000 ms. */
  readonly startMs?: number;
}

/** The same, checked; every thread gets a copy. */
export interface Configuration {
  readonly nodes: readonly {
    readonly id: NodeId;
    readonly run: readonly ApplicationName[];
    readonly resourceLimits: ResourceLimits;
  }[];
  readonly applications: ReadonlyMap<ApplicationName, string>;
  readonly vipas: readonly (Vipa & { owner: NodeId; backups: readonly NodeId[] })[];
  readonly drainMs: number;
  readonly startMs: number;
  readonly logLevel: LogLevel;
}

const nameForm = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;

/**
 * Throws IPX_OPTION_INVALID, IPX_NAME_INVALID, IPX_NAME_TAKEN, IPX_NODE_UNKNOWN,
 * IPX_APPLICATION_UNKNOWN or IPX_VIPA_OWNER.
 */
export function parseConfiguration(options: ClusterOptions): Configuration {
  requireObject('object', options);
  const applications = parseApplications(options.applications);
  const nodes = parseNodes(options.nodes, applications);
  const ids = nodes.map(({ id }) => id);
  const vipas = Object.entries(options.vipas ?? {}).map(([name, settings]) =>
    parseVipa(name, settings, ids, applications),
  );
  requireAtMost('vipas', vipas.length, limits.nodesMax);
  return {
    nodes,
    applications,
    vipas,
    drainMs: duration('drainMs', options.drainMs ?? limits.drainMs),
    startMs: duration('startMs', options.startMs ?? limits.startMs),
    logLevel: parseLevel(options.log?.level ?? 'info'),
  };
}

/** The applications that a node runs, and the endpoints that it owns. */
export function dutiesOf(configuration: Configuration, id: NodeId) {
  const owned = configuration.vipas.filter(({ owner }) => owner === id);
  const routing = [...new Set(owned.map((vipa) => vipa.routing))];
  const targets = configuration.nodes.find((node) => node.id === id)?.run ?? [];
  return {
    applications: [
      ...routing.map((application) => ({ application, role: 'routing' as const })),
      ...targets.map((application) => ({ application, role: 'target' as const })),
    ],
    endpoints: owned.map(({ name }) => name),
  };
}

/** Throws IPX_NAME_INVALID. */
function parseName(noun: string, name: string): string {
  if (typeof name === 'string' && nameForm.test(name)) return name;
  throw new InterplexError(
    'IPX_NAME_INVALID',
    `"${name}" is no name for ${noun}: use 1 to 63 letters, digits, "-", "_" or ".", ` +
      'beginning with a letter or digit.',
  );
}

function parseApplications(given: ClusterOptions['applications']) {
  const entries = Object.entries(given ?? {}).map(([name, source]) => {
    parseName('an application', name);
    return [name as ApplicationName, hrefOf(name, source)] as const;
  });
  return new Map(entries);
}

function hrefOf(name: string, source: URL | string): string {
  if (source instanceof URL) return source.href;
  if (typeof source !== 'string' || source === '') {
    throw invalid(`applications.${name}`, 'give the URL or the path of its module');
  }
  return /^[a-z]{2,}:/.test(source) ? source : pathToFileURL(source).href;
}

function parseNodes(
  given: ClusterOptions['nodes'],
  applications: ReadonlyMap<ApplicationName, string>,
): Configuration['nodes'] {
  const list = isList(given)
    ? given
    : Object.entries(given ?? {}).map(([id, settings]) => {
        requireObject(`nodes.${id}`, settings);
        return { id, ...settings };
      });
  requireAtMost('nodes', list.length, limits.nodesMax);
  if (list.length === 0) throw invalid('nodes', 'give at least one');
  const seen = new Set<string>();
  return list.map((settings, index) => {
    requireObject(`nodes.${settings?.id ?? index}`, settings);
    const { id, run = [], resourceLimits = {} } = settings;
    parseName('a node', id);
    if (seen.has(id)) {
      const sentence = `Two nodes are called "${id}": every node needs a name of its own.`;
      throw new InterplexError('IPX_NAME_TAKEN', sentence);
    }
    seen.add(id);
    const own = listed(`nodes.${id}.run`, run).map((name) =>
      knownApplication(`nodes.${id}.run`, name, applications),
    );
    return { id: id as NodeId, run: [...new Set(own)], resourceLimits };
  });
}

function parseVipa(
  name: string,
  settings: VipaSettings,
  nodes: readonly NodeId[],
  applications: ReadonlyMap<ApplicationName, string>,
): Configuration['vipas'][number] {
  parseName('a VIPA', name);
  requireObject(`vipas.${name}`, settings);
  const { address, port, routing, owner, backups = [], hopsMax = limits.hopsMax } = settings;
  if (isIP(address) === 0) {
    throw invalid(`vipas.${name}.address`, `"${address}" is no IPv4 or IPv6 address`);
  }
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw invalid(`vipas.${name}.port`, `${port} is no port: give a whole number from 0 to 65535`);
  }
  if (!Number.isInteger(hopsMax) || hopsMax < 1) {
    throw invalid(`vipas.${name}.hopsMax`, `${hopsMax} is no whole number from 1`);
  }
  if (owner === undefined) {
    const sentence = `VIPA "${name}" has no owner: name a node in vipas.${name}.owner.`;
    throw new InterplexError('IPX_VIPA_OWNER', sentence);
  }
  return {
    name: name as VipaName,
    address,
    port,
    hopsMax,
    routing: knownApplication(`vipas.${name}.routing`, routing, applications),
    owner: knownNode(`vipas.${name}.owner`, owner, nodes),
    backups: listed(`vipas.${name}.backups`, backups).map((backup) =>
      knownNode(`vipas.${name}.backups`, backup, nodes),
    ),
  };
}

function knownApplication(
  where: string,
  name: string,
  applications: ReadonlyMap<ApplicationName, string>,
): ApplicationName {
  const known = name as ApplicationName;
  if (applications.has(known)) return known;
  const names = [...applications.keys()].join(', ') || 'none';
  const sentence = `${where} names application "${name}", which is not among: ${names}.`;
  throw new InterplexError('IPX_APPLICATION_UNKNOWN', sentence);
}

function knownNode(where: string, name: string, nodes: readonly NodeId[]): NodeId {
  const known = name as NodeId;
  if (nodes.includes(known)) return known;
  const sentence = `${where} names node "${name}", which is not among: ${nodes.join(', ')}.`;
  throw new InterplexError('IPX_NODE_UNKNOWN', sentence);
}

function parseLevel(level: LogLevel): LogLevel {
  if (logLevels.includes(level)) return level;
  throw invalid('log.level', `"${level}" is none of ${logLevels.join(', ')}`);
}

/** A plain JavaScript program may give anything. */
function requireObject(option: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) throw invalid(option, 'give an object');
}

function listed(option: string, names: readonly string[]): readonly string[] {
  if (!Array.isArray(names)) throw invalid(option, 'give a list of names');
  return [...(names as readonly string[])];
}

function duration(name: string, value: number): number {
  if (Number.isFinite(value) && value >= 0 && value <= limits.timerMsMax) return value;
  throw invalid(name, `${value} is no number of milliseconds from 0 to ${limits.timerMsMax}`);
}

function requireAtMost(name: string, count: number, most: number): void {
  if (count > most) throw invalid(name, `${count} are too many: at most ${most}`);
}

const isList = (
  nodes: ClusterOptions['nodes'],
): nodes is readonly (NodeSettings & { readonly id: string })[] => Array.isArray(nodes);

const invalid = (option: string, why: string) =>
  new InterplexError('IPX_OPTION_INVALID', `The option ${option} cannot be used: ${why}.`);
