/**
 * What a process at the ports of its host does at each event, by the product's own decisions: what
 * it holds and claims (`src/ports/seat-leases.ts`), and, if it coordinates, who gets what
 * (`src/ports/host-leases.ts`). It may end between any two words that it writes.
 */
import type { PortSeatEvent } from '../../../actors/ports/port-seat.ts';
import type { Joining } from '../../ports/host-leases.ts';
import type { HostAsk, HostTell } from '../../ports/host-words.ts';
import { SeatLeases } from '../../ports/seat-leases.ts';
import type { Call, Decision, Words } from './host-deciding.ts';
import type { HostProcess, HostProcessContext, HostProcessEvent } from './host-process-state.ts';

type Context = HostProcessContext;

const joiningOf = ({ seat, life, held, pid }: HostProcess): Joining => ({
  seat,
  life,
  units: held,
  borrowed: [],
  pid,
});
const leasesOf = ({ life, held }: HostProcess) => new SeatLeases(life, held);
const known = (leases: SeatLeases) => ({ life: leases.life, held: leases.units });
const unseated = { line: 0, partner: '', isJoined: false, isAsking: false } as const;

export type Act = (context: Context, event: HostProcessEvent | PortSeatEvent) => Outcome;

interface Message {
  readonly to: string;
  readonly event: { readonly type: string };
}
export interface Outcome {
  readonly change: Partial<HostProcess>;
  readonly messages: readonly Message[];
  /** What its own machine and its user are told, in order. */
  readonly seat?: readonly PortSeatEvent[];
  readonly isFed?: boolean;
  readonly isHalted?: boolean;
}
const nothing: Outcome = { change: {}, messages: [] };
const toHost = (type: string, more: object = {}): Message => ({
  to: 'host',
  event: { ...more, type },
});
const saying = (context: HostProcess, to: string, line: number, word: HostAsk | HostTell) => ({
  to,
  event: { type: 'said', from: context.name, line, word },
});

/** A decision, and what comes of it here; or it ends in the midst of what it writes. */
function deciding(
  context: Context,
  words: Words,
  call: Call,
  then: (decision: Decision) => Outcome,
): Outcome {
  const { input, name: process, pid, seat, torn } = context;
  const decision = input.deciding.decide(words, { seat, pid }, call);
  const { writes, memory } = decision;
  const isTorn = torn >= 0 && writes.length > 0;
  const write = toHost('write', { process, writes: isTorn ? writes.slice(0, torn) : writes });
  if (isTorn) {
    const early = input.isHasty ? saidBy(context, decision) : [];
    return { change: { memory: null }, messages: [...early, write], isHalted: true };
  }
  const { change, messages, ...told } = then(decision);
  const all = [...(writes.length > 0 ? [write] : []), ...saidBy(context, decision), ...messages];
  return { change: { memory, ...change }, messages: all, ...told };
}

function saidBy(context: Context, { said }: Decision): Message[] {
  return said.flatMap(({ seat, word }) => {
    const follower = context.followers[seat];
    const to = seat === context.seat ? context.name : follower?.process;
    if (word.type === 'recall') return to ? [toHost('recall', { process: to })] : [];
    return follower ? [saying(context, follower.process, follower.line, word)] : [];
  });
}

/** Units that it may use from now on. */
function taking(context: Context, units: readonly number[]): Outcome {
  if (units.length === 0) return nothing;
  const leases = leasesOf(context);
  leases.take(units);
  const { name: stack } = context;
  const messages = units.map((port) => toHost('act', { act: { type: 'held', stack, port } }));
  return { change: known(leases), messages, isFed: true };
}

function sitting(context: Context, life: number, lost: readonly number[]): Outcome {
  const leases = leasesOf(context);
  const hadLost = lost.filter((unit) => context.held.includes(unit));
  leases.sit(life, lost);
  const messages =
    hadLost.length > 0 ? [toHost('lose', { process: context.name, units: hadLost })] : [];
  return { change: known(leases), messages };
}

export function asking(context: Context): Outcome {
  const { memory, line, partner, isJoined, isAsking } = context;
  if (memory) {
    return deciding(context, memory, { do: 'acquire' }, ({ units }) => taking(context, units));
  }
  if (!isJoined || isAsking) return nothing;
  const word = { type: 'acquire', id: 1, count: 1, unit: -1 } as const;
  return { change: { isAsking: true }, messages: [saying(context, partner, line, word)] };
}

export function giving(context: Context): Outcome {
  const { name: stack, memory, line, partner } = context;
  const leases = leasesOf(context);
  const units = leases.give(leases.held());
  const acts = units.map((port) => toHost('act', { act: { type: 'given', stack, port } }));
  const change = known(leases);
  if (memory) {
    const after = deciding(context, memory, { do: 'release', units }, () => ({
      change,
      messages: [],
    }));
    return { ...after, messages: [...acts, ...after.messages] };
  }
  // Asked before it is seated, too; and if nobody hears, it is not claimed.
  const word = { type: 'release', id: 2, units } as const;
  const messages = line > 0 ? [saying(context, partner, line, word)] : [];
  return { change, messages: [...acts, ...messages] };
}

