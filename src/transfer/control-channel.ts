/**
 * The two-way control channel between an application and its stack (CT-12). Within a process it
 * is a message port. A client's socket never crosses it: the two sides name the client.
 */
import { MessageChannel, receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import type { ApplicationMessage, StackMessage } from '../../actors/protocol.ts';

/** One end: what it sends, and what it hears. */
export interface ControlChannel<Sent, Heard> {
  send(message: Sent): void;
  close(): void;
  /** Set once, before the first message comes. */
  listen(listener: (message: Heard) => void, onClose?: () => void): void;
}

export type ApplicationEnd = ControlChannel<ApplicationMessage, StackMessage>;
export type StackEnd = ControlChannel<StackMessage, ApplicationMessage>;

/** Both ends of a channel within one thread or one process. */
export function controlChannel(): { application: ApplicationEnd; stack: StackEnd } {
  const { port1, port2 } = new MessageChannel();
  const application = new PortEnd<ApplicationMessage, StackMessage>(port1);
  const stack = new PortEnd<StackMessage, ApplicationMessage>(port2);
  application.peer = stack;
  stack.peer = application;
  return { application, stack };
}

/**
 * What one callback sends is posted as one message, and so is what the later ones of its turn do;
 * and since the other end is in this thread, what was posted is taken there before the turn ends,
 * rather than after the next poll of sockets.
 */
class PortEnd<Sent, Heard> implements ControlChannel<Sent, Heard> {
  readonly #port: MessagePort;
  peer: { take(): void } | undefined;
  #batch: Sent[] = [];
  #isGathering = false;
  #listener: (message: Heard) => void = () => {};

  constructor(port: MessagePort) {
    this.#port = port;
  }

  send(message: Sent): void {
    this.#batch.push(message);
    if (this.#isGathering) return;
    this.#isGathering = true;
    setImmediate(this.#endTurn);
    queueMicrotask(this.#flush);
  }

  close(): void {
    this.#flush();
    this.#port.close();
  }

  listen(listener: (message: Heard) => void, onClose?: () => void): void {
    this.#listener = listener;
    this.#port.on('message', (batch: readonly Heard[]) => this.#deliver(batch));
    if (onClose) this.#port.on('close', onClose);
  }

  /** Delivers what has been posted to this end. */
  take(): void {
    let received = receiveMessageOnPort(this.#port);
    while (received) {
      this.#deliver(received.message as readonly Heard[]);
      received = receiveMessageOnPort(this.#port);
    }
  }

  #deliver(batch: readonly Heard[]): void {
    for (const message of batch) this.#listener(message);
  }

  readonly #endTurn = (): void => {
    this.#isGathering = false;
    this.#flush();
  };

  readonly #flush = (): void => {
    if (this.#batch.length === 0) return;
    const batch = this.#batch;
    this.#batch = [];
    this.#port.postMessage(batch);
    this.peer?.take();
  };
}
