/** Who sees the actors of a node: its log at debug, and the inspector (AF-7). */
import { threadId, type MessagePort } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { NodeId } from '../../actors/vocabulary.ts';
import { limits } from '../limits.ts';
import { Tap, type TapOptions } from '../inspect/tap.ts';
import type { TapOrder } from '../inspect/tap-orders.ts';
import type { Links } from '../runtime/links.ts';
import type { MailboxFigures } from '../runtime/node-actors.ts';
import { unseen, type Sight } from '../runtime/sight.ts';
import { logSteps, logSteppedSteps } from '../runtime/step-log.ts';

export interface SightOptions extends Required<Pick<TapOptions, 'figures' | 'cut'>> {
  readonly node: NodeId;
  readonly log: Logger;
  readonly links: Links;
  /** To the main thread's inspector, if there is one. */
  readonly inspection: MessagePort | undefined;
}

export function sightOf(options: SightOptions): Sight {
  const { log, links, inspection } = options;
  const tap = inspection && tapOn(inspection, options);
  // First of all listeners: others take a message for theirs.
  if (tap) {
    links.subscribe({
      onMessage: (from, message) => {
        tap.message(from, message);
        return false;
      },
    });
  }
  const seen = tap ?? unseen;
  return log.isLevelEnabled('debug') ? logged(log, seen) : seen;
}

/** Seen by a log, too. */
function logged(log: Logger, { onRoot, stepListener, onStepped }: Sight): Sight {
  const logStep = logSteppedSteps(log);
  return {
    onStepped,
    onRoot: (actor) => {
      actor.system.inspect(logSteps(log));
      return onRoot(actor);
    },
    stepListener: () => {
      const tell = stepListener();
      return (actor, step) => {
        logStep(actor, step);
        tell?.(actor, step);
      };
    },
  };
}

function tapOn(port: MessagePort, { node, figures, cut }: SightOptions): Tap {
  const tap = new Tap({
    node,
    thread: threadId,
    post: (report) => port.postMessage(report),
    figures,
    cut,
  });
  port.on('message', (order: TapOrder) => tap.order(order));
  port.unref(); // It keeps no thread alive.
  return tap;
}

/** Those with most to do, as many as a table may have. */
export const busiest = (mailboxes: readonly MailboxFigures[]): readonly MailboxFigures[] =>
  mailboxes.toSorted((one, other) => other.depth - one.depth).slice(0, limits.inspectRowsMax);
