/** A cluster's configuration, parsed: names are checked here once, and trusted everywhere else. */
import { pathToFileURL } from 'node:url';
import type { ApplicationName, CarrierName, NodeId } from '../../actors/vocabulary.ts';
import { InterplexError } from '../errors.ts';
import { limits } from '../limits.ts';
import { invalid, requireKnown, requireObject, requireOptions, type Known } from '../options.ts';
import { parseNodes, type NodeConfiguration, type NodesGiven } from './node-settings.ts';
import { logLevels, type LogLevel, type LogOptions } from '../runtime/log.ts';
import { parseInspectorOptions, type InspectorOptions } from '../inspect/options.ts';
import type { Vipa, VipaRange } from '../transfer/vipa.ts';
import {
  parseMessaging,
  requireAdaptersApart,
  type MessagingConfiguration,
  type MessagingSettings,
} from './messaging-settings.ts';
import { duration, knownNode, listed, parseName, requireAtMost } from './parsing.ts';
import {
  isRange,
  parseRange,
  parseVipa,
  requireApart,
  type VipaSettings,
} from './vipa-settings.ts';

export type { MessagingSettings } from './messaging-settings.ts';
export type { NodeSettings } from './node-settings.ts';

export interface ClusterOptions {
  /** Modules by application name: a URL, or a path. */
  readonly applications: Readonly<Record<string, URL | string>>;
  /** By name, or as a list in which each has its `id`. */
  readonly nodes: NodesGiven;
  readonly vipas?: Readonly<Record<string, VipaSettings>>;
  /**
   * The nodes of this process; other processes run the rest, with the same configuration and seeds
   * to find each other by. Default: all. A VIPA's owner and backups run in one process.
   */
  readonly here?: readonly string[];
  /** The cluster's key, and where its other processes are found. */
  readonly messaging?: MessagingSettings;
  /**
   * How connections may move, the preferred first; what cannot be used is passed over. Default
   * `['descriptor', 'relay']`.
   */
  readonly carriers?: readonly ('descriptor' | 'relay')[];
  readonly log?: LogOptions;
  /** How long applications may say goodbye before their clients are closed. Default 5 000 ms. */
  readonly drainMs?: number;
  /** How long a node may take to start. Default 30 000 ms. */
  readonly startMs?: number;
  /** Serves a page that shows what runs. Default: none. */
  readonly inspect?: InspectorOptions;
}

const knownOptions: Known<ClusterOptions> = {
  applications: true,
  nodes: true,
  vipas: true,
  here: true,
  messaging: true,
  carriers: true,
  log: true,
  drainMs: true,
  startMs: true,
  inspect: true,
};
/** The same, checked; every thread gets a copy. */
export interface Configuration {
  readonly nodes: readonly NodeConfiguration[];
  readonly applications: ReadonlyMap<ApplicationName, string>;
  readonly vipas: readonly Vipa[];
  readonly ranges: readonly VipaRange[];
  /** The nodes of this process. */
  readonly here: readonly NodeId[];
  readonly messaging: MessagingConfiguration;
  readonly drainMs: number;
  readonly startMs: number;
  readonly carriers: readonly CarrierName[];
  readonly logLevel: LogLevel;
  readonly inspect: InspectorOptions | undefined;
}

/**
 * Throws IPX_OPTION_INVALID, IPX_NAME_INVALID, IPX_NAME_TAKEN, IPX_NODE_UNKNOWN,
 * IPX_APPLICATION_UNKNOWN, IPX_VIPA_OWNER, IPX_KEY_INVALID, IPX_KEY_MISSING or
 * IPX_ADAPTERS_OVERLAP.
 */
