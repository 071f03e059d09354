/** A running cluster: nodes in worker threads, and what survives any of them. */
import type { Logger } from 'pino';
import type { NodeId, VipaName } from '../../actors/vocabulary.ts';
import { InterplexError, sentenceOf } from '../errors.ts';
import { ClusterTeller } from './cluster-events.ts';
import { ClusterPorts } from './cluster-ports.ts';
import type { ClusterInspection, ClusterWorld } from './cluster-inspection.ts';
import { ClusterView, type ClusterRoute, type ClusterVipa } from './cluster-view.ts';
import { ClusterMessaging, type ClusterMember } from './cluster-messaging.ts';
import type { NodeDestination, PortConflict, PortPool, SharedPorts } from '../ports/names.ts';
import type { Configuration } from './configuration.ts';
import { Estate } from './estate.ts';
import type { HeldEndpoints } from './held-endpoints.ts';
import { sharedMemory, type SharedMemory } from './shared-memory.ts';
import { NodeRoster } from './node-roster.ts';
import { NodeThread, type ThreadEnd } from './node-thread.ts';
import { NodeSupervision } from './node-supervision.ts';
import { NodeWatch } from './node-watch.ts';
import type { NodeReport } from './node-worker.ts';
import { VitalSigns, type Figures, type NodeVitals } from './vital-signs.ts';

type NodeEnd = ThreadEnd & { readonly relayedClients: number };

export class Cluster extends ClusterTeller implements AsyncDisposable {
  readonly #configuration: Configuration;
  readonly #memory: SharedMemory;
  readonly #view: ClusterView;
  readonly #ports: ClusterPorts;
  readonly #vitalSigns: VitalSigns;
  readonly #supervision: NodeSupervision;
  readonly #watch: NodeWatch;
  readonly #held: HeldEndpoints;
  readonly #messaging = new ClusterMessaging((member) => this.tell('member.changed', member));
  /** Where nothing is held, the ports that owners told of. */
  readonly #portsTold = new Map<VipaName, number>();
  readonly #writeLine: (line: string) => void;
  readonly #log: Logger;
  readonly #inspection: ClusterInspection | undefined;
  readonly #roster: NodeRoster;
  /** Ends that are being cleared away; a node of that name starts after its own. */
  readonly #clearing = new Map<NodeId, Promise<void>>();
  /** What dead nodes left and is not cleared away yet. */
  readonly #estates = new Set<Promise<void>>();
  #isStopping = false;

