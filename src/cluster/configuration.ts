/** A cluster's configuration, parsed: names are checked here once, and trusted everywhere else. */
import type { ResourceLimits } from 'node:worker_threads';
import { pathToFileURL } from 'node:url';
import type { ApplicationName, CarrierName, NodeId } from '../../actors/vocabulary.ts';
import { InterplexError } from '../errors.ts';
import { limits } from '../limits.ts';
import { invalid, requireKnown, requireObject, requireOptions, type Known } from '../options.ts';
import type { SupervisionInput } from '../../actors/supervision.ts';
import {
  parseDataPorts,
  type DataPortConfiguration,
  type DataPortSettings,
} from './node-data-ports.ts';
import { logLevels, type LogLevel, type LogOptions } from '../runtime/log.ts';
import { parseSupervision, type SupervisionOptions } from '../runtime/supervisor.ts';
import type { Vipa, VipaRange } from '../transfer/vipa.ts';
import { duration, knownApplication, listed, parseName, requireAtMost } from './parsing.ts';
import {
  isRange,
  parseRange,
  parseVipa,
  requireApart,
  type VipaSettings,
} from './vipa-settings.ts';

/** One node of a cluster. */
export interface NodeSettings {
  /** Applications that serve as targets at this node. */
  readonly run?: readonly string[];
  /** Applications whose `actors` function is called when it starts. */
  readonly actors?: readonly string[];
  /** What a crash of its thread leads to. Default: a restart, 5 times within 60 s. */
  readonly supervision?: SupervisionOptions;
  /** Where, and how, it takes data ports. */
  readonly dataPorts?: DataPortSettings;
  /** Limits of its thread, as `new Worker` takes them. */
  readonly resourceLimits?: ResourceLimits;
}

export interface ClusterOptions {
  /** Modules by application name: a URL, or a path. */
  readonly applications: Readonly<Record<string, URL | string>>;
  /** By name, or as a list in which each has its `id`. */
  readonly nodes:
    | Readonly<Record<string, NodeSettings>>
    | readonly (NodeSettings & { readonly id: string })[];
  readonly vipas?: Readonly<Record<string, VipaSettings>>;
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
}

const knownOptions: Known<ClusterOptions> = {
  applications: true,
  nodes: true,
  vipas: true,
  carriers: true,
  log: true,
  drainMs: true,
  startMs: true,
};
const knownOfNode: Known<NodeSettings> = {
  run: true,
  actors: true,
  supervision: true,
  dataPorts: true,
  resourceLimits: true,
};
const knownLimits: Known<ResourceLimits> = {
  maxOldGenerationSizeMb: true,
  maxYoungGenerationSizeMb: true,
  codeRangeSizeMb: true,
  stackSizeMb: true,
};

/** The same, checked; every thread gets a copy. */
export interface Configuration {
  readonly nodes: readonly {
    readonly id: NodeId;
    readonly run: readonly ApplicationName[];
    readonly actors: readonly ApplicationName[];
    readonly supervision: SupervisionInput;
    readonly dataPorts: DataPortConfiguration;
    readonly resourceLimits: ResourceLimits;
  }[];
  readonly applications: ReadonlyMap<ApplicationName, string>;
  readonly vipas: readonly Vipa[];
  readonly ranges: readonly VipaRange[];
  readonly drainMs: number;
  readonly startMs: number;
  readonly carriers: readonly CarrierName[];
  readonly logLevel: LogLevel;
}

/**
 * Throws IPX_OPTION_INVALID, IPX_NAME_INVALID, IPX_NAME_TAKEN, IPX_NODE_UNKNOWN,
 * IPX_APPLICATION_UNKNOWN or IPX_VIPA_OWNER.
 */
export function parseConfiguration(options: ClusterOptions): Configuration {
  requireOptions('startCluster()', options, 'give at least { applications, nodes }');
  requireKnown('', options, knownOptions);
  const { vipas = {}, log = {} } = options;
  const applications = parseApplications(options.applications ?? {});
  const nodes = parseNodes(options.nodes, applications);
  requireObject('vipas', vipas);
  const settings = Object.entries(vipas);
  requireAtMost('vipas', settings.length, limits.nodesMax);
  const known = { nodes: nodes.map(({ id }) => id), applications: [...applications.keys()] };
  const endpoints = settings.flatMap(([name, vipa]) =>
    isRange(vipa) ? [] : parseVipa(name, vipa, known),
  );
  requireApart(endpoints);
  return {
    nodes,
    applications,
    vipas: endpoints,
    ranges: settings.flatMap(([name, vipa]) => (isRange(vipa) ? parseRange(name, vipa) : [])),
    drainMs: duration('drainMs', options.drainMs ?? limits.drainMs),
    startMs: duration('startMs', options.startMs ?? limits.startMs),
    carriers: parseCarriers(options.carriers ?? ['descriptor', 'relay']),
    logLevel: parseLevel(log),
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

function parseNodes(
  given: ClusterOptions['nodes'],
  applications: ReadonlyMap<ApplicationName, string>,
): Configuration['nodes'] {
  const list = isList(given)
    ? given
    : Object.entries(given ?? {}).map(([id, settings]) => {
        requireObject(`nodes.${id}`, settings);
        requireKnown(`nodes.${id}`, settings, knownOfNode);
        return { id, ...settings };
      });
  requireAtMost('nodes', list.length, limits.nodesMax);
  const known = [...applications.keys()];
  if (list.length === 0) throw invalid('nodes', 'give at least one');
  const seen = new Set<string>();
  return list.map((settings, index) => {
    requireObject(`nodes.${settings?.id ?? index}`, settings);
    requireKnown(`nodes.${settings.id ?? index}`, settings, { id: true, ...knownOfNode });
    const { id, run = [], actors = [], resourceLimits = {}, supervision = {} } = settings;
    const { dataPorts = {} } = settings;
    parseName('a node', id);
    if (seen.has(id)) {
      const sentence = `Two nodes are called "${id}": every node needs a name of its own.`;
      throw new InterplexError('IPX_NAME_TAKEN', sentence);
    }
    seen.add(id);
    const at = `nodes.${id}`;
    const own = listed(`${at}.run`, run).map((name) => knownApplication(`${at}.run`, name, known));
    return {
      id: id as NodeId,
      run: [...new Set(own)],
      actors: listed(`${at}.actors`, actors).map((name) =>
        knownApplication(`${at}.actors`, name, known),
      ),
      supervision: parseSupervision(`${at}.supervision`, supervision),
      dataPorts: parseDataPorts(`${at}.dataPorts`, dataPorts),
      resourceLimits: parseResourceLimits(`${at}.resourceLimits`, resourceLimits),
    };
  });
}

/** Node ignores what it does not know, and fails late by what it cannot use. */
function parseResourceLimits(at: string, given: ResourceLimits): ResourceLimits {
  requireObject(at, given);
  requireKnown(at, given, knownLimits);
  for (const [name, value] of Object.entries(given)) {
    const isUsable = typeof value === 'number' && value > 0;
    if (!isUsable) throw invalid(`${at}.${name}`, `${String(value)} is no number over 0`);
  }
  return given;
}

const isList = (
  nodes: ClusterOptions['nodes'],
): nodes is readonly (NodeSettings & { readonly id: string })[] => Array.isArray(nodes);
