/**
 * A node's thread, seen from the main thread: a piscina pool of one worker with one task that
 * lasts as long as the node (AF-3). Ends by itself, by `stop`, or by `kill`.
 */
import type { EventLoopUtilization } from 'node:perf_hooks';
import { MessageChannel, type MessagePort, type ResourceLimits } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { NodeId, VipaName } from '../../actors/vocabulary.ts';
import { InterplexError, isErrorCode, sentenceOf } from '../errors.ts';
import { NodeRoutes } from '../io/kernel-routes.ts';
import { openUdp } from '../io/udp.ts';
import { limits } from '../limits.ts';
import type { Row } from '../messaging/row.ts';
import { callsOn, exposeOn, moving, type Calls } from '../runtime/control.ts';
import { hostSockets } from '../runtime/hosted-sockets.ts';
import type { HostAnswer } from '../ports/host-words.ts';
import type { SharedPool } from '../ports/shared-pool.ts';
import type { DestinationCount } from '../ports/source-ports.ts';
import type { PortConflict } from './node-ports.ts';
import type { Configuration } from './configuration.ts';
import type { Introduction } from './node-messaging.ts';
import type { SharedMemory } from './shared-memory.ts';
import type { NodeControl, NodeReport, NodeTask } from './node-worker.ts';
import type { Figures } from './vital-signs.ts';

export interface NodeThreadOptions {
  readonly id: NodeId;
  readonly configuration: Configuration;
  readonly memory: SharedMemory;
  readonly held: ReadonlyMap<VipaName, number>;
  readonly living: readonly NodeId[];
  readonly resourceLimits: ResourceLimits;
  /** From its actors to the inspector, if there is one. */
  readonly inspection: MessagePort | undefined;
  readonly onReport: (report: NodeReport) => void;
  /** It is about to be ended, or has crashed: its sockets are still open as a rule. */
  readonly onEnding: () => void;
}

/** Why a thread is no more. */
export type ThreadEnd =
  | { readonly cause: 'stopped' | 'killed' }
  | { readonly cause: 'crashed'; readonly reason: string };

const ignore = () => undefined;

/**
 * What a node answers; `undefined` if it stands still for longer than a node may before it is
 * called blocked. The call goes on, and is handled when the thread does.
 */
export async function patiently<Value>(call: Promise<Value>): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limits.blockedMs);
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
  }
}
const filename = new URL('./node-worker.js', import.meta.url).href;

export class NodeThread {
  readonly id: NodeId;
  /** Settles when the thread has ended and its sockets are closed. */
  readonly ended: Promise<ThreadEnd>;
  readonly #pool: Piscina;
  readonly #kill = new AbortController();
  readonly #control: Calls<NodeControl>;
  readonly #ports: readonly MessagePort[];
  readonly #socketsClosed: Promise<void>;
  readonly #routes = new NodeRoutes();
  readonly #stopMs: number;
  readonly #startMs: number;
  readonly #onEnding: () => void;
  /** Known once it has started. */
  threadId: number | undefined;