  /** For `startCluster`. */
  constructor(
    configuration: Configuration,
    held: HeldEndpoints,
    { log, writeLine, inspection }: ClusterWorld,
  ) {
    super();
    this.#configuration = configuration;
    this.#memory = sharedMemory(configuration);
    this.#view = new ClusterView(configuration, this.#memory);
    const world = { log, inspection, nodes: () => this.#roster.threads };
    this.#ports = new ClusterPorts(configuration, this.#memory.ports, world);
    this.#vitalSigns = new VitalSigns(this.#memory.vitalSigns);
    this.#held = held;
    this.#log = log;
    this.#writeLine = writeLine;
    this.#inspection = inspection;
    this.#roster = new NodeRoster(configuration.nodes.map(({ id }) => id));
    this.#supervision = this.#newSupervision();
    this.#watch = this.#newWatch();
  }

  /** Where the inspector is opened; `undefined` without one. */
  get inspectorUrl(): string | undefined {
    return this.#inspection?.url;
  }

  /** The names of the nodes that live, in the configuration's order. */
  nodes(): readonly string[] {
    return this.#roster.names;
  }

  /** The nodes of this process that live, and those of others, as these see them (CM-9). */
  members(): readonly ClusterMember[] {
    return this.#messaging.members(this.nodes());
  }

  /** The connection routing table, from shared memory: no node is asked. */
  routes(): readonly ClusterRoute[] {
    return this.#view.routes();
  }

  /** Where clients connect, and who owns each endpoint by the coupling facility's word. */
  vipas(): readonly ClusterVipa[] {
    const portOf = (name: VipaName) => this.#held.ports.get(name) ?? this.#portsTold.get(name);
    return this.#view.vipas(this.nodes(), portOf);
  }

  /** Shares a VIPA's ports from now on (SP-8); connections that live keep theirs, or conflict. */
  sharePorts(vipa: string, settings: SharedPorts = true): Promise<readonly PortConflict[]> {
    return this.#ports.share(vipa, settings);
  }

  /** Source ports that nodes share: free, leased, in use and at rest, from shared memory. */
  ports(): readonly PortPool[] {
    return this.#ports.view();
  }

  /** Where connections from them go, asked of each node: one that stands still is passed over. */
  portDestinations(): Promise<readonly NodeDestination[]> {
    return this.#ports.destinations();
  }

  /** What each living node told last, four times a second, in the order of `nodes()`: unasked. */
  vitals(): readonly NodeVitals[] {
    return this.#configuration.nodes.flatMap(({ id }) => {
      const thread = this.#roster.get(id);
      const told = this.#vitalSigns.read(this.#view.indexOf(id));
      if (!thread || !told) return [];
      const eventLoopUse = this.#watch.eventLoopUse(thread);
      const restarts = this.#supervision.restartsOf(id);
      return { node: id, ...told.figures, ageMs: told.ageMs, eventLoopUse, restarts };
    });
  }

  /**
   * The node's own figures, asked for now. Rejects: IPX_NODE_UNKNOWN, IPX_NODE_LOST when it ends
   * meanwhile, IPX_NODE_BLOCKED when it does not answer within a second.
   */
  async health(node: string): Promise<Figures> {
    return this.#roster.living(node).health();
  }

  /**
   * Ends a node's thread at once, as a crash would; its clients are closed. Settles when its
   * sockets are closed and the others know, but for blocked ones. No restart of it is to come.
   */
  async kill(node: string): Promise<void> {
    const isAlive = this.nodes().includes(node);
    if (isAlive || !this.#supervision.callOff(node)) await this.#roster.living(node).kill();
    await this.#clearing.get(node as NodeId);
  }

  /** Drains one node, then ends it; nothing restarts it. Rejects: IPX_NODE_UNKNOWN. */
  async drain(node: string): Promise<void> {
    await this.#roster.living(node).stop();
    await this.#clearing.get(node as NodeId);
  }

  /** Starts a node again that has ended. Throws IPX_NAME_TAKEN while it lives. */
  async restart(node: string): Promise<void> {
    const known = this.#configuration.here.find((id) => id === node);
    if (known === undefined) throw this.#roster.unknown(node);
    await this.startNodes([known]);
  }

  /** Drains all nodes, then ends them. Called again, it waits for the same end. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#supervision.stop();
    this.#watch.stop();
    await Promise.all(this.#roster.threads.map((thread) => thread.stop()));
    await Promise.all(this.#clearing.values());
    await Promise.all(this.#estates);
    this.#held.close();
    await this.#ports.close();
    await this.#inspection?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /**
   * For `startCluster`: starts nodes, linked to all that live. Those `expected` soon count as
   * living, so that no backup takes over before its owner has begun. Rejects with what failed.
   */
  async startNodes(ids: readonly NodeId[], expected: readonly NodeId[] = []): Promise<void> {
    for (const id of ids) this.#requireEnded(id);
    await Promise.all([this.#ports.opened, ...ids.map((id) => this.#clearing.get(id))]);
    const living = [...new Set([...this.#roster.names, ...ids, ...expected])];
    const threads = ids.map((id) => this.#spawn(id, living));
    try {
      await this.#messaging.introduce(threads);
      await Promise.all(threads.map((thread) => this.#roster.introduce(thread)));
      await Promise.all(threads.map((thread) => this.#open(thread)));
    } catch (error) {
      // No half of a node stays: it would hold the name.
      await Promise.all(threads.map((thread) => thread.stop()));
      await Promise.all(ids.map(async (id) => this.#clearing.get(id)));
      throw error;
    }
  }

  async #open(thread: NodeThread): Promise<void> {
    await thread.start();
    this.#supervision.started(thread.id);
    this.tell('node.started', { node: thread.id, threadId: thread.threadId ?? 0 });
  }

  #requireEnded(id: NodeId): void {
    if (this.#isStopping) {
      throw new InterplexError('IPX_CLUSTER_STOPPED', 'The cluster is stopping: start another.');
    }
    this.#roster.requireEnded(id);
  }

  #spawn(id: NodeId, living: readonly NodeId[]): NodeThread {
    this.#requireEnded(id); // Asked again: it may have been started while its end was awaited.
    const settings = this.#configuration.nodes.find((node) => node.id === id);
    const thread = new NodeThread({
      id,
      configuration: this.#configuration,
      memory: this.#memory,
      held: this.#held.descriptors,
      living,
      resourceLimits: settings?.resourceLimits ?? {},
      inspection: this.#inspection?.tapOf(id),
      onReport: (report) => this.#hear(id, report),
      onEnding: () => (relayedClients = this.#view.relayedBy(id)),
    });
    let relayedClients = 0;
    this.#roster.add(thread);
    const cleared = thread.ended.then((end) => this.#clearAway(thread, { ...end, relayedClients }));
    this.#clearing.set(id, cleared);
    return thread;
  }

  async #clearAway({ id, threadId }: NodeThread, end: NodeEnd): Promise<void> {
    this.#roster.remove(id);
    this.#messaging.ended(id);
    if (end.cause === 'crashed') this.#log.error({ node: id }, `node crashed: ${end.reason}`);
    const index = this.#view.indexOf(id);
    this.#vitalSigns.clear(index);
    const estate = new Estate({
      node: id,
      index,
      memory: this.#memory,
      survivors: this.#configuration.nodes.map((node) => this.#roster.get(node.id)),
      isAlive: (thread) => this.#roster.get(thread.id) === thread,
      endStack: (stack) => this.#ports.end(stack),
    });
    this.#estates.add(estate.cleared);
    void estate.cleared.then(() => this.#estates.delete(estate.cleared));
    await estate.settle();
    this.tell('node.ended', { node: id, ...end });
    this.#supervision.ended(id, end, threadId !== undefined);
  }

  #newSupervision(): NodeSupervision {
    return new NodeSupervision(this.#configuration.nodes, {
      start: (node) => this.startNodes([node]),
      onRoot: this.#inspection?.sight.onRoot ?? (() => () => undefined),
      onRestarting: (node, restart) => {
        this.#log.warn({ node }, `node is restarted in ${restart.afterMs} ms: ${restart.reason}`);
        this.tell('node.restarting', { node, ...restart });
      },
      onFailed: (node, refusal) => {
        this.#log.error({ node }, `node stays down: ${refusal.reason}`);
        this.tell('node.failed', { node, ...refusal });
      },
      onEscalated: (node, refusal) => {
        this.#log.fatal({ node }, `the cluster ends with its node: ${refusal.reason}`);
        this.tell('cluster.failed', { node, ...refusal });
        this.stop().catch((error: unknown) => {
          this.#log.fatal({ node }, `the cluster has not ended whole: ${sentenceOf(error)}`);
        });
      },
    });
  }

  #newWatch(): NodeWatch {
    return new NodeWatch({
      vitalSigns: this.#vitalSigns,
      indexOf: (node) => this.#view.indexOf(node),
      // One that loads modules blocks its thread by right; its start has a limit of its own.
      threads: () => this.#roster.threads.filter(({ threadId }) => threadId !== undefined),
      onBlocked: (node, forMs) => {
        this.#log.warn({ node }, `its event loop has stood still for ${forMs} ms`);
        this.tell('node.blocked', { node, forMs });
      },
      onResumed: (node, afterMs) => this.tell('node.resumed', { node, afterMs }),
    });
  }

  #hear(node: NodeId, report: NodeReport): void {
    switch (report.type) {
      case 'log':
        this.#writeLine(report.line);
        return;
      case 'ports.wanted':
        void this.#ports.answer(report, this.#roster.get(node));
        return;
      case 'vipa.owned':
        this.#portsTold.set(report.vipa, report.port);
        this.tell('vipa.owned', { vipa: report.vipa, node });
        return;
      case 'member.changed':
        this.#messaging.hear(node, report.member);
        return;
      case 'application.failed':
        this.tell('application.failed', report.failure);
    }
  }
}
