/** A running cluster: nodes in worker threads, and what survives any of them. */
import type { Logger } from 'pino';
import type { NodeId, VipaName } from '../../actors/vocabulary.ts';
import { InterplexError, sentenceOf } from '../errors.ts';
import { ClusterTeller } from './cluster-events.ts';
import { ClusterPorts } from './cluster-ports.ts';
import { ClusterView, type ClusterRoute, type ClusterVipa } from './cluster-view.ts';
import type { PortConflict, PortPool, SharedPorts } from '../ports/names.ts';
import type { Configuration } from './configuration.ts';
import { Estate } from './estate.ts';
import type { HeldEndpoints } from './held-endpoints.ts';
import { sharedMemory, type SharedMemory } from './shared-memory.ts';
import { NodeThread, type ThreadEnd } from './node-thread.ts';
import { NodeSupervision } from './node-supervision.ts';
import { NodeWatch } from './node-watch.ts';
import type { NodeReport } from './node-worker.ts';
import { VitalSigns, type Figures } from './vital-signs.ts';

/** What a node last told of itself, and what can be seen of its thread from outside. */
export interface NodeVitals extends Figures {
  readonly node: string;
  /** How long ago it told: more than 1 000 ms while its event loop stands still. */
  readonly ageMs: number;
  /** The share of the last moments in which its event loop was not idle, 0 to 1. */
  readonly eventLoopUse: number;
  /** By its supervision, since the cluster was started. */
  readonly restarts: number;
}

export class Cluster extends ClusterTeller implements AsyncDisposable {
  readonly #configuration: Configuration;
  readonly #memory: SharedMemory;
  readonly #view: ClusterView;
  readonly #ports: ClusterPorts;
  readonly #vitalSigns: VitalSigns;
  readonly #supervision: NodeSupervision;
  readonly #watch: NodeWatch;
  readonly #held: HeldEndpoints;
  /** Where nothing is held, the ports that owners told of. */
  readonly #portsTold = new Map<VipaName, number>();
  readonly #writeLine: (line: string) => void;
  readonly #log: Logger;
  readonly #threads = new Map<NodeId, NodeThread>();
  /** Ends that are being cleared away; a node of that name starts after its own. */
  readonly #clearing = new Map<NodeId, Promise<void>>();
  /** What dead nodes left and is not cleared away yet. */
  readonly #estates = new Set<Promise<void>>();
  #isStopping = false;

  /** For `startCluster`. */
  constructor(
    configuration: Configuration,
    held: HeldEndpoints,
    { log, writeLine }: { log: Logger; writeLine: (line: string) => void },
  ) {
    super();
    this.#configuration = configuration;
    this.#memory = sharedMemory(configuration);
    this.#view = new ClusterView(configuration, this.#memory);
    this.#ports = new ClusterPorts(configuration, this.#memory.ports, log);
    this.#vitalSigns = new VitalSigns(this.#memory.vitalSigns);
    this.#held = held;
    this.#log = log;
    this.#writeLine = writeLine;
    this.#supervision = this.#newSupervision();
    this.#watch = this.#newWatch();
  }

  /** The names of the nodes that live, in the configuration's order. */
  nodes(): readonly string[] {
    return this.#configuration.nodes.map(({ id }) => id).filter((id) => this.#threads.has(id));
  }

  /** The connection routing table, from shared memory: no node is asked. */
  routes(): readonly ClusterRoute[] {
    return this.#view.routes();
  }

