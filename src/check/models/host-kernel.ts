/**
 * What the processes of a host share, as a cell: names that live as long as their process, the
 * map's words, and who listens for others. The judge looks on: what a dead process had is nobody's
 * until a rest has passed (SP-1, SP-5).
 */
import { enqueueActions, setup } from 'xstate';
import type { AnyActorRef } from 'xstate';
import type { Words, Write } from './host-deciding.ts';
import { judged, noVerdict, type PortAct, type PortVerdict } from './port-judge.ts';

export type SeatEffect = 'stand' | 'takeOver' | 'join' | 'hangUp' | 'giveUp';
export type Trouble = 'tear' | 'cut' | 'leave';

export interface HostKernel {
  /** By process, the number of the seat of which it has the name. */
  readonly seats: Readonly<Record<string, number>>;
  /** Who has the place; empty: nobody. */
  readonly place: string;
  /** Who listens; empty: nobody. */
  readonly listener: string;
  readonly map: Words;
  /** Connections that were made. */
  readonly lines: number;
  readonly left: Readonly<Record<Trouble, number>>;
  readonly verdict: PortVerdict;
}
export type HostKernelEvent =
  | { type: 'begin'; process: string } // it takes the name of a seat
  | { type: 'perform'; process: string; effect: SeatEffect }
  | { type: 'write'; process: string; writes: readonly Write[] }
  | { type: 'act'; act: PortAct }
  | { type: 'lose'; process: string; units: readonly number[] }
  | { type: 'recall'; process: string }
  | { type: 'look'; process: string }
  | { type: 'rest.passed' }
  | { type: 'remove' } // the map
  | { type: 'trouble'; process: string; trouble: Trouble; writes?: number }
  | { type: 'ended'; process: string };

/** Whoever it is that has what rests. */
export const resting = 'the dead';
const seatCount = 4;

const without = <Value>(all: Readonly<Record<string, Value>>, name: string) => {
  const { [name]: _gone, ...others } = all;
  return others;
};
const firstFree = (seats: Readonly<Record<string, number>>): number => {
  const taken = new Set(Object.values(seats));
  return Array.from({ length: seatCount }, (_, seat) => seat).find((seat) => !taken.has(seat)) ?? 0;
};
const written = (map: Words, write: Write): Words => {
  if ('laid' in write) return write.laid;
  return write.value === 0 ? without(map, String(write.at)) : { ...map, [write.at]: write.value };
};
/** What it had rests. */
function buried(verdict: PortVerdict, process: string): PortVerdict {
  const its = Object.entries(verdict.holders).filter(([, holder]) => holder === process);
  return its.reduce((before, [port]) => {
    const given = judged(before, { type: 'given', stack: process, port: Number(port) });
    return judged(given, { type: 'held', stack: resting, port: Number(port) });
  }, verdict);
}

type Change = Partial<HostKernel>;
interface Told {
  readonly to: string;
  readonly event: { readonly type: string };
}
interface Outcome {
  readonly change?: Change;
  readonly tell?: Told;
}
const tell = (to: string, type: string, more: object = {}): Told => ({
  to,
  event: { type, ...more },
});

function performing(kernel: HostKernel, process: string, effect: SeatEffect): Outcome {
  const { place, listener, lines, map } = kernel;
  switch (effect) {
    case 'stand': {
      const isWon = place === '' || place === process;
      const fact = isWon ? 'place.won' : 'place.held';
      return { change: { place: isWon ? process : place }, tell: tell(process, 'stood', { fact }) };
    }
    case 'takeOver':
      return { change: { listener: process }, tell: tell(process, 'map.found', { map }) };
    case 'join': {
      if (listener === '') return { tell: tell(process, 'dialled', { line: 0, partner: '' }) };
      const line = lines + 1;
      const told = tell(process, 'dialled', { line, partner: listener });
      return { change: { lines: line }, tell: told };
    }
    case 'hangUp':
    case 'giveUp':
      return { tell: tell(process, 'hung.up') };
  }
}

/** Its names are free at once, and its connections end. */
const ending = ({ seats, place, listener, verdict }: HostKernel, process: string): Change => ({
  seats: without(seats, process),
  place: place === process ? '' : place,
  listener: listener === process ? '' : listener,
  verdict: buried(verdict, process),
});

function outcomeOf(kernel: HostKernel, event: HostKernelEvent): Outcome {
  const { seats, place, map, verdict, left } = kernel;
  switch (event.type) {
    case 'begin': {
      const seat = firstFree(seats);
      const change = { seats: { ...seats, [event.process]: seat } };
      return { change, tell: tell(event.process, 'seated', { seat }) };
    }
    case 'perform':
      return performing(kernel, event.process, event.effect);
    case 'write': {
      const fault = `${event.process} writes, and has not the place`;
      const isItsOwn = place === event.process || event.writes.length === 0;
      const after = isItsOwn ? verdict : { ...verdict, fault };
      return { change: { map: event.writes.reduce(written, map), verdict: after } };
    }
    case 'act':
      return { change: { verdict: judged(verdict, event.act) } };
    case 'lose': {
      if (event.units.length === 0) return {};
      const fault = `${event.process} loses ${event.units.join()}, which it may use`;
      return { change: { verdict: { ...verdict, fault } } };
    }
    case 'recall':
      return { tell: tell(event.process, 'recall') };
    case 'look': {
      const taken = Object.values(seats);
      const all = Array.from({ length: seatCount }, (_, seat) => seat);
      return {
        tell: tell(event.process, 'looked', { free: all.filter((seat) => !taken.includes(seat)) }),
      };
    }
    case 'rest.passed':
      return { change: { verdict: judged(verdict, { type: 'died', stack: resting }) } };
    case 'remove':
      return { change: { map: {} } };
    case 'trouble': {
      const { process, trouble, writes } = event;
      if (left[trouble] === 0) return {};
      const change = { left: { ...left, [trouble]: left[trouble] - 1 } };
      return { change, tell: tell(process, 'troubled', { trouble, writes }) };
    }
    case 'ended':
      return { change: ending(kernel, event.process) };
  }
}

export const hostKernelMachine = setup({
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- xstate's way to give types
  types: {} as {
    context: HostKernel;
    input: HostKernel['left'];
    events: HostKernelEvent;
  },
  actions: {
    happen: enqueueActions(({ context, event, system, enqueue }) => {
      const { change, tell: told } = outcomeOf(context, event);
      if (change) enqueue.assign(change);
      if (told) enqueue.sendTo(system.get(told.to) as AnyActorRef, told.event);
    }),
  },
}).createMachine({
  id: 'hostKernel',
  context: ({ input: left }) => ({
    seats: {},
    place: '',
    listener: '',
    map: {},
    lines: 0,
    left,
    verdict: noVerdict,
  }),
  on: { '*': { actions: 'happen' } },
});
