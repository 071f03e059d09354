/** A whole node as one actor of a user's machine. */
import { fromCallback, type EventObject } from 'xstate';
import { InterplexError, sentenceOf } from '../errors.ts';
import { startNode, type Node, type NodeOptions } from './start-node.ts';

/** What it sends to its parent. */
export type NodeActorEvent =
  | { type: 'node.ready'; node: Node }
  | { type: 'node.failed'; code: string; reason: string };

/** Its input is what `startNode` takes. Leaving the state that invokes it drains the node. */
export const nodeActorLogic = fromCallback<EventObject, NodeOptions>(({ input, sendBack }) => {
  const started = startNode(input);
  const report = (event: NodeActorEvent) => sendBack(event);
  started.then(
    (node) => report({ type: 'node.ready', node }),
    (error: unknown) => {
      const code = error instanceof InterplexError ? error.code : 'IPX_NODE_FAILED';
      report({ type: 'node.failed', code, reason: sentenceOf(error) });
    },
  );
  return () => {
    started.then(
      (node) => node.stop(),
      () => undefined, // It has failed, and its parent was told.
    );
  };
});
