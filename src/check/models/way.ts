/**
 * One way to a peer, as pings find it: cut once, and mended; the kernel may know that no way is
 * left. What is reported of it is what its machine holds; what comes back proves itself (CM-3,
 * CM-6). The way is the machine of `actors/messaging/path.ts`, unchanged.
 */
import { assign, enqueueActions, sendParent, setup, type AnyActorRef } from 'xstate';
import { pathMachine } from '../../../actors/messaging/path.ts';
import { actor } from '../model-actor.ts';
import type { AnyActors } from '../model-actor.ts';
import type { Model, Network } from '../model.ts';
import type { Property } from '../properties.ts';
import type { ActorState, SystemState } from '../system-state.ts';

type Status = 'reachable' | 'suspect' | 'unreachable' | 'probation';
const probation = 3;
const latenessMax = 2;

interface Pinger {
  readonly cable: 'whole' | 'cut' | 'mended';
  /** Whether the kernel knows when the cable is cut, and refuses. */
  readonly isRefusing: boolean;
  readonly told: Status;
  /** Answers in a row since the way was told unreachable; as many as it owes, at most. */
  readonly answers: number;
  /** Answers that may be late though the cable is whole. */
  readonly latenessLeft: number;
  readonly isUnderway: boolean;
  /** What may never be: each is a fault for good. */
  readonly fault: 'none' | 'condemned at once' | 'believed too soon' | 'not forgiven';
}
type PingerEvent =
  | { type: 'pong' }
  | { type: 'cut' }
  | { type: 'mend' }
  | { type: 'told'; status: Status }; // the reports of its way

/** What a report makes of what was told before. */
function faultOf(pinger: Pinger, status: Status): Pinger['fault'] {
  const { told, answers, fault, isRefusing, cable, latenessLeft } = pinger;
  if (status === 'reachable' && told === 'probation' && answers < probation) {
    return 'believed too soon';
  }
  if (status === 'reachable' && told === 'unreachable') return 'believed too soon';
  const isRefused = isRefusing && cable === 'cut';
  if (status === 'unreachable' && told === 'reachable' && !isRefused) return 'condemned at once';
  const hasMissed = latenessLeft < latenessMax || cable !== 'whole';
  if (status === 'suspect' && !hasMissed) return 'condemned at once';
  return fault === 'not forgiven' && status === 'reachable' ? 'none' : fault;
}

const pingerMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as {
    context: Pinger;
    input: Pick<Pinger, 'isRefusing' | 'latenessLeft'>;
    events: PingerEvent;
    children: { way: 'way' };
  },
  actors: { way: pathMachine },
  delays: { beat: 1, patience: 1 },
  guards: {
    isWhole: ({ context: { cable } }) => cable === 'whole',
    isCut: ({ context: { cable } }) => cable === 'cut',
    mayMiss: ({ context: { cable, latenessLeft } }) => cable === 'cut' || latenessLeft > 0,
  },
  actions: {
    ping: enqueueActions(({ context: { cable, isRefusing, isUnderway }, system, enqueue }) => {
      if (cable === 'cut') {
        if (isRefusing) enqueue.sendTo('way', { type: 'send.failed' });
        return;
      }
      if (isUnderway) return;
      enqueue.assign({ isUnderway: true });
      enqueue.sendTo(system.get('far') as AnyActorRef, { type: 'ping' });
    }),
    hear: enqueueActions(({ context: { answers, told, fault }, enqueue }) => {
      enqueue.assign({
        isUnderway: false,
        answers: Math.min(probation, answers + 1),
        fault: told === 'suspect' && fault === 'none' ? 'not forgiven' : fault,
      });
      enqueue.sendTo('way', { type: 'answer.heard' });
    }),
    miss: enqueueActions(({ context: { cable, latenessLeft }, enqueue }) => {
      enqueue.assign({ answers: 0 });
      if (cable !== 'cut') enqueue.assign({ latenessLeft: latenessLeft - 1 });
      enqueue.sendTo('way', { type: 'answer.missed' });
    }),
    note: assign(({ context }, status: Status) => ({
      told: status,
      fault: faultOf(context, status),
      ...(status === 'unreachable' ? { answers: 0 } : {}),
    })),
    cut: assign({ cable: 'cut' }),
    mend: assign({ cable: 'mended' }),
  },
}).createMachine({
  id: 'pinger',
  context: ({ input }) => ({
    ...input,
    cable: 'whole',
    told: 'reachable',
    answers: 0,
    isUnderway: false,
    fault: 'none',
  }),
  invoke: { src: 'way', id: 'way', input: { silenceMs: 1, probation } },
  on: {
    pong: { target: '.idle', actions: 'hear' },
    cut: { guard: 'isWhole', actions: 'cut' },
    mend: { guard: 'isCut', actions: 'mend' },
    told: { actions: { type: 'note', params: ({ event }) => event.status } },
  },
  initial: 'idle',
  states: {
    idle: { after: { beat: 'pinging' } },
    pinging: {
      entry: 'ping',
      after: {
        patience: [{ guard: 'mayMiss', target: 'idle', actions: 'miss' }, { target: 'idle' }],
      },
    },
  },
});

const farMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as { events: { type: 'ping' } },
  actions: {
    answer: enqueueActions(({ system, enqueue }) => {
      enqueue.sendTo(system.get('pinger') as AnyActorRef, { type: 'pong' });
    }),
  },
}).createMachine({ id: 'far', on: { ping: { actions: 'answer' } } });

export interface WayOptions {
  readonly isRefusing?: boolean;
  readonly network?: Network;
  readonly path?: typeof pathMachine;
}

const report = (status: Status) => ({ type: 'told', status });
const reporting = (path: typeof pathMachine) =>
  path.provide({
    actions: {
      reportReachable: sendParent(report('reachable')),
      reportSuspect: sendParent(report('suspect')),
      reportUnreachable: sendParent(report('unreachable')),
      reportProbation: sendParent(report('probation')),
    },
  });

export function wayModel({
  isRefusing = false,
  network = { order: 'none' },
  path = pathMachine,
}: WayOptions = {}): Model<AnyActors> {
  return {
    actors: {
      pinger: actor(pingerMachine.provide({ actors: { way: reporting(path) } }), {
        input: { isRefusing, latenessLeft: latenessMax },
        environment: { unasked: [{ type: 'cut' }, { type: 'mend' }] },
      }),
      far: actor(farMachine),
    },
    network,
    properties: claims,
    deadlock: 'fine',
  };
}

const pingerOf = ({ actors }: SystemState) =>
  actors['pinger'] as unknown as ActorState<typeof pingerMachine>;
const contextOf = (system: SystemState) => pingerOf(system).context;
const isTold = (status: Status) => (system: SystemState) => contextOf(system).told === status;

const claims: Property<SystemState>[] = [
  {
    always: 'what is told of a way is what its machine holds',
    holds: (system) => pingerOf(system).child('way')?.value === contextOf(system).told,
  },
  {
    never: 'a way is condemned for one answer, believed before its time, or not forgiven',
    holds: (system) => contextOf(system).fault !== 'none',
  },
  {
    never: 'a way that the kernel refuses is told to lead there',
    holds: (system) => {
      const { cable, isRefusing, told } = contextOf(system);
      const isTried = pingerOf(system).matches('pinging');
      return (
        isRefusing && cable === 'cut' && isTried && !isWaiting(system) && told !== 'unreachable'
      );
    },
  },
  { sometimes: 'a way is on probation', holds: isTold('probation') },
  { sometimes: 'a way is suspect', holds: isTold('suspect') },
  {
    leadsTo: 'a way that is cut is told unreachable, or is mended',
    after: (system) => contextOf(system).cable === 'cut',
    holds: (system) => contextOf(system).cable === 'mended' || isTold('unreachable')(system),
  },
  {
    leadsTo: 'a way that is mended is told reachable',
    after: (system) => contextOf(system).cable === 'mended',
    holds: isTold('reachable'),
  },
];

/** An answer of before the cut may still come, or the cut come while it is awaited. */
const isWaiting = (system: SystemState) => contextOf(system).isUnderway;
