/**
 * Control calls between the main thread and a node's worker, over comlink on a raw message port
 * (its adapter for Node leaks ports). A call to a dead thread would never settle, so each is raced
 * with the port's close. This file holds comlink's casts.
 */
import { expose, transfer, wrap } from 'comlink';
import type { MessagePort } from 'node:worker_threads';
import { InterplexError } from '../errors.ts';

/** Methods that take and give clonable values. */
type Methods<T> = { [K in keyof T]: (...args: never[]) => unknown };
export type Calls<T extends Methods<T>> = {
  [K in keyof T]: (...args: Parameters<T[K]>) => Promise<Awaited<ReturnType<T[K]>>>;
};

/** Serves the methods of `target` to the other side of the port. */
export function exposeOn(target: object, port: MessagePort): void {
  expose(target, port);
}

/**
 * The methods that the other side serves. A call rejects with IPX_NODE_LOST once the port is
 * closed. `transferList`s are given with `moving`.
 */
export function callsOn<T extends Methods<T>>(port: MessagePort, peer: string): Calls<T> {
  const remote = wrap<T>(port) as unknown as Record<string, Call>;
  const lost = new Promise<never>((_, reject) => {
    port.on('close', () => {
      reject(new InterplexError('IPX_NODE_LOST', `The thread of node "${peer}" has ended.`));
    });
  });
  lost.catch(() => undefined); // Only calls under way are told.
  return new Proxy({} as Calls<T>, {
    get:
      (_, name: string) =>
      (...args: unknown[]) =>
        Promise.race([remote[name]?.(...args), lost]),
  });
}

/** An argument that moves with what it holds: a port. */
export const moving = <T extends object>(value: T, transferables: MessagePort[]): T =>
  transfer(value, transferables as unknown as Transferable[]);

type Call = (...args: unknown[]) => Promise<unknown>;
type Transferable = Parameters<typeof transfer>[1][number];