  /** Where clients connect, and who owns each endpoint by the coupling facility's word. */
  vipas(): readonly ClusterVipa[] {
    return this.#view.vipas(
      this.nodes(),
      (name) => this.#held.ports.get(name) ?? this.#portsTold.get(name),
    );
  }

  /** Shares a VIPA's ports from now on (SP-8); connections that live keep theirs, or conflict. */
  sharePorts(vipa: string, settings: SharedPorts = true): Promise<readonly PortConflict[]> {
    return this.#ports.share(vipa, settings, [...this.#threads.values()]);
  }

  /** Source ports that nodes share: free, leased, in use and at rest, from shared memory. */
  ports(): readonly PortPool[] {
    return this.#ports.view();
  }

  /**
   * What the nodes that live have last told of themselves, four times a second, in the order of
   * `nodes()`. Of one that stands still, too: it is not asked.
   */
  vitals(): readonly NodeVitals[] {
    return this.#configuration.nodes.flatMap(({ id }) => {
      const thread = this.#threads.get(id);
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
    return this.#living(node).health();
  }

  /**
   * Ends a node's thread at once, as a crash would; its clients are closed. Settles when its
   * sockets are closed and the other nodes know, but for those that are blocked. Nothing restarts
   * it: a restart that is to come is called off.
   */
  async kill(node: string): Promise<void> {
    const isDown = !this.nodes().includes(node);
    if (!isDown || !this.#supervision.callOff(node)) await this.#living(node).kill();
    await this.#clearing.get(node as NodeId);
  }

  /** Starts a node again that has ended. Throws IPX_NAME_TAKEN while it lives. */
  async restart(node: string): Promise<void> {
    const known = this.#configuration.nodes.find(({ id }) => id === node);
    if (!known) throw this.#unknown(node);
    await this.startNodes([known.id]);
  }

  /** Drains all nodes, then ends them. Called again, it waits for the same end. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#supervision.stop();
    this.#watch.stop();
    await Promise.all([...this.#threads.values()].map((thread) => thread.stop()));
    await Promise.all(this.#clearing.values());
    await Promise.all(this.#estates);
    this.#held.close();
    this.#ports.close();
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
    await Promise.all(ids.map(async (id) => this.#clearing.get(id)));
    const living = [...new Set([...this.#threads.keys(), ...ids, ...expected])];
    const threads = ids.map((id) => this.#spawn(id, living));
    try {
      await Promise.all(threads.map((thread) => this.#introduce(thread)));
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
    if (!this.#threads.has(id)) return;
    const sentence = `Node "${id}" lives: stop or kill it before it is started again.`;
    throw new InterplexError('IPX_NAME_TAKEN', sentence);
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
      onReport: (report) => this.#hear(id, report),
      onEnding: () => (relayedClients = this.#view.relayedBy(id)),
    });
    let relayedClients = 0;
    this.#threads.set(id, thread);
    const cleared = thread.ended.then((end) => this.#clearAway(thread, { ...end, relayedClients }));
    this.#clearing.set(id, cleared);
    return thread;
  }

  /** Links a thread to each that was there before it. */
  async #introduce(thread: NodeThread): Promise<void> {
    const all = [...this.#threads.values()];
    const earlier = all.slice(0, all.indexOf(thread));
    await Promise.all(earlier.map((other) => thread.link(other)));
  }

  async #clearAway(
    { id, threadId }: NodeThread,
    end: ThreadEnd & { relayedClients: number },
  ): Promise<void> {
    this.#threads.delete(id);
    if (end.cause === 'crashed') this.#log.error({ node: id }, `node crashed: ${end.reason}`);
    const index = this.#view.indexOf(id);
    this.#vitalSigns.clear(index);
    const estate = new Estate({
      node: id,
      index,
      memory: this.#memory,
      survivors: this.#configuration.nodes.map((node) => this.#threads.get(node.id)),
      isAlive: (thread) => this.#threads.get(thread.id) === thread,
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
      threads: () => [...this.#threads.values()].filter(({ threadId }) => threadId !== undefined),
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
      case 'vipa.owned':
        this.#portsTold.set(report.vipa, report.port);
        this.tell('vipa.owned', { vipa: report.vipa, node });
        return;
      case 'application.failed':
        this.tell('application.failed', report.failure);
        return;
    }
  }

  #living(node: string): NodeThread {
    const thread = [...this.#threads.values()].find(({ id }) => id === node);
    if (thread) return thread;
    throw this.#unknown(node);
  }

  #unknown(node: string): InterplexError {
    const living = this.nodes().join(', ') || 'none';
    return new InterplexError('IPX_NODE_UNKNOWN', `No node "${node}" lives here, only: ${living}.`);
  }
}
