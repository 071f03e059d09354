/** What the crash of a node's thread leads to (AF-5): each node has a supervision of its own. */
import type { NodeId, Refusal } from '../../actors/vocabulary.ts';
import { InterplexError, sentenceOf } from '../errors.ts';
import type { RootListener } from '../runtime/behaviours.ts';
import { Supervisor, type SupervisedChild } from '../runtime/supervisor.ts';
import type { Configuration } from './configuration.ts';
import type { ThreadEnd } from './node-thread.ts';
import { supervisionLogic } from './provide.ts';

/** The cluster, as the supervision of its nodes sees it. */
export interface SupervisedCluster {
  /** Rejects with what failed; nothing of the node is left then. */
  start(node: NodeId): Promise<void>;
  onRestarting(node: NodeId, restart: { afterMs: number } & Refusal): void;
  onFailed(node: NodeId, refusal: Refusal): void;
  onEscalated(node: NodeId, refusal: Refusal): void;
  /** Who sees the supervisions at work. */
  readonly onRoot: RootListener;
}

export class NodeSupervision {
  readonly #cluster: SupervisedCluster;
  readonly #supervisors = new Map<NodeId, Supervisor>();

  constructor(nodes: Configuration['nodes'], cluster: SupervisedCluster) {
    this.#cluster = cluster;
    for (const { id, supervision } of nodes) {
      const seen = { name: id, onRoot: cluster.onRoot };
      const child: SupervisedChild = {
        start: () => void this.#start(id, supervisor),
        onRestarting: (restart) => cluster.onRestarting(id, restart),
        onFailed: (refusal) => cluster.onFailed(id, refusal),
        onEscalated: (refusal) => cluster.onEscalated(id, refusal),
      };
      const supervisor: Supervisor = new Supervisor(supervisionLogic, supervision, child, seen);
      this.#supervisors.set(id, supervisor);
    }
  }

  /** It runs: by the supervision, or by whoever started it before its time. */
  started(node: NodeId): void {
    this.#supervisors.get(node)?.started();
  }

  /** Its thread is no more. One that never ran has crashed when its start says so. */
  ended(node: NodeId, end: ThreadEnd, hasRun: boolean): void {
    const supervisor = this.#supervisors.get(node);
    if (end.cause !== 'crashed') supervisor?.ended();
    else if (hasRun) supervisor?.crashed({ code: 'IPX_NODE_FAILED', reason: end.reason });
  }

  /** Of a node that does not live: calls off a restart that is to come. False: there is none. */
  callOff(node: string): boolean {
    return this.#supervisors.get(node as NodeId)?.callOff() ?? false;
  }

  restartsOf(node: NodeId): number {
    return this.#supervisors.get(node)?.restarts ?? 0;
  }

  stop(): void {
    for (const supervisor of this.#supervisors.values()) supervisor.stop();
  }

  async #start(node: NodeId, supervisor: Supervisor): Promise<void> {
    try {
      await this.#cluster.start(node);
    } catch (error) {
      const code = error instanceof InterplexError ? error.code : 'IPX_NODE_FAILED';
      // Somebody else starts it at this moment, and will tell.
      if (code !== 'IPX_NAME_TAKEN') supervisor.crashed({ code, reason: sentenceOf(error) });
    }
  }
}
