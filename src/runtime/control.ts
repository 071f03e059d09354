/**
 * Control calls between the main thread and a node's worker, over comlink on a raw message port
 * (its adapter for Node leaks ports). A call to a dead thread would never settle, so the port's
 * close fails those under way. This file holds comlink's casts.
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
  const lost = () => new InterplexError('IPX_NODE_LOST', `The thread of node "${peer}" has ended.`);
  /** How each call under way fails. One promise for all would keep what every call hung on it. */
  const underway = new Set<(error: InterplexError) => void>();
  let isLost = false;
  port.on('close', () => {
    isLost = true;
    for (const fail of underway) fail(lost());
  });
  const call = (method: Call | undefined, args: readonly unknown[]) =>
    new Promise((resolve, reject) => {
      if (isLost || !method) {
        reject(lost());
        return;
      }
      underway.add(reject);
      const settle = () => underway.delete(reject);
      method(...args).then(
        (value) => settle() && resolve(value),
        (error: unknown) => settle() && reject(error),
      );
    });
  /** One of each: comlink keeps a trace of every one that it made. */
  const methods = new Map<string, Call | undefined>();
  return new Proxy({} as Calls<T>, {
    get: (_, name: string) => {
      if (!methods.has(name)) methods.set(name, remote[name]);
      return (...args: unknown[]) => call(methods.get(name), args);
    },
  });
}

/** An argument that moves with what it holds: a port. */
export const moving = <T extends object>(value: T, transferables: MessagePort[]): T =>
  transfer(value, transferables as unknown as Transferable[]);

type Call = (...args: unknown[]) => Promise<unknown>;
type Transferable = Parameters<typeof transfer>[1][number];