  constructor(options: NodeThreadOptions) {
    const { id, configuration, memory, held, living, resourceLimits, inspection } = options;
    const { onReport, onEnding } = options;
    this.id = id;
    this.#onEnding = onEnding;
    this.#stopMs = 2 * configuration.drainMs + limits.stopGraceMs; // Applications, then the stack.
    this.#startMs = 2 * configuration.startMs + limits.stopGraceMs; // Actors, then the stack.
    const control = new MessageChannel();
    const reports = new MessageChannel();
    const sockets = new MessageChannel();
    const routes = new MessageChannel();
    this.#socketsClosed = hostSockets(sockets.port1, openUdp);
    reports.port1.on('message', onReport);
    exposeOn(this.#routes, routes.port1);
    this.#ports = [control.port1, reports.port1, routes.port1];
    this.#control = callsOn<NodeControl>(control.port1, id);
    this.#pool = new Piscina({
      filename,
      minThreads: 1,
      maxThreads: 1,
      // Its default blocks an idle worker's event loop, and a node's sockets with it.
      atomics: 'disabled',
      resourceLimits,
    });
    const task: NodeTask = {
      id,
      configuration,
      memory,
      held,
      living,
      control: control.port2,
      reports: reports.port2,
      inspection,
      sockets: sockets.port2,
      routes: routes.port2,
    };
    this.ended = this.#run(task);
  }

  /** Gives both threads a direct port to each other. */
  async link(other: NodeThread): Promise<void> {
    const { port1, port2 } = new MessageChannel();
    await Promise.all([
      this.#explained(this.#control.link(moving({ id: other.id, port: port1 }, [port1]))),
      // One that ends at this moment is told of as lost, and one that stands still hears later.
      patiently(other.#control.link(moving({ id: this.id, port: port2 }, [port2])).catch(ignore)),
    ]);
  }

  /** Settles when the node takes clients. Rejects with what failed. */
  async start(): Promise<void> {
    // The node keeps its limit itself, unless a module that it loads lets nothing else run.
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#end();
    }, this.#startMs);
    const begun = this.#explained(this.#control.start()).finally(() => clearTimeout(timer));
    const outcome = await begun.catch((error: unknown) => {
      if (isLate) throw stuck(this.id, this.#startMs);
      throw error;
    });
    this.threadId = this.#required(outcome).threadId;
  }

  /** Opens its messenger, which knows those that were there before it. Settles with its row. */
  async meet(introduction: Introduction): Promise<Row> {
    return this.#required(await this.#explained(this.#control.meet(introduction))).row;
  }

  #required<Told extends { ok: true }>(
    outcome: Told | { ok: false; code: string; reason: string },
  ): Told {
    if (outcome.ok) return outcome;
    const code = isErrorCode(outcome.code) ? outcome.code : 'IPX_NODE_FAILED';
    throw new InterplexError(code, `Node "${this.id}": ${outcome.reason}`);
  }

  /** Tells the node that a peer's thread has ended; settles when all that it sent was handled. */
  lose(peer: NodeId): Promise<void> {
    return this.#control.lose(peer).catch(ignore); // This one has ended, too.
  }

  routes() {
    return this.#control.routes();
  }

  /** The connections of a dead one are closed: there is nothing to register. */
  async registerPorts(pools: readonly SharedPool[]): Promise<readonly PortConflict[]> {
    return this.#control.registerPorts(pools).catch(() => []);
  }

  /** Where its connections from shared addresses go; none of one that stands still or has ended. */
  async portDestinations(): Promise<readonly DestinationCount[]> {
    return (await patiently(this.#control.portDestinations().catch(() => []))) ?? [];
  }

  /** What came of its wish for more ports. */
  answerPorts(ask: number, answer: HostAnswer): void {
    this.#control.answerPorts({ ask, answer }).catch(ignore); // It has ended.
  }

  /** Rejects with IPX_NODE_BLOCKED when it does not answer in time. */
  async health(): Promise<Figures> {
    const figures = await patiently(this.#control.health());
    if (figures) return figures;
    const sentence =
      `Node "${this.id}" has not answered within ${limits.blockedMs} ms: its event loop stands ` +
      'still. `vitals()` has what it last told.';
    throw new InterplexError('IPX_NODE_BLOCKED', sentence);
  }

  /** Seen from here: it answers while the thread stands still. */
  eventLoopUse(since?: EventLoopUtilization): EventLoopUtilization | undefined {
    return this.#pool.threads[0]?.performance.eventLoopUtilization(since);
  }

  /** Drains, then ends. A thread that stands still would never hear of it: it is killed. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => this.#end(), this.#stopMs);
    await this.#control.stop().catch(ignore); // It has ended already.
    await this.ended;
    clearTimeout(timer);
  }

  /** Ends at once, as a crash would. */
  async kill(): Promise<void> {
    this.#end();
    await this.ended;
  }

  #end(): void {
    this.#onEnding(); // Once it is told to end, its sockets close at any moment.
    this.#kill.abort();
  }

  async #run(task: NodeTask): Promise<ThreadEnd> {
    const { signal } = this.#kill;
    const { control, reports, inspection, sockets, routes } = task;
    const transferList = [control, reports, sockets, routes, ...(inspection ? [inspection] : [])];
    const [worker] = this.#pool.threads;
    const exited = new Promise((resolve) => worker?.once('exit', resolve));
    const end = await this.#pool.run(task, { name: 'runNode', signal, transferList }).then(
      (): ThreadEnd => ({ cause: 'stopped' }),
      (error: unknown): ThreadEnd =>
        signal.aborted ? { cause: 'killed' } : { cause: 'crashed', reason: sentenceOf(error) },
    );
    if (end.cause === 'crashed') this.#onEnding();
    // The task's end comes a little before the thread's, whose sockets are closed only then. The
    // pool does not wait for a thread that it has ended already, and replaces it when it exits: a
    // pool that is destroyed before that has a thread again, for ever.
    if (end.cause !== 'stopped') await exited;
    await this.#pool.destroy();
    for (const port of this.#ports) port.close();
    await this.#socketsClosed;
    await this.#routes.removeAll(); // One that was killed has said nothing of them.
    return end;
  }

  /** A call that the thread's end has cut short fails by the reason for that end. */
  async #explained<T>(call: Promise<T>): Promise<T> {
    try {
      return await Promise.race([call, this.#failure()]);
    } catch (error) {
      const isCutShort = error instanceof InterplexError && error.code === 'IPX_NODE_LOST';
      if (!isCutShort) throw error;
      return this.#failure();
    }
  }

  async #failure(): Promise<never> {
    const end = await this.ended;
    const reason = end.cause === 'crashed' ? end.reason : `it was ${end.cause}.`;
    throw new InterplexError('IPX_NODE_FAILED', `Node "${this.id}" did not start: ${reason}`);
  }
}

const stuck = (node: NodeId, ms: number) =>
  new InterplexError(
    'IPX_START_TIMEOUT',
    `Node "${node}" did not start within ${ms} ms, and was ended: a module that it loads lets ` +
      'nothing else run.',
  );
