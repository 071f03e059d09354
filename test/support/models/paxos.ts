/**
 * Single-decree Paxos over a register, as in stateright's `paxos.rs`: each client writes once and
 * reads once. The first server that a client writes to leads; a leader's messages to itself are
 * taken within the step.
 */
import { actor } from 'interplex/check';
import type { ModelActor } from 'interplex/check';
import { and, assign, enqueueActions, not, sendTo, setup } from 'xstate';
import type { AnyActorRef } from 'xstate';

/** The round, and who leads it. */
type Ballot = readonly [number, string];
interface Proposal {
  readonly request: number;
  readonly client: string;
  readonly value: string;
}
interface Accepted {
  readonly ballot: Ballot;
  readonly proposal: Proposal;
}
interface Server {
  readonly name: string;
  readonly peers: readonly string[];
  readonly ballot: Ballot;
  readonly proposal: Proposal | null;
  /** By server, what it had accepted when it promised. */
  readonly promises: Readonly<Record<string, Accepted | null>>;
  readonly acceptances: Readonly<Record<string, true>>;
  readonly accepted: Accepted | null;
}
type ServerEvent =
  | { type: 'prepare' | 'accepted'; from: string; ballot: Ballot }
  | { type: 'prepared'; from: string; ballot: Ballot; accepted: Accepted | null }
  | { type: 'accept' | 'decided'; from: string; ballot: Ballot; proposal: Proposal }
  | { type: 'put'; request: number; client: string; value: string }
  | { type: 'get'; request: number; client: string };

const isAfter = ([round, leader]: Ballot, [otherRound, otherLeader]: Ballot) =>
  round > otherRound || (round === otherRound && leader > otherLeader);
const initial = { proposal: null, promises: {}, acceptances: {}, accepted: null } as const;
const isMajority = (count: number, { peers }: Server) =>
  count === Math.floor((peers.length + 1) / 2) + 1;

/** What was accepted last among the promises binds; else the leader is free to propose its own. */
function chosen({ promises, proposal }: Server): Proposal {
  const bound = Object.values(promises).reduce(
    (last, other) =>
      other !== null && (last === null || isAfter(other.ballot, last.ballot)) ? other : last,
    null,
  );
  return bound?.proposal ?? proposal!;
}

const withPromise = (server: Server, event: ServerEvent): Server =>
  event.type === 'prepared'
    ? { ...server, promises: { ...server.promises, [event.from]: event.accepted } }
    : server;

/** XState does not know who is there. */
const named = (system: AnyActorRef['system'], name: string) => system.get(name) as AnyActorRef;

export const serverMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as {
    context: Server;
    input: Pick<Server, 'name' | 'peers'>;
    events: ServerEvent;
  },
  guards: {
    isFree: ({ context }) => context.proposal === null,
    isNewer: ({ context, event }) => 'ballot' in event && isAfter(event.ballot, context.ballot),
    isOlder: ({ context, event }) => 'ballot' in event && isAfter(context.ballot, event.ballot),
    isCurrent: ({ context, event }) =>
      'ballot' in event && event.ballot.join() === context.ballot.join(),
    completesPromises: ({ context, event }) =>
      isMajority(Object.keys(withPromise(context, event).promises).length, context),
    completesAcceptances: ({ context, event }) => {
      const { acceptances } = context;
      const from = 'from' in event ? event.from : '';
      return isMajority(Object.keys({ ...acceptances, [from]: true }).length, context);
    },
    knowsValue: ({ context }) => context.accepted !== null,
  },
  actions: {
    broadcast: enqueueActions(({ context, enqueue }, type: 'prepare' | 'accept' | 'decided') => {
      const { name: from, ballot, proposal, peers } = context;
      const event = type === 'prepare' ? { type, from, ballot } : { type, from, ballot, proposal };
      for (const peer of peers) enqueue.sendTo(({ system }) => named(system, peer), event);
    }),
    reply: sendTo(
      ({ system, event }) => named(system, 'from' in event ? event.from : ''),
      ({ context, event }, reply: 'prepared' | 'accepted') => ({
        type: reply,
        from: context.name,
        ballot: 'ballot' in event ? event.ballot : context.ballot,
        ...(reply === 'prepared' ? { accepted: context.accepted } : {}),
      }),
    ),
    lead: assign(({ context, event }) => {
      if (event.type !== 'put') return context;
      const { type: _, ...proposal } = event;
      const promises = { [context.name]: context.accepted };
      const ballot: Ballot = [context.ballot[0] + 1, context.name];
      return { ...context, proposal, promises, acceptances: {}, ballot };
    }),
    adoptBallot: assign({
      ballot: ({ context, event }) => ('ballot' in event ? event.ballot : context.ballot),
    }),
    notePromise: assign(({ context, event }) => withPromise(context, event)),
    propose: assign(({ context }) => {
      const proposal = chosen(context);
      const accepted = { ballot: context.ballot, proposal };
      const acceptances = { ...context.acceptances, [context.name]: true as const };
      return { ...context, proposal, accepted, acceptances };
    }),
    accept: assign({
      accepted: ({ context, event }) =>
        'proposal' in event ? { ballot: event.ballot, proposal: event.proposal } : context.accepted,
    }),
    noteAcceptance: assign({
      acceptances: ({ context, event }) =>
        'from' in event ? { ...context.acceptances, [event.from]: true as const } : {},
    }),
    confirm: sendTo(
      ({ system, context }) => named(system, context.proposal!.client),
      ({ context }) => ({ type: 'put.done', request: context.proposal!.request }),
    ),
    tellValue: sendTo(
      ({ system, event }) => named(system, 'client' in event ? event.client : ''),
      ({ context, event }) => ({
        type: 'get.done',
        request: 'request' in event ? event.request : 0,
        value: context.accepted!.proposal.value,
      }),
    ),
  },
}).createMachine({
  id: 'server',
  context: ({ input }) => ({ ...initial, ...input, ballot: [0, 'server-1'] }),
  initial: 'undecided',
  states: {
    undecided: {
      on: {
        put: {
          guard: 'isFree',
          actions: ['lead', { type: 'broadcast', params: 'prepare' }],
        },
        prepare: {
          guard: 'isNewer',
          actions: ['adoptBallot', { type: 'reply', params: 'prepared' }],
        },
        prepared: [
          {
            guard: and(['isCurrent', 'completesPromises']),
            actions: ['notePromise', 'propose', { type: 'broadcast', params: 'accept' }],
          },
          { guard: 'isCurrent', actions: 'notePromise' },
        ],
        accept: {
          guard: not('isOlder'),
          actions: ['adoptBallot', 'accept', { type: 'reply', params: 'accepted' }],
        },
        accepted: [
          {
            guard: and(['isCurrent', 'completesAcceptances']),
            target: 'decided',
            actions: ['noteAcceptance', { type: 'broadcast', params: 'decided' }, 'confirm'],
          },
          { guard: 'isCurrent', actions: 'noteAcceptance' },
        ],
        decided: { target: 'decided', actions: ['adoptBallot', 'accept'] },
      },
    },
    decided: { on: { get: { guard: 'knowsValue', actions: 'tellValue' } } },
  },
});

