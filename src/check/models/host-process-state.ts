/** What a process of a host consists of, in the model of ports that processes share. */
import type { PortSeatEvent } from '../../../actors/ports/port-seat.ts';
import type { HostAsk, HostTell } from '../../ports/host-words.ts';
import type { Deciding, Words } from './host-deciding.ts';
import type { Trouble } from './host-kernel.ts';

export interface HostProcess {
  readonly name: string;
  readonly pid: number;
  readonly seat: number;
  /** What its `SeatLeases` know. */
  readonly life: number;
  readonly held: readonly number[];
  /** While it coordinates, the words that it remembers, and by seat whom it answers. */
  readonly memory: Words | null;
  readonly followers: Readonly<Record<number, Follower>>;
  /** While it follows: its connection, to whom; 0: none. */
  readonly line: number;
  readonly partner: string;
  readonly isJoined: boolean;
  readonly isAsking: boolean;
  /** Of the next decision so many words are written, and then it ends; -1: all. */
  readonly torn: number;
  /** What it hears of the kernel next. */
  readonly fact: PortSeatEvent['type'];
  readonly isLeaving: boolean;
}
interface Follower {
  readonly process: string;
  readonly line: number;
}
export interface HostProcessInput {
  readonly name: string;
  readonly others: readonly string[];
  readonly pid: number;
  /** What it works with; of its state it is no part. */
  readonly deciding: Deciding;
  /** Wrong: it answers before it writes. */
  readonly isHasty: boolean;
}
export type HostProcessEvent =
  | { type: 'seated'; seat: number } // answers of the kernel
  | { type: 'stood'; fact: PortSeatEvent['type'] }
  | { type: 'map.found'; map: Words }
  | { type: 'dialled'; line: number; partner: string }
  | { type: 'hung.up' }
  | { type: 'looked'; free: readonly number[] }
  | { type: 'troubled'; trouble: Trouble; writes?: number }
  | { type: 'said'; from: string; line: number; word: HostAsk | HostTell } // over a connection
  | { type: 'line.ended'; process: string }
  | { type: 'recall' }
  | { type: 'units.came' } // its own
  | { type: 'halted' }
  | { type: 'tear'; writes: number } // of the world
  | { type: 'cut' | 'leave' };

export const beginProcess = ({ name, pid }: HostProcessInput): HostProcess => ({
  name,
  pid,
  seat: -1,
  life: 0,
  held: [],
  memory: null,
  followers: {},
  line: 0,
  partner: '',
  isJoined: false,
  isAsking: false,
  torn: -1,
  fact: 'place.held',
  isLeaving: false,
});
export type HostProcessContext = HostProcess & { readonly input: HostProcessInput };
