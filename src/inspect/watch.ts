/** What a tap keeps as long as somebody watches. */
import type { AnyActor } from 'xstate';
import { RecordWriter, type Subject } from './record-writer.ts';

/** As long as somebody watches. */
export interface Watch {
  readonly writer: RecordWriter;
  /** What was last told of each. */
  readonly told: WeakMap<AnyActor, unknown>;
  /** Those that were told of and have not been told of as ended. */
  readonly present: Map<string, Subject>;
  readonly timers: readonly NodeJS.Timeout[];
  /** Posted, and not taken yet: the main thread may stand still. */
  isPosted: boolean;
  /** Actors are left alone: what is new of them is found by comparison. */
  isSparing: boolean;
  /** Until then what was missed is not looked for: looking took its time. */
  restUntilMs: number;
  /** Steps were missed since the last parcel. */
  isBehind: boolean;
  /** Of the step that each is in. */
  readonly transitions: Map<AnyActor, string[]>;
}

export const newWatch = (node: string, timers: readonly NodeJS.Timeout[]): Watch => ({
  writer: new RecordWriter(node),
  told: new WeakMap(),
  present: new Map(),
  timers,
  isPosted: false,
  isSparing: true,
  restUntilMs: 0,
  isBehind: false,
  transitions: new Map(),
});
