/** One node in the current thread: a cluster of one, for tests, tools and small programs. */
import type { NodeId } from '../../actors/vocabulary.ts';
import { requireKnown, requireObject, requireOptions, type Known } from '../options.ts';
import type { NodeActors } from '../runtime/node-actors.ts';
import { mainLog, standardError, type LogOptions } from '../runtime/log.ts';
import type { ApplicationModule } from '../transfer/application-module.ts';
import type { Route } from '../transfer/routing-table.ts';
import type { Target } from '../../actors/vocabulary.ts';
import { parseConfiguration } from './configuration.ts';
import { parseName } from './parsing.ts';
import {
  isRange,
  type DefinedVipa,
  type DistributedVipa,
  type VipaSettings,
} from './vipa-settings.ts';
import type { AcceptedPorts } from '../data-port/data-ports.ts';
import type { OpenDataPortOptions } from '../data-port/open-options.ts';
import type { DataPort } from '../data-port/port.ts';
import type { AcceptFunction } from '../data-port/reception.ts';
import type { TlsSettings } from '../io/port-wire.ts';
import type { DataPortSettings } from './node-data-ports.ts';
import { NodeRuntime } from './node-runtime.ts';
import type { ApplicationFailure } from './node-world.ts';
import { sharedMemory } from './shared-memory.ts';

type Unowned = 'owner' | 'backups' | 'takeback';
/** A VIPA of a cluster of one: the node owns it. */
export type NodeVipa = Omit<DefinedVipa, Unowned> | Omit<DistributedVipa, Unowned>;

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
  readonly log?: LogOptions;
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
  log: true,
  drainMs: true,
  startMs: true,
  onFailure: true,
};

/** An endpoint that is open, with the port that it got. */
export interface Endpoint {
  readonly vipa: string;
  readonly address: string;
  readonly port: number;
}

/** A node that runs in this thread. */
export interface Node extends AsyncDisposable {
  readonly id: string;
  readonly actors: NodeActors;
  /** Where clients connect. */
  readonly endpoints: readonly Endpoint[];
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
  const { id, applications, run = [], actors = [], vipas = {}, ...others } = options;
  const { onFailure = () => {}, dataPorts = {}, ...rest } = others;
  parseName('a node', id);
  requireObject('applications', applications);
  requireObject('vipas', vipas);
  const modules = new Map<string, ApplicationModule>();
  const urls: Record<string, URL | string> = {};
  for (const [name, source] of Object.entries(applications)) {
    const isModule = typeof source === 'object' && source !== null && !(source instanceof URL);
    if (isModule) modules.set(name, source);
    urls[name] = isModule ? `module:${name}` : source;
  }
  const configuration = parseConfiguration({
    ...rest,
    applications: urls,
    nodes: { [id]: { run, actors, dataPorts } },
    vipas: ownedBy(id, vipas),
  });
  const endpoints: Endpoint[] = [];
  const node = new NodeRuntime({
    id: id as NodeId,
    configuration,
    memory: sharedMemory(configuration),
    held: new Map(),
    living: [id as NodeId],
    onOpen: (name, port) => {
      const address = configuration.vipas.find((vipa) => vipa.name === name)?.address ?? '';
      endpoints.push({ vipa: name, address, port });
    },
    log: mainLog(standardError(), configuration.logLevel).child({ node: id }),
    modules,
    onFailure,
  });
  await node.start();
  return {
    id,
    actors: node.actors,
    endpoints,
    routes: () => node.routes.table.rows(),
    targets: () => node.stack.listings.targets(),
    ...dataPortsOf(node),
    stop: () => node.stop(),
    [Symbol.asyncDispose]: () => node.stop(),
  };
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
