/**
 * What is measured, as it stands in records of `@interplex.figures`, by its name there. Whoever has
 * more to show gives a list of one of these kinds to its thread's tap.
 */
import type { NodeCommand } from './records.ts';

/** `nodes`: of the main thread. */
export interface NodeFigures {
  readonly node: string;
  readonly condition?: 'starting' | 'living' | 'blocked' | 'restarting' | 'ended' | 'failed';
  readonly run: readonly string[];
  readonly threadId?: number;
  readonly clients?: number;
  readonly transfersUnderway?: number;
  readonly mailboxDepth?: number;
  readonly heapBytes?: number;
  readonly ageMs?: number;
  readonly eventLoopUse?: number;
  readonly restarts?: number;
  /** What may be asked for it now; without it nothing is offered. */
  readonly commands?: readonly NodeCommand['command'][];
}

/** `vipas`: of the main thread. */
export interface VipaFigures {
  readonly vipa: string;
  readonly address: string;
  readonly port: number;
  readonly owner?: string;
}

/** `routes`: of the main thread, with `routesTotal`. */
export interface RouteFigures {
  readonly clientAddress: string;
  readonly clientPort: number;
  readonly address: string;
  readonly port: number;
  readonly vipa: string;
  readonly origin: string;
  readonly number: number;
  readonly owner: string;
  readonly epoch: number;
  readonly hops: number;
  readonly carrier: string;
  readonly ageMs: number;
}

/** `adapters`: of each node that has some, its own. */
export interface AdapterFigures {
  readonly node: string;
  /** Its place in the node's row, its type and the size of its packets: `0 loopback, MTU 65536`. */
  readonly adapter: string;
  readonly address: string;
  /** As its owner sees it. */
  readonly status: string;
}

/** `paths`: of each node, its ways to others, and those of its data ports. */
export interface PathFigures {
  /** What `cut` names: it begins with the node and a space. */
  readonly path: string;
  readonly from: string;
  readonly to: string;
  /** As the node at this end sees it. */
  readonly status: string;
  readonly reason?: string;
  readonly rttMs?: number;
}

/** `dataPorts`: of each node, its own ends. */
export interface DataPortFigures {
  readonly port: string;
  readonly node: string;
  readonly peer: string;
  readonly service: string;
  /** They grow for as long as the port lives. */
  readonly failovers: number;
  readonly resets: number;
  readonly unappliedBytes: number;
  /** Those that are up: one that is reset is not among them until it is back. */
  readonly paths: readonly {
    readonly path: string;
    readonly status: string;
    /** As measured while it was busy. */
    readonly bytesPerSecond: number;
    readonly underwayBytes: number;
    readonly rttMs?: number;
  }[];
}

/**
 * `resting`: of a node, in a pool by its name: ports that rest since their connection has closed,
 * and those that another program has. The pool's map has them as used: no memory is shared of it.
 */
export interface RestingPortFigures {
  readonly pool: string;
  readonly ports: readonly number[];
  readonly foreign: readonly number[];
}

/** `ports`: a pool of source ports, of the main thread. */
export interface PortPoolFigures {
  /** Address and protocol. */
  readonly pool: string;
  readonly first: number;
  readonly count: number;
  /**
   * Who owns what in runs, from `first` on; `owner` is empty for what is free. Where they would be
   * too many, the ports of a block, or of several, stand in the order of their condition.
   */
  readonly runs: readonly {
    readonly owner: string;
    readonly count: number;
    readonly condition: 'free' | 'block' | 'used' | 'quarantined' | 'foreign' | 'reserved';
  }[];
}
