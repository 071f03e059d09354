/**
 * A node's stack: the owner of its sockets. It has a VIPA actor for each endpoint that the node may
 * own, carries transfers out and in, and on draining lets those under way settle before it closes.
 */
import { assign, enqueueActions, sendParent, setup } from 'xstate';
import { unprovided } from '../unprovided.ts';
import { vipaMachine, type EndpointDuty } from '../vipa.ts';
import type { NodeId, Refusal, VipaName } from '../vocabulary.ts';

export interface StackInput {
  readonly node: NodeId;
  readonly living: readonly NodeId[];
  readonly drainMs: number;
  /** How long a denied lease is waited for before it is asked for again. */
  readonly retryMs: number;
}
export interface Stack extends StackInput {
  readonly endpoints: readonly VipaName[];
}
export type StackEvent =
  | { type: 'endpoint.granted'; endpoint: EndpointDuty } // commands of the node
  | { type: 'endpoint.revoked'; vipa: VipaName }
  | { type: 'drain' }
  | { type: 'members.changed'; living: readonly NodeId[] } // certain: threads begun and ended
  | { type: 'vipa.settled'; vipa: VipaName } // facts of its VIPAs
  | { type: 'vipa.failed'; vipa: VipaName; refusal: Refusal }
  | { type: `xstate.done.actor.${VipaName}` } // revoked or failed, it is no more
  | { type: 'transfers.settled' }; // none is under way any more

export const stackMachine = setup({
  types: {} as {
    context: Stack;
    input: StackInput;
    events: StackEvent;
    children: Record<VipaName, 'vipa'>;
  },
  actors: { vipa: vipaMachine },
  actions: {
    awaitTransfers: unprovided('awaitTransfers'),
    closeClients: unprovided('closeClients'),
    open: enqueueActions(({ enqueue, context }, endpoint: EndpointDuty) => {
      const { node, living, retryMs, endpoints } = context;
      const { vipa } = endpoint;
      enqueue.spawnChild('vipa', { id: vipa, input: { ...endpoint, node, living, retryMs } });
      enqueue.assign({ endpoints: [...endpoints, vipa] });
    }),
    revoke: enqueueActions(({ enqueue, context }, vipa: VipaName) => {
      if (context.endpoints.includes(vipa)) enqueue.sendTo(vipa, { type: 'revoke' });
    }),
    revokeAll: enqueueActions(({ enqueue, context }) => {
      for (const vipa of context.endpoints) enqueue.sendTo(vipa, { type: 'revoke' });
    }),
    forget: assign({
      endpoints: ({ context }, end: string) =>
        context.endpoints.filter((vipa) => end !== `xstate.done.actor.${vipa}`),
    }),
    tellMembers: enqueueActions(({ enqueue, context }, living: readonly NodeId[]) => {
      for (const vipa of context.endpoints)
        enqueue.sendTo(vipa, { type: 'members.changed', living });
      enqueue.assign({ living });
    }),
  },
  // A second actor of one name would hide the first, which nobody could reach any more.
  guards: {
    isNew: ({ context }, { vipa }: EndpointDuty) => !context.endpoints.includes(vipa),
  },
  delays: { drainLimit: ({ context }) => context.drainMs },
}).createMachine({
  id: 'stack',
  context: ({ input }) => ({ ...input, endpoints: [] }),
  initial: 'serving',
  states: {
    serving: {
      on: {
        'endpoint.granted': {
          guard: { type: 'isNew', params: ({ event }) => event.endpoint },
          actions: { type: 'open', params: ({ event }) => event.endpoint },
        },
        'endpoint.revoked': { actions: { type: 'revoke', params: ({ event }) => event.vipa } },
        'xstate.done.actor.*': { actions: { type: 'forget', params: ({ event }) => event.type } },
        'members.changed': {
          actions: { type: 'tellMembers', params: ({ event }) => event.living },
        },
        'vipa.settled': {
          actions: sendParent(({ event }) => ({ type: 'endpoint.settled', vipa: event.vipa })),
        },
        'vipa.failed': {
          actions: sendParent(({ event }) => ({ ...event, type: 'endpoint.failed' })),
        },
        drain: 'draining',
      },
    },
    draining: {
      entry: ['revokeAll', 'awaitTransfers'],
      on: { 'transfers.settled': 'closed' },
      after: { drainLimit: 'closed' },
    },
    closed: { type: 'final', entry: ['closeClients', sendParent({ type: 'stack.closed' })] },
  },
});
