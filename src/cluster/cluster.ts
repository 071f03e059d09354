/** A running cluster: nodes in worker threads, and what survives any of them. */
import { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import type { CarrierName, NodeId, Tuple, VipaName } from '../../actors/vocabulary.ts';
import { InterplexError } from '../errors.ts';
import { LeaseKeys } from '../ports/lease-keys.ts';
import { holderIn } from '../ports/shared-leases.ts';
import { TupleTable } from '../ports/tuple-table.ts';
import { Custody } from '../transfer/custody.ts';
import { carrierNames } from '../transfer/route-reports.ts';
import type { Configuration } from './configuration.ts';
import type { HeldEndpoints } from './held-endpoints.ts';
import type { ApplicationFailure } from './node-runtime.ts';
import { sharedMemory, type SharedMemory } from './shared-memory.ts';
import { NodeThread, type ThreadEnd } from './node-thread.ts';
import type { NodeHealth, NodeReport } from './node-worker.ts';

/** What a cluster tells of itself. */
export interface ClusterEvents {
  'node.started': [{ node: string; threadId: number }];
  /** A node's thread has ended: by `kill`, by a crash with its reason, or stopped. */
  'node.ended': [{ node: string } & ThreadEnd];
  /** A node owns a VIPA from now on: at its start, by takeover, or by takeback (CT-14). */
  'vipa.owned': [{ vipa: string; node: string }];
  'application.failed': [ApplicationFailure];
}

/** One transferred connection, from the copy that survives any node (CT-10). */
export interface ClusterRoute extends Tuple {
  readonly vipa: string;
  /** The node that accepted it, and the number that it gave. */
  readonly origin: string;
  readonly number: number;
  readonly owner: string;
  readonly epoch: number;
  readonly hops: number;
  readonly carrier: CarrierName;
  /** Milliseconds since its last move. */
  readonly ageMs: number;
}

/** A VIPA's endpoint and the node that owns it; `undefined` while none does. */
export interface ClusterVipa {
  readonly vipa: string;
  readonly address: string;
  readonly port: number;
  readonly owner: string | undefined;
}

export class Cluster extends EventEmitter<ClusterEvents> implements AsyncDisposable {
  readonly #configuration: Configuration;
  readonly #memory: SharedMemory;
  readonly #held: HeldEndpoints;
  /** Where nothing is held, the ports that owners told of. */
  readonly #ports = new Map<VipaName, number>();
  readonly #writeLine: (line: string) => void;
  readonly #log: Logger;
  readonly #threads = new Map<NodeId, NodeThread>();
  /** Ends that are being cleared away; a node of that name starts after its own. */
  readonly #clearing = new Map<NodeId, Promise<void>>();
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
    this.#held = held;
    this.#log = log;
    this.#writeLine = writeLine;
  }

  /** The names of the nodes that live, in the configuration's order. */
  nodes(): readonly string[] {
    return this.#configuration.nodes.map(({ id }) => id).filter((id) => this.#threads.has(id));
  }

  /** The connection routing table, from shared memory: no node is asked. */
  routes(): readonly ClusterRoute[] {
    const { nodes, vipas, ranges } = this.#configuration;
    const names = [...vipas, ...ranges].map(({ name }) => name);
    const now = Date.now();
    return [...new TupleTable(this.#memory.routes, 0).rows()].map(({ tuple, row }) => ({
      ...tuple,
      vipa: names[row.vipa] ?? '',
      origin: nodes[row.origin]?.id ?? '',
      number: row.number,
      owner: nodes[row.owner]?.id ?? '',
      epoch: row.epoch,
      hops: row.hops,
      carrier: carrierNames[row.carrier] ?? 'none',
      ageMs: Math.max(0, now - row.movedAtMs),
    }));
  }

  /** Where clients connect, and who owns each endpoint by the coupling facility's word. */
  vipas(): readonly ClusterVipa[] {
    const { nodes, vipas, ranges } = this.#configuration;
    const keys = new LeaseKeys(vipas, ranges);
    const living = this.nodes(); // The lease of one that has ended stands until another takes it.
    const holderOf = (name: VipaName) =>
      nodes[holderIn(this.#memory.leases, keys.indexOf(name))]?.id;
    return vipas.map(({ name, address, port }) => ({
      vipa: name,
      address,
      port: this.#held.ports.get(name) ?? this.#ports.get(name) ?? port,
      owner: living.find((node) => node === holderOf(name)),
    }));
  }

  /** Clients, transfers under way and heap of a node. Rejects: IPX_NODE_UNKNOWN, IPX_NODE_LOST. */
  async health(node: string): Promise<NodeHealth> {
    return this.#living(node).health();
  }

  /**
   * Ends a node's thread at once, as a crash would; its clients are closed. Settles when its
   * sockets are closed and the other nodes have cleared away what it left. Nothing restarts it.
   */
  async kill(node: string): Promise<void> {
    const thread = this.#living(node);
    await thread.kill();
    await this.#clearing.get(thread.id);
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
    await Promise.all([...this.#threads.values()].map((thread) => thread.stop()));
    await Promise.all(this.#clearing.values());
    this.#held.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /**
   * For `startCluster`: starts nodes, linked to all that live. Those `expected` soon count as
   * living, so that no backup takes over before its owner has begun. Rejects with what failed.
   */
  async startNodes(ids: readonly NodeId[], expected: readonly NodeId[] = []): Promise<void> {
    if (this.#isStopping) {
      throw new InterplexError('IPX_CLUSTER_STOPPED', 'The cluster is stopping: start another.');
    }
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
    this.emit('node.started', { node: thread.id, threadId: thread.threadId ?? 0 });
  }

  #requireEnded(id: NodeId): void {
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
    });
    this.#threads.set(id, thread);
    this.#clearing.set(
      id,
      thread.ended.then((end) => this.#clearAway(thread, end)),
    );
    return thread;
  }

  /** Links a thread to each that was there before it. */
  async #introduce(thread: NodeThread): Promise<void> {
    const all = [...this.#threads.values()];
    const earlier = all.slice(0, all.indexOf(thread));
    await Promise.all(earlier.map((other) => thread.link(other)));
  }

  /** A thread has ended: the others hear of it first, then what it left in memory is freed. */
  async #clearAway({ id }: NodeThread, end: ThreadEnd): Promise<void> {
    this.#threads.delete(id);
    if (end.cause === 'crashed') this.#log.error({ node: id }, `node crashed: ${end.reason}`);
    await Promise.all([...this.#threads.values()].map((other) => other.lose(id)));
    const { nodes } = this.#configuration;
    const index = nodes.findIndex((node) => node.id === id);
    const isDead = (other: number) => !this.#threads.has(nodes[other]?.id ?? id);
    Custody.sweep(this.#memory.custody, index, isDead);
    new TupleTable(this.#memory.routes, index).removeOwnedBy(index);
    this.emit('node.ended', { node: id, ...end });
  }

  #hear(node: NodeId, report: NodeReport): void {
    switch (report.type) {
      case 'log':
        this.#writeLine(report.line);
        return;
      case 'vipa.owned':
        this.#ports.set(report.vipa, report.port);
        this.emit('vipa.owned', { vipa: report.vipa, node });
        return;
      case 'application.failed':
        this.emit('application.failed', report.failure);
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