export function parseConfiguration(options: ClusterOptions): Configuration {
  requireOptions('startCluster()', options, 'give at least { applications, nodes }');
  requireKnown('', options, knownOptions);
  const { vipas = {}, log = {} } = options;
  const applications = parseApplications(options.applications ?? {});
  const messaging = parseMessaging(options.messaging ?? {});
  const nodes = parseNodes(options.nodes, applications, messaging);
  requireAdaptersApart(nodes);
  requireObject('vipas', vipas);
  const settings = Object.entries(vipas);
  requireAtMost('vipas', settings.length, limits.nodesMax);
  const known = { nodes: nodes.map(({ id }) => id), applications: [...applications.keys()] };
  const endpoints = settings.flatMap(([name, vipa]) =>
    isRange(vipa) ? [] : parseVipa(name, vipa, known),
  );
  requireApart(endpoints);
  const here = parseHere(options.here, known.nodes);
  requireTogether(endpoints, here);
  return {
    nodes,
    applications,
    vipas: endpoints,
    ranges: settings.flatMap(([name, vipa]) => (isRange(vipa) ? parseRange(name, vipa) : [])),
    here,
    messaging,
    drainMs: duration('drainMs', options.drainMs ?? limits.drainMs),
    startMs: duration('startMs', options.startMs ?? limits.startMs),
    carriers: parseCarriers(options.carriers ?? ['descriptor', 'relay']),
    logLevel: parseLevel(log),
    inspect: parseInspect(options.inspect),
  };
}

/** The applications that a node runs, and the endpoints that it may own. */
export function dutiesOf(configuration: Configuration, id: NodeId) {
  const duties = configuration.vipas.filter(({ preference }) => preference.includes(id));
  const routing = [...new Set(duties.map((vipa) => vipa.routing))];
  const targets = configuration.nodes.find((node) => node.id === id)?.run ?? [];
  return {
    applications: [
      ...routing.map((application) => ({ application, role: 'routing' as const })),
      ...targets.map((application) => ({ application, role: 'target' as const })),
    ],
    endpoints: duties.map(({ name: vipa, preference, takeback }) => {
      return { vipa, preference, takeback };
    }),
  };
}

/** Throws IPX_OPTION_INVALID or IPX_NODE_UNKNOWN. */
function parseHere(given: readonly string[] | undefined, all: readonly NodeId[]) {
  if (given === undefined) return all;
  const here = listed('here', given).map((name) => knownNode('here', name, all));
  if (here.length === 0) throw invalid('here', 'name at least one node');
  return all.filter((id) => here.includes(id));
}

/** Leases of VIPAs are in the memory of a process (CT-14). Throws IPX_VIPA_OWNER. */
function requireTogether(vipas: readonly Vipa[], here: readonly NodeId[]): void {
  for (const { name, preference } of vipas) {
    const own = preference.filter((node) => here.includes(node));
    if (own.length === 0 || own.length === preference.length) continue;
    throw new InterplexError(
      'IPX_VIPA_OWNER',
      `VIPA "${name}" may be owned by ${preference.join(', ')}, of which only ${own.join(', ')} ` +
        'run in this process: its owner and backups take over from each other within one process.',
    );
  }
}

function parseInspect(options: InspectorOptions | undefined): InspectorOptions | undefined {
  if (options !== undefined) parseInspectorOptions('inspect', options);
  return options;
}

function parseLevel(log: LogOptions): LogLevel {
  requireObject('log', log);
  requireKnown('log', log, { level: true } satisfies Known<LogOptions>);
  const { level = 'info' } = log;
  if (logLevels.includes(level)) return level;
  throw invalid('log.level', `"${level}" is none of ${logLevels.join(', ')}`);
}

function parseCarriers(names: readonly CarrierName[]): readonly CarrierName[] {
  const given = listed('carriers', names);
  const unknown = given.find((name) => name !== 'descriptor' && name !== 'relay');
  if (given.length > 0 && unknown === undefined) return names;
  throw invalid('carriers', 'give one or both of "descriptor" and "relay"');
}

function parseApplications(given: ClusterOptions['applications']) {
  requireObject('applications', given);
  const entries = Object.entries(given).map(([name, source]) => {
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
