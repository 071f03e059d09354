/**
 * A node: one stack and the applications that run beside it (AF-1). It takes clients only when all
 * of them are open, and on draining stops when the last has closed, or at its limit (AF-5).
 */
import { assign, enqueueActions, sendTo, setup } from 'xstate';
import type { Role } from './protocol.ts';
import { routingApplicationMachine } from './transfer/routing-application.ts';
import { stackMachine } from './transfer/stack.ts';
import { targetApplicationMachine } from './transfer/target-application.ts';
import type { EndpointDuty } from './vipa.ts';
import type { ApplicationName, NodeId, Refusal, VipaName } from './vocabulary.ts';

export interface Node {
  readonly node: NodeId;
  readonly applications: readonly { readonly application: ApplicationName; readonly role: Role }[];
  readonly endpoints: readonly EndpointDuty[];
  readonly living: readonly NodeId[];
  readonly drainMs: number;
  readonly retryMs: number;
}
export type NodeEvent =
  | { type: 'application.opened'; application: ApplicationName } // facts of the applications
  | { type: 'application.failed'; application: ApplicationName; refusal: Refusal }
  | { type: 'application.closed'; application: ApplicationName }
  | { type: 'endpoint.settled'; vipa: VipaName } // facts of the stack: open, or standing by
  | { type: 'endpoint.failed'; vipa: VipaName; refusal: Refusal }
  | { type: 'stack.closed' }
  | { type: 'members.changed'; living: readonly NodeId[] } // certain: threads begun and ended
  | { type: 'drain' }; // command of the cluster
export type NodeOutput = { outcome: 'stopped' } | (Refusal & { outcome: 'failed' });

const source = { routing: 'routingApplication', target: 'targetApplication' } as const;
const idOf = ({ application, role }: Node['applications'][number]) => `${role}:${application}`;

export const nodeMachine = setup({
  types: {} as {
    context: Node & {
      /** Applications that are opening or closing. */
      readonly awaited: number;
      /** Endpoints that are neither open nor standing by. */
      readonly unsettled: readonly VipaName[];
      readonly refusal?: Refusal;
    };
    input: Node;
    events: NodeEvent;
    output: NodeOutput;
  },
  actors: {
    stack: stackMachine,
    routingApplication: routingApplicationMachine,
    targetApplication: targetApplicationMachine,
  },
  actions: {
    startAll: enqueueActions(({ enqueue, context }) => {
      const { node, living, drainMs, retryMs, applications } = context;
      enqueue.spawnChild('stack', { id: 'stack', input: { node, living, drainMs, retryMs } });
      for (const run of applications) {
        const input = { application: run.application, drainMs };
        enqueue.spawnChild(source[run.role], { id: idOf(run), input });
      }
      enqueue.assign({ awaited: applications.length });
    }),
    grantAll: enqueueActions(({ enqueue, context: { endpoints } }) => {
      for (const endpoint of endpoints) {
        enqueue.sendTo('stack', { type: 'endpoint.granted', endpoint });
      }
      enqueue.assign({ unsettled: endpoints.map(({ vipa }) => vipa) });
    }),
    drainAll: enqueueActions(({ enqueue, context: { applications, endpoints } }) => {
      for (const { vipa } of endpoints) enqueue.sendTo('stack', { type: 'endpoint.revoked', vipa });
      for (const run of applications) enqueue.sendTo(idOf(run), { type: 'drain' });
      enqueue.assign({ awaited: applications.length });
    }),
    drainStack: sendTo('stack', { type: 'drain' }),
    countDown: assign({ awaited: ({ context }) => context.awaited - 1 }),
    noteSettled: assign({
      unsettled: ({ context }, vipa: VipaName) =>
        context.unsettled.filter((other) => other !== vipa),
    }),
    tellMembers: enqueueActions(({ enqueue }, living: readonly NodeId[]) => {
      enqueue.sendTo('stack', { type: 'members.changed', living });
      enqueue.assign({ living });
    }),
    noteRefusal: assign({ refusal: (_, refusal: Refusal) => refusal }),
  },
  guards: {
    isNoneAwaited: ({ context }) => context.awaited <= 0,
    isAllSettled: ({ context }) => context.unsettled.length === 0,
  },
  delays: { drainLimit: ({ context }) => context.drainMs },
}).createMachine({
  id: 'node',
  context: ({ input }) => ({ ...input, awaited: 0, unsettled: [] }),
  output: ({ event }) => event.output as NodeOutput,
  initial: 'opening',
  entry: 'startAll',
  on: {
    'application.failed': {
      target: '.failed',
      actions: { type: 'noteRefusal', params: ({ event }) => event.refusal },
    },
    'endpoint.failed': {
      target: '.failed',
      actions: { type: 'noteRefusal', params: ({ event }) => event.refusal },
    },
    'members.changed': {
      actions: { type: 'tellMembers', params: ({ event }) => event.living },
    },
    drain: '.draining',
  },
  states: {
    opening: {
      on: { 'application.opened': { actions: 'countDown' } },
      always: { guard: 'isNoneAwaited', target: 'listening' },
    },
    listening: {
      entry: 'grantAll', // Only now: a client that arrives finds its application open.
      on: {
        'endpoint.settled': {
          actions: { type: 'noteSettled', params: ({ event }) => event.vipa },
        },
      },
      always: { guard: 'isAllSettled', target: 'running' },
    },
    running: { tags: 'ready' },
    draining: {
      entry: 'drainAll',
      on: { 'application.closed': { actions: 'countDown' }, drain: {} },
      always: { guard: 'isNoneAwaited', target: 'closing' },
      after: { drainLimit: 'closing' },
    },
    closing: {
      entry: 'drainStack', // Last: an application may still transfer its clients while it drains.
      on: { 'stack.closed': 'stopped', drain: {} },
      after: { drainLimit: 'stopped' },
    },
    stopped: { type: 'final', output: { outcome: 'stopped' } },
    failed: {
      type: 'final',
      output: ({ context: { refusal } }) => ({ outcome: 'failed', ...refusal }),
    },
  },
});
