/**
 * A process at the ports of an address that the processes of its host share (SP-2). One of them
 * coordinates: whoever has the place, which the kernel gives to one process and frees when that one
 * has ended. The others follow it. When it is lost each stands again, and what they lease stays
 * theirs meanwhile.
 */
import { setup } from 'xstate';
import { unprovided } from '../unprovided.ts';

export type PortSeatEvent =
  | { type: 'place.won' }
  | { type: 'place.held' } // by another, who lives
  | { type: 'map.read' } // what every process has, as the last coordinator wrote it
  | { type: 'seat.granted' } // by the coordinator
  | { type: 'seat.refused' } // for good: others share otherwise, or the system says no
  | { type: 'coordinator.lost' }
  | { type: 'leave' }; // command

export const portSeatMachine = setup({
  types: {} as { events: PortSeatEvent; tags: 'seated' },
  actions: {
    stand: unprovided('stand'),
    takeOver: unprovided('takeOver'),
    join: unprovided('join'),
    hangUp: unprovided('hangUp'),
    giveUp: unprovided('giveUp'),
  },
  delays: { answerLimit: 2_000, standPause: 10 }, // ms
}).createMachine({
  id: 'portSeat',
  initial: 'standing',
  on: { leave: '.left' },
  states: {
    standing: {
      entry: 'stand',
      on: { 'place.won': 'takingOver', 'place.held': 'joining', 'seat.refused': 'refused' },
    },
    // Nobody else writes the map; nothing is granted before it is read.
    takingOver: {
      entry: 'takeOver',
      on: { 'map.read': 'coordinating', 'seat.refused': 'refused' },
    },
    coordinating: { tags: 'seated' },
    joining: {
      entry: 'join',
      on: {
        'seat.granted': 'following',
        'seat.refused': 'refused',
        'coordinator.lost': 'pausing',
      },
      after: { answerLimit: 'pausing' }, // It may stand still: it has the place all the same.
    },
    following: { tags: 'seated', on: { 'coordinator.lost': 'pausing' } },
    // Whoever won the place may not listen yet.
    pausing: { entry: 'hangUp', after: { standPause: 'standing' } },
    refused: { entry: 'giveUp', type: 'final' },
    left: { entry: 'giveUp', type: 'final' },
  },
});