function answering(context: Context, event: HostProcessEvent & { type: 'said' }): Outcome {
  const { memory, followers } = context;
  const { from: process, line } = event;
  const word = event.word as HostAsk;
  if (!memory) return nothing;
  if (word.type === 'join') {
    const followed = { ...context, followers: { ...followers, [word.seat]: { process, line } } };
    const change = { followers: followed.followers };
    return deciding(followed, memory, { do: 'join', ask: word }, () => ({ change, messages: [] }));
  }
  const entry = Object.entries(followers).find(([, one]) => one.line === line);
  if (!entry) return nothing; // Its connection was closed: it has joined by another.
  const call = { do: 'answer', seat: Number(entry[0]), wish: word } as const;
  return deciding(context, memory, call, () => nothing);
}

function hearing(context: Context, word: HostTell): Outcome {
  switch (word.type) {
    case 'joined': {
      const sat = sitting(context, word.life, word.lost);
      const change = { ...sat.change, isJoined: true };
      return { ...sat, change, seat: [{ type: 'seat.granted' }] };
    }
    case 'answer': {
      if (word.id !== 1) return nothing;
      const taken = taking(context, word.units);
      return { ...taken, change: { ...taken.change, isAsking: false } };
    }
    default:
      return nothing;
  }
}

export function leaving(context: Context): Outcome {
  const { memory, name: process, input } = context;
  const ended = toHost('ended', { process });
  if (!memory) return { change: unseated, messages: [ended] };
  const told = input.others.map((to) => ({ to, event: { type: 'line.ended', process } }));
  const { change, messages } = deciding(context, memory, { do: 'leave' }, ({ isIdle }) => ({
    change: {},
    messages: isIdle ? [toHost('remove')] : [],
  }));
  // Whether it comes to its end or is ended in the midst, others see the same.
  return {
    change: { ...change, memory: null, followers: {} },
    messages: [...messages, ended, ...told],
  };
}

export const beginning: Act = ({ name: process }) => ({
  change: {},
  messages: [toHost('begin', { process })],
});
export const looking: Act = ({ memory, name: process }) =>
  memory ? { change: {}, messages: [toHost('look', { process })] } : nothing;

/** A rest is over: of all that rests until now. */
export const freeing: Act = (context) => {
  if (!context.memory) return nothing;
  const freed = deciding(context, context.memory, { do: 'freeRested' }, () => nothing);
  return { ...freed, messages: [toHost('rest.passed'), ...freed.messages] };
};

/** Whether it may happen, the host knows. */
export const troubling: Act = ({ name: process }, event) => ({
  change: {},
  messages: [toHost('trouble', { ...event, process, trouble: event.type })],
});
export const cutting: Act = ({ line }) =>
  line > 0 ? { change: unseated, messages: [], seat: [{ type: 'coordinator.lost' }] } : nothing;
export const departing: Act = () => ({
  change: { isLeaving: true },
  messages: [],
  seat: [{ type: 'leave' }],
});

export function outcomeOf(context: Context, event: HostProcessEvent | PortSeatEvent): Outcome {
  const { memory, line, partner, seat: own } = context;
  switch (event.type) {
    case 'seated':
      return { change: { seat: event.seat }, messages: [] };
    case 'stood':
      return { change: { fact: event.fact }, messages: [] };
    case 'map.found': {
      const call = { do: 'takeOver', joining: joiningOf(context) } as const;
      return deciding(context, event.map, call, ({ life, lost }) => ({
        ...sitting(context, life, lost),
        seat: [{ type: 'map.read' }],
      }));
    }
    case 'dialled': {
      const change = { ...unseated, line: event.line, partner: event.partner };
      if (event.line === 0)
        return { change: { ...change, fact: 'coordinator.lost' }, messages: [] };
      const { settings } = context.input.deciding;
      const word = { type: 'join', settings, ...joiningOf(context) } as const;
      return { change, messages: [saying(context, event.partner, event.line, word)] };
    }
    case 'hung.up':
      return { change: unseated, messages: [] };
    case 'said':
      if (memory) return answering(context, event);
      return event.line === line ? hearing(context, event.word as HostTell) : nothing;
    case 'line.ended': {
      if (line === 0 || event.process !== partner) return nothing;
      return { change: unseated, messages: [], seat: [{ type: 'coordinator.lost' }] };
    }
    case 'looked': {
      const free = event.free.filter((seat) => seat !== own);
      const living = Object.entries(context.followers).filter(([seat]) => !free.includes(+seat));
      const change = { followers: Object.fromEntries(living) };
      const after = { change, messages: [] };
      return memory ? deciding(context, memory, { do: 'look', free }, () => after) : nothing;
    }
    default:
      return nothing;
  }
}
