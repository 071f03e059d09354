/** What `interplex ports` is told: by a cluster, and by a node of a program of its own. */
import { tellFigures } from '../io/figures-socket.ts';
import type { PortPool } from '../ports/pool-figures.ts';
import type { DestinationCount } from '../ports/source-ports.ts';

/** Open connections of one node from one address to one place. */
export interface NodeDestination extends DestinationCount {
  readonly stack: string;
}

/** As one line of JSON. */
export interface ToldPorts {
  readonly pid: number;
  readonly pools: readonly PortPool[];
  readonly destinations: readonly NodeDestination[];
}

interface Tellers {
  readonly pools: () => readonly PortPool[];
  readonly destinations: () => Promise<readonly NodeDestination[]>;
}

/** Clusters of one process tell apart. */
let lastNumber = 0;

/** To whoever asks, until what it gives is called. Throws IPX_ADDRESS_UNUSABLE. */
export function tellPorts({ pools, destinations }: Tellers): () => void {
  lastNumber += 1;
  const figures = async (): Promise<ToldPorts> => {
    return { pid: process.pid, pools: pools(), destinations: await destinations() };
  };
  return tellFigures(`${lastNumber}`, figures);
}

export const ofNode = (stack: string, counts: readonly DestinationCount[]): NodeDestination[] =>
  counts.map((count) => ({ stack, ...count }));
