/**
 * What is measured, as it stands in records of `@interplex.figures`, by its name there. Whoever has
 * more to show gives a list of one of these kinds to its thread's tap.
 */

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
  readonly adapter: string;
  readonly address: string;
  readonly status: string;
}

/** `paths`: of each node, those that it uses. `path` is what `cut` names. */
export interface PathFigures {
  readonly path: string;
  readonly from: string;
  readonly to: string;
  readonly status: string;
  readonly rttMs?: number;
}

/** `dataPorts`: of each node, its own ends. */
export interface DataPortFigures {
  readonly port: string;
  readonly node: string;
  readonly peer: string;
  readonly service: string;
  /** It grows for as long as the port lives. */
  readonly failovers: number;
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

/** `ports`: a pool of source ports, of the main thread or of a node. */
export interface PortPoolFigures {
  /** Address and protocol. */
  readonly pool: string;
  readonly first: number;
  readonly count: number;
  /** Who owns what in runs, from `first` on; `owner` is empty for what is free. */
  readonly runs: readonly {
    readonly owner: string;
    readonly count: number;
    readonly condition: 'free' | 'block' | 'used' | 'quarantined' | 'foreign' | 'reserved';
  }[];
}
