/** One node in the current thread: a process' only one, for tests, tools and small programs. */
import type { NodeId } from '../../actors/vocabulary.ts';
import { requireKnown, requireObject, requireOptions, type Known } from '../options.ts';
import type { Member } from '../messaging/events.ts';
import type { AddressTableView, Messenger } from '../messaging/messenger.ts';
import type { AdapterOptions } from '../messaging/settings.ts';
import { poolsIn } from '../ports/pool-figures.ts';
import type { SourcePorts } from '../ports/source-ports.ts';
import type { InspectorOptions } from '../inspect/options.ts';
import type { NodeActors } from '../runtime/node-actors.ts';
import { noteSight } from '../runtime/sight.ts';
import { mainLog, standardError, type LogOptions } from '../runtime/log.ts';
import type { ApplicationModule } from '../transfer/application-module.ts';
import type { Route } from '../transfer/routing-table.ts';
import type { Target } from '../../actors/vocabulary.ts';
import { parseConfiguration } from './configuration.ts';
import type { MessagingSettings } from './messaging-settings.ts';
import { parseName } from './parsing.ts';
import {
  isRange,
  type DefinedVipa,
  type DistributedVipa,
  type RangeVipa,
  type VipaSettings,
} from './vipa-settings.ts';
import { newClusterKey } from './new-messenger.ts';
import type { AcceptedPorts, AcceptFunction } from '../data-port/data-ports.ts';
import type { OpenDataPortOptions } from '../data-port/open-options.ts';
import type { DataPort } from '../data-port/port.ts';
import type { TlsSettings } from '../io/port-wire.ts';
import type { DataPortSettings } from './node-data-ports.ts';
import { NodeInspection, type Endpoint } from './node-inspection.ts';
import { NodeRuntime } from './node-runtime.ts';
import type { ApplicationFailure, NodeRuntimeOptions } from './node-world.ts';
import { openPools } from './cluster-ports.ts';
import { HostPorts } from './host-ports.ts';
import { ofNode, tellPorts } from './told-ports.ts';
import { sharedMemory, type SharedMemory } from './shared-memory.ts';

type Unowned = 'owner' | 'backups' | 'takeback';
/** A VIPA of a cluster of one: the node owns it. */
export type NodeVipa = Omit<DefinedVipa, Unowned> | Omit<DistributedVipa, Unowned> | RangeVipa;

export interface NodeOptions {
  readonly id: string;
  /** By name: a module's URL or path, or what it would export. */
  readonly applications: Readonly<Record<string, URL | string | ApplicationModule>>;
  /** Applications that serve as targets. */
  readonly run?: readonly string[];
  /** Applications whose `actors` function is called when it starts. */
  readonly actors?: readonly string[];
  /** Where, and how, it takes data ports. */
  readonly dataPorts?: DataPortSettings;
  /** The endpoints that it owns. */
  readonly vipas?: Readonly<Record<string, NodeVipa>>;
  /** Where it takes cluster messages, the primary first. Default: loopback, at any port (CM-2). */
  readonly adapters?: readonly AdapterOptions[];
  /** The cluster's key, and where its other processes are found. */
  readonly messaging?: MessagingSettings;
  readonly log?: LogOptions;
  /** An inspector of its own: where its page is served (AF-7). Default: none. */
  readonly inspect?: InspectorOptions;
  readonly drainMs?: number;
  readonly startMs?: number;
  readonly onFailure?: (failure: ApplicationFailure) => void;
}

const knownOptions: Known<NodeOptions> = {
  id: true,
  applications: true,
  run: true,
  actors: true,
  dataPorts: true,
  vipas: true,
  adapters: true,
  messaging: true,
  log: true,
  inspect: true,
  drainMs: true,
  startMs: true,
  onFailure: true,
};

/** A node that runs in this thread. */
export interface Node extends AsyncDisposable {
  readonly id: string;
  readonly actors: NodeActors;
  readonly messenger: Messenger;
  readonly addressTable: AddressTableView;
  /** The other nodes of its cluster, as this one sees them (CM-6). */
  members(): readonly Member[];
  /** Source ports of its VIPAs' addresses, which it may share with other processes. */
  readonly ports: SourcePorts;
  /** Where clients connect. */
  readonly endpoints: readonly Endpoint[];
  /** Where the inspector is opened; `undefined` without one. */
  readonly inspectorUrl: string | undefined;
  /** Connections that it accepted and that have moved. */
  routes(): readonly Route[];
  targets(): readonly Target[];
  /** Opens a data port to another node (DP-1). */
  openDataPort(options: OpenDataPortOptions): Promise<DataPort>;
  /** Accepts data ports of a service from other nodes. */
  acceptDataPorts(service: string, handler: AcceptFunction): Promise<AcceptedPorts>;
  /** Data ports that are opened from now on show these certificates. */
  reloadCertificates(settings: TlsSettings): void;
  /** Drains, then closes all. */
  stop(): Promise<void>;
}

