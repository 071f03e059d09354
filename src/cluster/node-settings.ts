/** What a user says of one node, parsed. */
import type { ResourceLimits } from 'node:worker_threads';
import type { SupervisionInput } from '../../actors/supervision.ts';
import type { ApplicationName, NodeId } from '../../actors/vocabulary.ts';
import { InterplexError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { AdapterOptions } from '../messaging/settings.ts';
import { invalid, requireKnown, requireObject, type Known } from '../options.ts';
import { parseSupervision, type SupervisionOptions } from '../runtime/supervisor.ts';
import { parseAdapters, type MessagingConfiguration } from './messaging-settings.ts';
import {
  parseDataPorts,
  type DataPortConfiguration,
  type DataPortSettings,
} from './node-data-ports.ts';
import { knownApplication, listed, parseName, requireAtMost } from './parsing.ts';

/** One node of a cluster. */
export interface NodeSettings {
  /** Applications that serve as targets at this node. */
  readonly run?: readonly string[];
  /** Applications whose `actors` function is called when it starts. */
  readonly actors?: readonly string[];
  /** Where it takes cluster messages, the primary first. Default: loopback, at any port (CM-2). */
  readonly adapters?: readonly AdapterOptions[];
  /** What a crash of its thread leads to. Default: a restart, 5 times within 60 s. */
  readonly supervision?: SupervisionOptions;
  /** Where, and how, it takes data ports. */
  readonly dataPorts?: DataPortSettings;
  /** Limits of its thread, as `new Worker` takes them. */
  readonly resourceLimits?: ResourceLimits;
}

/** The same, checked. */
export interface NodeConfiguration {
  readonly id: NodeId;
  readonly run: readonly ApplicationName[];
  readonly actors: readonly ApplicationName[];
  readonly adapters: readonly AdapterOptions[];
  readonly supervision: SupervisionInput;
  readonly dataPorts: DataPortConfiguration;
  readonly resourceLimits: ResourceLimits;
}

/** By name, or as a list in which each has its `id`. */
export type NodesGiven =
  | Readonly<Record<string, NodeSettings>>
  | readonly (NodeSettings & { readonly id: string })[];

const knownOfNode: Known<NodeSettings> = {
  run: true,
  actors: true,
  adapters: true,
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

/** Throws IPX_OPTION_INVALID, IPX_NAME_INVALID, IPX_NAME_TAKEN or IPX_APPLICATION_UNKNOWN. */
export function parseNodes(
  given: NodesGiven,
  applications: ReadonlyMap<ApplicationName, string>,
  messaging: MessagingConfiguration,
): readonly NodeConfiguration[] {
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
    const { id, run = [], actors = [], resourceLimits = {}, supervision = {}, adapters } = settings;
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
      adapters: parseAdapters(id, messaging, adapters),
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

const isList = (nodes: NodesGiven): nodes is readonly (NodeSettings & { readonly id: string })[] =>
  Array.isArray(nodes);
