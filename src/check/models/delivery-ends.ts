/**
 * The two ends of a stream of reliable messages, as far as it is a matter of ways: what
 * `src/messaging/outbound.ts` and `inbound.ts` do with one segment after another (CM-3). The ways
 * are the machine of `actors/messaging/path.ts`, unchanged.
 */
import { assign, enqueueActions, setup } from 'xstate';
import type { AnyActorRef } from 'xstate';
import { pathMachine } from '../../../actors/messaging/path.ts';

export const wayNames = ['primary', 'alternate'] as const;
type WayName = (typeof wayNames)[number];

export interface SendingEnd {
  /** Segments to be sent, and the one that is not acknowledged. */
  readonly count: number;
  readonly current: number;
  /** As the machines of the ways have reported. */
  readonly usable: readonly WayName[];
  readonly last: WayName;
  /** Cut for ever. */
  readonly cut: readonly WayName[];
  readonly cutsLeft: number;
  /** Segments under way, some of them lost perhaps. */
  readonly underway: number;
}
type SendingEvent =
  | { type: 'acknowledged'; upTo: number; over: WayName }
  | { type: 'cut'; way: WayName } // a cable, once
  | { type: 'way.usable'; way: WayName } // the reports of its ways
  | { type: 'way.unusable'; way: WayName };

/** More than may be lost, so that one of them comes. */
const underwayMax = 3;

/** The first that is usable, else the other one than the last: it may lead there again. */
const wayOf = ({ usable, last }: SendingEnd): WayName =>
  wayNames.find((way) => usable.includes(way)) ?? (last === 'primary' ? 'alternate' : 'primary');

export const sendingEndMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as {
    context: SendingEnd;
    input: Pick<SendingEnd, 'count' | 'cutsLeft'>;
    events: SendingEvent;
    children: { primary: 'primary'; alternate: 'alternate' };
  },
  actors: { primary: pathMachine, alternate: pathMachine },
  guards: {
    isNews: ({ context, event }) => event.type === 'acknowledged' && event.upTo > context.current,
    isDone: ({ context }) => context.current === context.count,
    maySend: ({ context }) => context.underway < underwayMax,
    mayCut: ({ context, event }) =>
      event.type === 'cut' && context.cutsLeft > 0 && !context.cut.includes(event.way),
  },
  delays: { patience: 1 },
  actions: {
    send: enqueueActions(({ context, system, enqueue }) => {
      const way = wayOf(context);
      enqueue.assign({ last: way });
      if (context.cut.includes(way)) return;
      enqueue.assign({ underway: context.underway + 1 });
      const to = system.get('receiver') as AnyActorRef;
      enqueue.sendTo(to, { type: 'segment', number: context.current, over: way });
    }),
    miss: enqueueActions(({ context: { last }, enqueue }) => {
      enqueue.sendTo(last, { type: 'answer.missed' });
    }),
    hear: enqueueActions(({ context, enqueue }, over: WayName) => {
      enqueue.assign({ underway: Math.max(0, context.underway - 1) });
      enqueue.sendTo(over, { type: 'answer.heard' });
    }),
    advance: assign({
      current: ({ context }, upTo: number) => Math.max(context.current, upTo),
    }),
    cut: assign({
      cut: ({ context }, way: WayName) => [...context.cut, way].toSorted(),
      cutsLeft: ({ context }) => context.cutsLeft - 1,
    }),
    noteUsable: assign({
      usable: ({ context }, way: WayName) =>
        wayNames.filter((name) => name === way || context.usable.includes(name)),
    }),
    noteUnusable: assign({
      usable: ({ context }, way: WayName) => context.usable.filter((name) => name !== way),
    }),
  },
}).createMachine({
  id: 'sendingEnd',
  context: ({ input }) => ({
    ...input,
    current: 0,
    usable: wayNames,
    last: 'primary',
    cut: [],
    underway: 0,
  }),
  invoke: [
    { src: 'primary', id: 'primary', input: { silenceMs: 1, probation: 1 } },
    { src: 'alternate', id: 'alternate', input: { silenceMs: 1, probation: 1 } },
  ],
  on: {
    acknowledged: [
      {
        guard: 'isNews',
        target: '.choosing',
        actions: [
          { type: 'hear', params: ({ event }) => event.over },
          { type: 'advance', params: ({ event }) => event.upTo },
        ],
      },
      { actions: { type: 'hear', params: ({ event }) => event.over } },
    ],
    cut: { guard: 'mayCut', actions: { type: 'cut', params: ({ event }) => event.way } },
    'way.usable': { actions: { type: 'noteUsable', params: ({ event }) => event.way } },
    'way.unusable': { actions: { type: 'noteUnusable', params: ({ event }) => event.way } },
  },
  initial: 'choosing',
  states: {
    choosing: { always: [{ guard: 'isDone', target: 'done' }, { target: 'sending' }] },
    sending: {
      entry: 'send',
      after: { patience: [{ guard: 'maySend', target: 'missed' }, { target: 'waiting' }] },
    },
    // Too much is under way: the next word of the other end tells what became of it.
    waiting: {
      on: {
        acknowledged: {
          target: 'choosing',
          actions: [
            { type: 'hear', params: ({ event }) => event.over },
            { type: 'advance', params: ({ event }) => event.upTo },
          ],
        },
      },
    },
    missed: { entry: 'miss', always: 'choosing' },
    done: {},
  },
});

export interface ReceivingEnd {
  /** All before it is received. */
  readonly upTo: number;
  /** By segment, how often its messages were given to who listens. */
  readonly given: readonly number[];
}

export const receivingEndMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as {
    context: ReceivingEnd;
    events: { type: 'segment'; number: number; over: WayName };
  },
  guards: { isNext: ({ context, event }) => event.number === context.upTo },
  actions: {
    give: assign(({ context: { given } }, number: number) => ({
      upTo: number + 1,
      given: given.with(number, (given[number] ?? 0) + 1),
    })),
    acknowledge: enqueueActions(({ context: { upTo }, system, enqueue }, over: WayName) => {
      const to = system.get('sender') as AnyActorRef;
      enqueue.sendTo(to, { type: 'acknowledged', upTo, over });
    }),
  },
}).createMachine({
  id: 'receivingEnd',
  context: { upTo: 0, given: [0, 0, 0, 0] },
  on: {
    segment: [
      {
        guard: 'isNext',
        actions: [
          { type: 'give', params: ({ event }) => event.number },
          { type: 'acknowledge', params: ({ event }) => event.over },
        ],
      },
      { actions: { type: 'acknowledge', params: ({ event }) => event.over } },
    ],
  },
});
