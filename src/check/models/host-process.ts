/**
 * A process at the ports of its host: the machine `port-seat` as it runs, and a user that wants a
 * unit, uses it, and gives it back when another asks.
 */
import { assign, enqueueActions, setup } from 'xstate';
import type { AnyActorRef } from 'xstate';
import { portSeatMachine, type PortSeatEvent } from '../../../actors/ports/port-seat.ts';
import { unprovided } from '../../../actors/unprovided.ts';
import type { ModelEnvironment } from '../model-actor.ts';
import type { SeatEffect } from './host-kernel.ts';
import {
  asking,
  beginning,
  cutting,
  departing,
  freeing,
  giving,
  leaving,
  looking,
  outcomeOf,
  troubling,
  type Act,
} from './host-outcomes.ts';
import {
  beginProcess,
  type HostProcessContext,
  type HostProcessEvent,
  type HostProcessInput,
} from './host-process-state.ts';

const acting = (act: Act) => ({ type: 'act', params: () => act }) as const;

export const hostProcessMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as {
    context: HostProcessContext;
    input: HostProcessInput;
    events: HostProcessEvent | PortSeatEvent;
    children: { seat: 'seat' };
  },
  actors: { seat: portSeatMachine },
  guards: {
    isUnheard: ({ event }) => event.type === 'dialled' && event.line === 0,
    mayTear: ({ context: { memory, fact, torn } }) =>
      torn < 0 && (memory !== null || fact === 'place.won'),
    mayCut: ({ context }) => context.line > 0,
    isTorn: ({ event }) => event.type === 'troubled' && event.trouble === 'tear',
    isCut: ({ event }) => event.type === 'troubled' && event.trouble === 'cut',
  },
  actions: {
    hear: unprovided('hear'),
    act: enqueueActions(({ context, event, system, enqueue }, act: Act) => {
      const { change, messages, seat = [], isFed, isHalted } = act(context, event);
      enqueue.assign(change);
      for (const { to, event: said } of messages) {
        enqueue.sendTo(system.get(to) as AnyActorRef, said);
      }
      for (const told of seat) enqueue.sendTo('seat', told);
      if (isFed) enqueue.raise({ type: 'units.came' });
      if (isHalted) enqueue.raise({ type: 'halted' });
    }),
    tellSeat: enqueueActions(({ event, enqueue }) => {
      enqueue.sendTo('seat', event);
    }),
    noteTear: assign({
      torn: ({ event }) => (event.type === 'troubled' ? (event.writes ?? 0) : -1),
    }),
  },
  delays: { askPause: 1, usePause: 1, givePause: 1, lookPause: 1, restPause: 1 },
}).createMachine({
  id: 'hostProcess',
  context: ({ input }) => ({ ...beginProcess(input), input }),
  entry: acting(beginning),
  initial: 'living',
  states: {
    living: {
      type: 'parallel',
      invoke: { src: 'seat', id: 'seat', onDone: { target: 'left', actions: acting(leaving) } },
      on: {
        seated: { actions: acting(outcomeOf) },
        stood: { actions: [acting(outcomeOf), 'hear'] },
        dialled: [
          { guard: 'isUnheard', actions: [acting(outcomeOf), 'hear'] },
          { actions: acting(outcomeOf) },
        ],
        'map.found': { actions: acting(outcomeOf) },
        'hung.up': { actions: acting(outcomeOf) },
        said: { actions: acting(outcomeOf) },
        'line.ended': { actions: acting(outcomeOf) },
        looked: { actions: acting(outcomeOf) },
        'place.won': { actions: 'tellSeat' },
        'place.held': { actions: 'tellSeat' },
        'coordinator.lost': { actions: 'tellSeat' },
        tear: { guard: 'mayTear', actions: acting(troubling) },
        cut: { guard: 'mayCut', actions: acting(troubling) },
        leave: { actions: acting(troubling) },
        troubled: [
          { guard: 'isTorn', actions: 'noteTear' },
          { guard: 'isCut', actions: acting(cutting) },
          { actions: acting(departing) },
        ],
        halted: 'halted',
      },
      states: {
        use: {
          initial: 'wanting',
          states: {
            wanting: {
              on: { 'units.came': 'using' },
              after: { askPause: { target: 'wanting', reenter: true, actions: acting(asking) } },
            },
            using: { after: { usePause: 'spare' } },
            spare: { on: { recall: 'giving' } },
            giving: { after: { givePause: { target: 'done', actions: acting(giving) } } },
            done: {},
          },
        },
        watch: {
          initial: 'looking',
          states: {
            looking: {
              after: { lookPause: { target: 'looking', reenter: true, actions: acting(looking) } },
            },
          },
        },
        rest: {
          initial: 'resting',
          states: {
            resting: {
              after: { restPause: { target: 'resting', reenter: true, actions: acting(freeing) } },
            },
          },
        },
      },
    },
    // In the midst of a decision: it does nothing any more, and is then gone.
    halted: {},
    left: { type: 'final' },
  },
});

export interface HostTroubles {
  /** After how many words of a decision it may end. */
  readonly tears: readonly number[];
  readonly isCut: boolean;
  readonly leaves: boolean;
}
export const hostProcessEnvironment = ({
  tears,
  isCut,
  leaves,
}: HostTroubles): ModelEnvironment<typeof hostProcessMachine> => ({
  effects: { hear: ({ context: { fact } }) => [{ type: fact }] },
  unasked: [
    ...tears.map((writes) => ({ type: 'tear', writes }) as const),
    ...(isCut ? [{ type: 'cut' } as const] : []),
    ...(leaves ? [{ type: 'leave' } as const] : []),
  ],
});

const effects = ['stand', 'takeOver', 'join', 'hangUp', 'giveUp'] as const;
/** Each effect is performed at once, by the kernel, and answered. */
export const portSeatEnvironment = (process: string): ModelEnvironment<typeof portSeatMachine> => ({
  effects: Object.fromEntries(
    effects.map((effect: SeatEffect) => [
      effect,
      () => [{ to: 'host', event: { type: 'perform', process, effect } as const }],
    ]),
  ),
});