interface Client {
  readonly name: string;
  readonly value: string;
  /** The numbers of its two requests, and who gets them. */
  readonly requests: readonly [number, number];
  readonly servers: readonly [string, string];
}

const clientMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as {
    context: Client & { readonly read?: string };
    input: Client;
    events:
      | { type: 'put.done'; request: number }
      | { type: 'get.done'; request: number; value: string };
  },
  guards: {
    isOf: ({ context, event }, which: 0 | 1) => event.request === context.requests[which],
  },
  actions: {
    put: sendTo(
      ({ system, context }) => named(system, context.servers[0]),
      ({ context: { requests, name, value } }) => ({
        type: 'put',
        request: requests[0],
        client: name,
        value,
      }),
    ),
    get: sendTo(
      ({ system, context }) => named(system, context.servers[1]),
      ({ context: { requests, name } }) => ({ type: 'get', request: requests[1], client: name }),
    ),
    noteValue: assign({ read: ({ event }) => ('value' in event ? event.value : '') }),
  },
}).createMachine({
  id: 'client',
  context: ({ input }) => input,
  initial: 'writing',
  states: {
    writing: {
      entry: 'put',
      on: { 'put.done': { guard: { type: 'isOf', params: 0 }, target: 'reading' } },
    },
    reading: {
      entry: 'get',
      on: {
        'get.done': {
          guard: { type: 'isOf', params: 1 },
          target: 'satisfied',
          actions: 'noteValue',
        },
      },
    },
    satisfied: { type: 'final' },
  },
});

type ServerName = `server-${number}`;
type ClientName = `client-${number}`;
type Servers = Readonly<Record<ServerName, ModelActor<typeof serverMachine>>>;
type Clients = Readonly<Record<ClientName, ModelActor<typeof clientMachine>>>;

export function paxos(clientCount: number, serverCount: number, serving = serverMachine) {
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
  const servers = numbers(serverCount).map((number): ServerName => `server-${number}`);
  const clients = numbers(clientCount).map((number): ClientName => `client-${number}`);
  const serverActors = servers.map((name) => {
    const peers = servers.filter((peer) => peer !== name);
    return [name, actor(serving, { input: { name, peers } })] as const;
  });
  const clientActors = clients.map((name, order) => {
    const index = serverCount + order;
    const serverAt = (turn: number) => servers[(index + turn) % serverCount]!;
    const input: Client = {
      name,
      value: String.fromCodePoint(65 + order), // A, B, …
      requests: [index, 2 * index],
      servers: [serverAt(0), serverAt(1)],
    };
    return [name, actor(clientMachine, { input })] as const;
  });
  const actors: Servers & Clients = {
    ...(Object.fromEntries(serverActors) as Servers),
    ...(Object.fromEntries(clientActors) as Clients),
  };
  return { servers, clients, actors };
}
