/** What a cluster tells of itself, and how: its listeners are the users', and may throw. */
import { EventEmitter } from 'node:events';
import type { Refusal } from '../../actors/vocabulary.ts';
import { throwLater } from '../listeners.ts';
import type { ClusterMember } from './cluster-messaging.ts';
export type { ClusterMember } from './cluster-messaging.ts';
import type { ApplicationFailure } from './node-world.ts';
import type { ThreadEnd } from './node-thread.ts';

/** What a cluster tells of itself. */
export interface ClusterEvents {
  'node.started': [{ node: string; threadId: number }];
  /**
   * A node's thread has ended: by `kill`, by a crash with its reason, or stopped. The clients that
   * it relayed for other nodes have ended with it.
   */
  'node.ended': [{ node: string; relayedClients: number } & ThreadEnd];
  /** A node owns a VIPA from now on: at its start, by takeover, or by takeback (CT-14). */
  'vipa.owned': [{ vipa: string; node: string }];
  /** Its thread has crashed, and is started again after a pause (AF-5). */
  'node.restarting': [{ node: string; afterMs: number } & Refusal];
  /** It has crashed too often, and stays down until `restart`. */
  'node.failed': [{ node: string } & Refusal];
  /** Its event loop has not turned for so long. */
  'node.blocked': [{ node: string; forMs: number }];
  /** It turns again, after so long. */
  'node.resumed': [{ node: string; afterMs: number }];
  /** A crash was escalated: all nodes are drained and ended. */
  'cluster.failed': [{ node: string } & Refusal];
  /** A node of another process is another's than before: alive, suspect, dead, left (CM-9). */
  'member.changed': [ClusterMember];
  'application.failed': [ApplicationFailure];
}

export class ClusterTeller extends EventEmitter<ClusterEvents> {
  /** What a listener throws is an uncaught error, and ends nothing that goes on here. */
  protected tell<Name extends keyof ClusterEvents>(name: Name, ...told: ClusterEvents[Name]): void {
    try {
      EventEmitter.prototype.emit.call(this, name, ...told);
    } catch (error) {
      throwLater(error);
    }
  }
}
