/** Who sees the actors of a node: its log at debug, and the inspector (AF-7). */
import { threadId, type MessagePort } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { NodeId } from '../../actors/vocabulary.ts';
import { limits } from '../limits.ts';
import { Tap } from '../inspect/tap.ts';
import type { TapOrder } from '../inspect/tap-orders.ts';
import type { RootListener } from '../runtime/behaviours.ts';
import type { Links } from '../runtime/links.ts';
import type { MailboxFigures } from '../runtime/node-actors.ts';
import { logSteps, logTransferSteps } from '../runtime/step-log.ts';
import type { StepListener } from '../runtime/stepped-actor.ts';

export interface Sight {
  readonly onRoot: RootListener;
  readonly stepListener: () => StepListener | undefined;
}

export interface SightOptions {
  readonly node: NodeId;
  readonly log: Logger;
  readonly links: Links;
  /** To the main thread's inspector, if there is one. */
  readonly inspection: MessagePort | undefined;
  /** What is measured of the node, by name. */
  readonly figures: () => Readonly<Record<string, unknown>>;
}

export function sightOf({ node, log, links, inspection, figures }: SightOptions): Sight {
  const tap = inspection && tapOn(inspection, node, figures);
  // First of all listeners: others take a message for theirs.
  if (tap) {
    links.subscribe({
      onMessage: (from, message) => {
        tap.message(from, message);
        return false;
      },
    });
  }
  if (!log.isLevelEnabled('debug')) {
    return {
      onRoot: tap ? (actor) => tap.root(actor) : () => () => undefined,
      stepListener: tap?.stepListener ?? (() => undefined),
    };
  }
  const logTransfers = logTransferSteps(log);
  return {
    onRoot: (actor) => {
      actor.system.inspect(logSteps(log));
      return tap?.root(actor) ?? (() => undefined);
    },
    stepListener: () => {
      const tell = tap?.stepListener();
      return (actor, step) => {
        logTransfers(actor, step);
        tell?.(actor, step);
      };
    },
  };
}

function tapOn(port: MessagePort, node: NodeId, figures: SightOptions['figures']): Tap {
  const tap = new Tap({
    node,
    thread: threadId,
    post: (report) => port.postMessage(report),
    figures,
  });
  port.on('message', (order: TapOrder) => tap.order(order));
  port.unref(); // It keeps no thread alive.
  return tap;
}

/** Those with most to do, as many as a table may have. */
export const busiest = (mailboxes: readonly MailboxFigures[]): readonly MailboxFigures[] =>
  mailboxes.toSorted((one, other) => other.depth - one.depth).slice(0, limits.inspectRowsMax);
