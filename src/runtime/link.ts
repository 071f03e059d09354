/**
 * A direct port between two nodes of one process. What is posted in one turn of the event loop
 * leaves as one message: a post costs more than what it carries.
 */
import type { MessagePort } from 'node:worker_threads';
import type { NodeMessage } from '../../actors/protocol.ts';
import type { NodeId } from '../../actors/vocabulary.ts';

export interface LinkEvents {
  readonly onMessage: (from: NodeId, message: NodeMessage) => void;
  /** The other side is gone, and all that it sent was delivered before. */
  readonly onClose: (peer: NodeId) => void;
}

export class Link {
  readonly peer: NodeId;
  readonly #port: MessagePort;
  #batch: NodeMessage[] = [];

  constructor(peer: NodeId, port: MessagePort, { onMessage, onClose }: LinkEvents) {
    this.peer = peer;
    this.#port = port;
    port.on('message', (batch: readonly NodeMessage[]) => {
      for (const message of batch) onMessage(peer, message);
    });
    port.on('close', () => onClose(peer));
  }

  /** Throws what structured clone throws, before anything of the batch is lost. */
  post(message: NodeMessage): void {
    if (this.#batch.push(message) === 1) queueMicrotask(this.#flush);
  }

  close(): void {
    this.#flush();
    this.#port.close();
  }

  readonly #flush = (): void => {
    if (this.#batch.length === 0) return;
    const batch = this.#batch;
    this.#batch = [];
    this.#port.postMessage(batch);
  };
}
