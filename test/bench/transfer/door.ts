/**
 * The routing application of the subject `cluster`: it reads one line of each client, and moves
 * them to the hall at the pace that the benchmark wants.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';

import {
  routingApplication,
  type Client,
  type ConnectionDescription,
  type RouteContext,
} from 'interplex';

import { Deferred } from '../deferred.ts';
import { answerThreads } from '../../support/thread-call.ts';
import { now, type Pace } from './commands.ts';
import { heapHere } from './heap.ts';

/** The last of thousands has waited for all before it: more than the default on a busy machine. */
const deadlineMs = 60_000;

interface Held {
  readonly client: Client;
  readonly route: RouteContext;
  readonly name: string;
}

export type DoorCommand =
  | { type: 'expect'; count: number; pace: Pace }
  | { type: 'settled'; count: number }
  | { type: 'moved' }
  | { type: 'heap' };

/** What the door saw of its clients; the hall knows when they were read again. */
export interface DoorMoves {
  readonly elapsedMs: number;
  /** When each client was frozen, by its number. */
  readonly frozenAt: ReadonlyMap<number, number>;
}

let pace: Pace = 'arrival';
let count = 0;
let held: Held[] = [];
let frozenAt = new Map<number, number>();
let startedAt = 0;
let movedCount = 0;
let onMove: (() => void) | undefined;
let moved = new Deferred<DoorMoves>();

export const routing = routingApplication(async (client, route) => {
  const name = await client.readLine();
  if (startedAt === 0) startedAt = now();
  if (pace === 'arrival' || pace === 'timed arrival') {
    await move({ client, route, name });
    return;
  }
  held.push({ client, route, name });
  if (held.length === count) await moveAll();
});

async function move({ client, route, name }: Held): Promise<void> {
  const result = await route.transfer(client, {
    to: 'hall',
    state: { name },
    deadlineMs,
    // The hall is the only one, and has been silent: on a busy machine it is asked again.
    next: () => route.targets('hall')[0],
  });
  if (result.outcome === 'refused') {
    const error = new Error(`A client was not transferred: ${result.code}: ${result.reason}`);
    moved.reject(error);
    throw error; // It ends the client, and whoever waits for it hears of that.
  }
  movedCount += 1;
  onMove?.();
  if (movedCount === count) moved.resolve({ elapsedMs: now() - startedAt, frozenAt });
}

async function moveAll(): Promise<void> {
  startedAt = now();
  if (pace === 'all at once') await Promise.all(held.map(move));
  else for (const one of held) await move(one);
}

const settled = (wanted: number): Promise<void> =>
  new Promise((resolve) => {
    onMove = () => {
      if (movedCount >= wanted) resolve();
    };
    onMove();
  });

function expect(wanted: { count: number; pace: Pace }): void {
  ({ count, pace } = wanted);
  held = [];
  startedAt = 0;
  movedCount = 0;
  onMove = undefined;
  frozenAt = new Map();
  moved = new Deferred();
  unsubscribe('interplex:client.frozen', note);
  if (pace === 'timed arrival') subscribe('interplex:client.frozen', note);
}

function note(message: unknown): void {
  frozenAt.set((message as ConnectionDescription).number, now());
}

answerThreads<DoorCommand>('door', (command) => {
  if (command.type === 'moved') return moved.promise;
  if (command.type === 'settled') return settled(command.count);
  if (command.type === 'heap') return heapHere();
  return expect(command);
});
