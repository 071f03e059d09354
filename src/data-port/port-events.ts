/** What clients of a port are told (DP-3), and how they register. */
import { tellEach } from '../listeners.ts';
import { InterplexError, isErrorCode } from '../errors.ts';
import { requireListener } from '../options.ts';

export type PortEvent =
  | { readonly type: 'path.up' | 'path.down'; readonly path: number; readonly target: string }
  /** It does not answer: new data avoids it. Trusted: it answers again. */
  | {
      readonly type: 'path.suspected' | 'path.trusted';
      readonly path: number;
      readonly target: string;
    }
  /** Its connection is closed, to be established again; its data goes over the others. */
  | { readonly type: 'path.reset'; readonly path: number; readonly target: string }
  /** There is a path to the target; there is none, but one may come back. */
  | { readonly type: 'port.open' | 'port.interrupted'; readonly target: string }
  /** No path can be established: a port whose failover is `client` waits for `failover()`. */
  | {
      readonly type: 'target.unreachable';
      readonly target: string;
      readonly backups: readonly string[];
    }
  /** `replayed` messages that were not known to be applied go to the new target, marked. */
  | {
      readonly type: 'port.failedOver';
      readonly target: string;
      readonly epoch: number;
      readonly replayed: number;
    }
  /** No backup is left; whoever answers first goes on. */
  | { readonly type: 'port.stranded'; readonly target: string }
  | { readonly type: 'channel.congested' | 'channel.resumed'; readonly channel: string }
  /** Accepted, and not known to be applied, when the port ended. */
  | { readonly type: 'messages.lost'; readonly messages: number; readonly bytes: number }
  | { readonly type: 'port.closed' }
  | { readonly type: 'port.failed'; readonly code: string; readonly reason: string };

export type PortOutcome =
  | { readonly outcome: 'closed' }
  | { readonly outcome: 'failed'; readonly code: string; readonly reason: string };

export interface PortClient {
  readonly onEvent: (event: PortEvent) => void;
}

export class PortClients {
  readonly #listeners = new Set<(event: PortEvent) => void>();
  /** How often a path was reset. */
  resets = 0;

  /** Returns how to be told no more. Throws IPX_OPTION_INVALID. */
  register(client: PortClient): () => void {
    requireListener('register()', client?.onEvent);
    const listener = (event: PortEvent) => client.onEvent(event);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(event: PortEvent): void {
    if (event.type === 'path.reset') this.resets += 1;
    tellEach(this.#listeners, event);
  }

  /** Settles at the first event for which `is` holds; rejects with what it or `failure` says. */
  async until(is: (event: PortEvent) => boolean, failure: Promise<never>): Promise<void> {
    let stop = () => {};
    const told = new Promise<void>((resolve, reject) => {
      const onEvent = (event: PortEvent) => {
        try {
          if (is(event)) resolve();
        } catch (error) {
          reject(error);
        }
      };
      stop = this.register({ onEvent });
    });
    try {
      await Promise.race([told, failure]);
    } finally {
      stop();
    }
  }
}

/** Rejects with why the port ended, once it has. */
export async function failureOf(ended: Promise<PortOutcome>): Promise<never> {
  const end = await ended;
  if (end.outcome === 'closed') throw new InterplexError('IPX_PORT_CLOSED', 'The port is closed.');
  throw new InterplexError(isErrorCode(end.code) ? end.code : 'IPX_PORT_LOST', end.reason);
}
