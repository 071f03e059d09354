/**
 * What is told of actors: the events of Stately's inspection protocol, as `@statelyai/inspect`
 * declares them, and beside them a few of our own. Both travel as JSON and stand in recordings:
 * append only.
 */
import type { Chart } from './chart.ts';

/** Of `@statelyai/inspect`, whose schema this is. */
export const schemaVersion = '0.7.2';

export interface RecordBase {
  /** Unique in the cluster: `<node>.<thread>/<session of XState, or name of who is stepped>`. */
  readonly sessionId: string;
  readonly rootId: string;
  /** Milliseconds since 1970, as a text; with fractions, for threads tell in turns. */
  readonly createdAt: string;
  readonly id: string;
  readonly _version: string;
}

export interface PlainEvent {
  readonly type: string;
  readonly [name: string]: unknown;
}

export interface PlainSnapshot {
  readonly status?: string;
  readonly value?: unknown;
  readonly context?: unknown;
  readonly output?: unknown;
  readonly error?: unknown;
  readonly tags?: readonly string[];
}

/** An actor has come, or is told of to somebody new. */
export interface ActorRecord extends RecordBase {
  readonly type: '@xstate.actor';
  readonly name: string;
  readonly parentId?: string;
  readonly definition?: string;
  readonly snapshot: PlainSnapshot;
  /** Our own: in which node it runs, and the machine that it is. */
  readonly node?: string;
  readonly machine?: string;
}

export interface EventRecord extends RecordBase {
  readonly type: '@xstate.event';
  readonly sourceId?: string;
  readonly event: PlainEvent;
}

export interface SnapshotRecord extends RecordBase {
  readonly type: '@xstate.snapshot';
  readonly event: PlainEvent;
  readonly snapshot: PlainSnapshot;
  /** Our own: the transitions that were taken, as the machine's chart names them. */
  readonly transitions?: readonly string[];
}

/** A machine, told before the first actor that is one. */
export interface MachineRecord extends RecordBase {
  readonly type: '@interplex.machine';
  readonly machine: string;
  readonly chart: Chart;
  /** Its configuration, as Stately's protocol wants it of each actor. */
  readonly definition: string;
}

/** What is measured four times a second; of a node, or of the cluster (`sessionId` says whose). */
export interface FiguresRecord extends RecordBase {
  readonly type: '@interplex.figures';
  readonly figures: Readonly<Record<string, unknown>>;
}

/** So many records were left out: the rate was too high, or the page too slow. */
export interface GapRecord extends RecordBase {
  readonly type: '@interplex.gap';
  readonly reason: 'rate' | 'slow';
}

/** The answer to a command. */
export interface AnswerRecord extends RecordBase {
  readonly type: '@interplex.answer';
  readonly command: number;
  readonly refusal?: string;
}

/** The first of all: what the page may do. */
export interface WelcomeRecord extends RecordBase {
  readonly type: '@interplex.welcome';
  readonly title: string;
  readonly control: boolean;
  readonly isRecording: boolean;
}

export type StatelyRecord = ActorRecord | EventRecord | SnapshotRecord;
export type InspectionRecord =
  | StatelyRecord
  | MachineRecord
  | FiguresRecord
  | GapRecord
  | AnswerRecord
  | WelcomeRecord;

/** What a page asks of the cluster, where it may. */
export type Command =
  | { readonly command: 'send'; readonly sessionId: string; readonly event: PlainEvent }
  | NodeCommand
  | { readonly command: 'cut'; readonly path: string };

export interface NodeCommand {
  readonly command: 'kill' | 'drain' | 'restart';
  readonly node: string;
}

/** The session of a node as a whole, under which its actors stand. */
export const nodeSession = (node: string): string => `node:${node}`;
export const clusterSession = 'cluster';

let lastId = 0;

/** The common part of a record that begins here and now. */
export function recordBase(sessionId: string, rootId = sessionId): RecordBase {
  lastId += 1;
  const createdAt = (performance.timeOrigin + performance.now()).toFixed(3);
  return { sessionId, rootId, createdAt, id: String(lastId), _version: schemaVersion };
}
