/**
 * The two-way control channel between an application and its stack (CT-12). Within a process it
 * is a message port. A client's socket never crosses it: the two sides name the client.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
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
  return { application: endOf(port1), stack: endOf(port2) };
}

function endOf<Sent, Heard>(port: MessagePort): ControlChannel<Sent, Heard> {
  return {
    send: (message) => port.postMessage(message),
    close: () => port.close(),
    listen: (listener, onClose) => {
      port.on('message', listener);
      if (onClose) port.on('close', onClose);
    },
  };
}
