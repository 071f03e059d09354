/** What the shared memory may answer to the machines of source ports. */
import { none, type Environment } from '../alternatives.ts';
import type { portBlockMachine } from './port-block.ts';
import type { portLockMachine } from './port-lock.ts';
import type { portSeatMachine } from './port-seat.ts';

export const portLock: Environment<typeof portLockMachine, 'noteRevised'> = {
  effects: {
    choose: () => [{ type: 'unit.chosen' }, { type: 'unit.none' }],
    announceWait: () => [{ type: 'wait.announced' }],
    tryLock: () => [{ type: 'lock.taken' }, { type: 'lock.held' }, { type: 'lock.orphaned' }],
    awaitLock: () => [{ type: 'lock.changed' }],
    seize: () => [{ type: 'lock.taken' }, { type: 'lock.changed' }],
    repair: () => [{ type: 'index.repaired' }],
    endWait: () => [{ type: 'wait.over' }],
    noteIntent: () => [{ type: 'intent.noted' }],
    revise: () => [{ type: 'unit.revised' }, { type: 'unit.lost' }],
    publish: () => [{ type: 'unit.published' }],
    findNext: () => [{ type: 'next.found' }],
    passLock: () => [{ type: 'lock.passed' }],
  },
  unasked: [],
};

export const portBlock: Environment<typeof portBlockMachine> = {
  effects: {
    request: () => [{ type: 'block.granted' }, { type: 'block.denied' }],
    open: none,
    close: none,
    awaitPorts: () => [{ type: 'ports.gone' }],
    giveBack: () => [{ type: 'block.returned' }],
  },
  unasked: [{ type: 'surplus' }, { type: 'drain' }],
};

/** What the kernel, the map of the last coordinator and a process of the host may answer. */
export const portSeat: Environment<typeof portSeatMachine> = {
  effects: {
    stand: () => [{ type: 'place.won' }, { type: 'place.held' }, { type: 'seat.refused' }],
    takeOver: () => [{ type: 'map.read' }, { type: 'seat.refused' }],
    join: () => [
      [{ type: 'seat.granted' }, { type: 'coordinator.lost' }],
      { type: 'seat.granted' },
      { type: 'seat.refused' },
      { type: 'coordinator.lost' },
    ],
    hangUp: none,
    giveUp: none,
  },
  // Whoever hangs up hears no more of that coordinator; at each turn one answer is awaited.
  silences: {
    stand: ['stand'],
    join: ['join'],
    hangUp: ['join'],
    giveUp: ['stand', 'takeOver', 'join'],
  },
  unasked: [{ type: 'leave' }],
};
