/** One WebSocket that watches: what it does not read in time is left out, and told again later. */
import { WebSocket } from 'ws';
import { limits } from '../limits.ts';
import type { Parcel, Watcher } from './collector.ts';
import { recordBase, clusterSession, type InspectionRecord } from './records.ts';

export interface WatchingPageOptions {
  readonly socket: WebSocket;
  /** It has read what it had, and missed what came meanwhile. */
  readonly onReadAgain: () => void;
  /** How a parcel is sent: several messages, for a protocol that has them one by one. */
  readonly messagesOf: (parcel: Parcel) => readonly string[];
}

export class WatchingPage implements Watcher {
  readonly #options: WatchingPageOptions;
  #stalledAtMs: number | undefined;

  constructor(options: WatchingPageOptions) {
    this.#options = options;
  }

  take(parcel: Parcel): void {
    const { socket, messagesOf } = this.#options;
    if (socket.readyState !== WebSocket.OPEN) return;
    if (this.#stalledAtMs !== undefined) {
      this.#look(this.#stalledAtMs);
      return;
    }
    for (const message of messagesOf(parcel)) socket.send(message);
    if (socket.bufferedAmount > limits.inspectWaitingBytes) this.#stalledAtMs = performance.now();
  }

  /** For one page alone. */
  tell(record: InspectionRecord): void {
    const { socket } = this.#options;
    if (socket.readyState === WebSocket.OPEN) socket.send(`[${JSON.stringify(record)}]`);
  }

  #look(stalledAtMs: number): void {
    const { socket, onReadAgain } = this.#options;
    if (socket.bufferedAmount < limits.inspectWaitingBytes / 8) {
      this.#stalledAtMs = undefined;
      this.tell({ ...recordBase(clusterSession), type: '@interplex.gap', reason: 'slow' });
      onReadAgain();
    } else if (performance.now() - stalledAtMs > limits.inspectStalledMs) {
      socket.terminate();
    }
  }
}