/** Settles when the node takes clients. Rejects as `startCluster` does. */
export async function startNode(options: NodeOptions): Promise<Node> {
  requireOptions('startNode()', options, 'give at least { id, applications }');
  requireKnown('', options, knownOptions);
  const { id, applications, run = [], actors = [], vipas = {}, adapters, ...others } = options;
  const { onFailure = () => {}, dataPorts = {}, ...rest } = others;
  parseName('a node', id);
  requireObject('applications', applications);
  requireObject('vipas', vipas);
  const { modules, urls } = modulesOf(applications);
  const configuration = parseConfiguration({
    ...rest,
    applications: urls,
    nodes: { [id]: { run, actors, dataPorts, ...(adapters && { adapters }) } },
    vipas: ownedBy(id, vipas),
  });
  const inspection = await NodeInspection.open(configuration);
  try {
    const given = { id: id as NodeId, configuration, modules, onFailure };
    return await startHere(given, inspection);
  } catch (error) {
    await inspection?.close();
    throw error;
  }
}

type Given = Pick<NodeRuntimeOptions, 'id' | 'configuration' | 'modules' | 'onFailure'>;

async function startHere(given: Given, inspection: NodeInspection | undefined): Promise<Node> {
  const { id, configuration } = given;
  const endpoints: Endpoint[] = [];
  const log = mainLog(standardError(), configuration.logLevel).child({ node: id });
  const memory = sharedMemory(configuration);
  const host = new HostPorts(memory.ports, 0, (pool) => node.ports.stackOf(pool));
  const node = new NodeRuntime({
    ...given,
    memory,
    held: new Map(),
    living: [id],
    onOpen: (vipa, port) => {
      const address = configuration.vipas.find(({ name }) => name === vipa)?.address ?? '';
      endpoints.push({ vipa, address, port });
    },
    log,
    inspection: inspection?.tapOf(id),
    wantPorts: host.want,
  });
  inspection?.follow(node, endpoints);
  try {
    await openPools(host, node.ports, memory.ports, configuration, log);
    await begin(node);
  } catch (error) {
    await host.close();
    throw error;
  }
  const stopTelling = tellPortsOf(node, memory, host);
  const stop = async () => {
    stopTelling();
    await node.stop();
    await host.close();
    await inspection?.close();
  };
  return faceOf(node, endpoints, { url: inspection?.url, stop });
}

/** For `interplex ports`, if it shares any. */
function tellPortsOf({ id, ports }: NodeRuntime, memory: SharedMemory, host: HostPorts) {
  if (memory.ports.length === 0) return () => undefined;
  return tellPorts({
    pools: () => poolsIn(memory.ports, ports.names, (pool) => host.sharesOf(pool)),
    destinations: async () => ofNode(id, ports.sources.destinationFigures()),
  });
}

/** Nothing of it is left where it cannot start. */
async function begin(node: NodeRuntime): Promise<void> {
  await node.messaging.open({ rows: [], madeKey: newClusterKey() });
  try {
    await node.start();
  } catch (error) {
    await node.messaging.close();
    throw error;
  }
}

function faceOf(
  node: NodeRuntime,
  endpoints: readonly Endpoint[],
  { url, stop }: { readonly url: string | undefined; readonly stop: () => Promise<void> },
): Node {
  const { messenger } = node.messaging;
  const face: Node = {
    id: node.id,
    actors: node.actors,
    ports: node.ports.sources,
    endpoints,
    inspectorUrl: url,
    messenger,
    addressTable: messenger.addressTable,
    members: () => messenger.members(),
    routes: () => node.routes.table.rows(),
    targets: () => node.stack.listings.targets(),
    ...dataPortsOf(node),
    stop,
    [Symbol.asyncDispose]: stop,
  };
  noteSight(face, node.sight);
  return face;
}

/** Modules that are at hand, and where the others are. */
function modulesOf(applications: NodeOptions['applications']) {
  const modules = new Map<string, ApplicationModule>();
  const urls: Record<string, URL | string> = {};
  for (const [name, source] of Object.entries(applications)) {
    const isModule = typeof source === 'object' && source !== null && !(source instanceof URL);
    if (isModule) modules.set(name, source);
    urls[name] = isModule ? `module:${name}` : source;
  }
  return { modules, urls };
}

const dataPortsOf = ({ dataPorts }: NodeRuntime) => ({
  openDataPort: (order: OpenDataPortOptions) => dataPorts.open(order),
  acceptDataPorts: (service: string, accept: AcceptFunction) => dataPorts.accept(service, accept),
  reloadCertificates: (settings: TlsSettings) => dataPorts.reloadCertificates(settings),
});

function ownedBy(owner: string, vipas: Readonly<Record<string, NodeVipa>>) {
  const owned = Object.entries(vipas).map(([name, vipa]) => {
    requireObject(`vipas.${name}`, vipa);
    const settings = { ...vipa, owner } as VipaSettings;
    return [name, isRange(settings) ? vipa : settings] as const; // Nobody owns a whole range.
  });
  return Object.fromEntries(owned) as Readonly<Record<string, VipaSettings>>;
}
