/**
 * A node's stack: the owner of its sockets. It listens on the endpoints that it was granted,
 * carries transfers out and in, and on draining lets those under way settle before it closes.
 */
import { enqueueActions, fromCallback, sendParent, setup } from 'xstate';
import type { EventObject } from 'xstate';
import { unprovided, unprovidedActor } from '../unprovided.ts';
import type { NodeId, Refusal, VipaName } from '../vocabulary.ts';

export interface Stack {
  readonly node: NodeId;
  readonly drainMs: number;
}
export type StackEvent =
  | { type: 'endpoint.granted'; vipa: VipaName } // commands of the node
  | { type: 'endpoint.revoked'; vipa: VipaName }
  | { type: 'drain' }
  | { type: 'listener.opened'; vipa: VipaName } // facts of the listeners
  | { type: 'listener.failed'; vipa: VipaName; refusal: Refusal }
  | { type: 'transfers.settled' }; // none is under way any more

export const stackMachine = setup({
  types: {} as {
    context: Stack & { readonly endpoints: readonly VipaName[] };
    input: Stack;
    events: StackEvent;
    children: Record<VipaName, 'listener'>;
  },
  actors: { listener: fromCallback<EventObject, { vipa: VipaName }>(unprovidedActor('listener')) },
  actions: {
    awaitTransfers: unprovided('awaitTransfers'),
    closeClients: unprovided('closeClients'),
    open: enqueueActions(({ enqueue, context }, vipa: VipaName) => {
      enqueue.spawnChild('listener', { id: vipa, input: { vipa } });
      enqueue.assign({ endpoints: [...context.endpoints, vipa] });
    }),
    close: enqueueActions(({ enqueue, context }, vipa: VipaName) => {
      enqueue.stopChild(vipa);
      enqueue.assign({ endpoints: context.endpoints.filter((other) => other !== vipa) });
    }),
    closeAll: enqueueActions(({ enqueue, context }) => {
      for (const vipa of context.endpoints) enqueue.stopChild(vipa);
      enqueue.assign({ endpoints: [] });
    }),
  },
  // A second listener of one name would hide the first, which nobody could close any more.
  guards: { isNew: ({ context }, vipa: VipaName) => !context.endpoints.includes(vipa) },
  delays: { drainLimit: ({ context }) => context.drainMs },
}).createMachine({
  id: 'stack',
  context: ({ input }) => ({ ...input, endpoints: [] }),
  initial: 'serving',
  states: {
    serving: {
      on: {
        'endpoint.granted': {
          guard: { type: 'isNew', params: ({ event }) => event.vipa },
          actions: { type: 'open', params: ({ event }) => event.vipa },
        },
        'endpoint.revoked': { actions: { type: 'close', params: ({ event }) => event.vipa } },
        'listener.opened': {
          actions: sendParent(({ event }) => ({ type: 'endpoint.opened', vipa: event.vipa })),
        },
        'listener.failed': {
          actions: [
            { type: 'close', params: ({ event }) => event.vipa },
            sendParent(({ event }) => ({ ...event, type: 'endpoint.failed' })),
          ],
        },
        drain: 'draining',
      },
    },
    draining: {
      entry: ['closeAll', 'awaitTransfers'],
      on: { 'transfers.settled': 'closed' },
      after: { drainLimit: 'closed' },
    },
    closed: { type: 'final', entry: ['closeClients', sendParent({ type: 'stack.closed' })] },
  },
});
