/** What is shown: what runs, or a recording at one of its steps. Views are told once a frame. */
import { useEffect, useState } from 'preact/hooks';
import type { Command, InspectionRecord } from '../records.ts';
import { Live, type Connection } from './live.ts';
import { Model } from './model.ts';
import { openRecording } from './recording.ts';
import { missingPart } from './whole-record.ts';

/** A recording, and how far it has been played. */
export interface Playback {
  readonly name: string;
  readonly records: readonly InspectionRecord[];
  /** Where each step ends: one past the place of its record. */
  readonly steps: readonly number[];
  position: number;
}

const isStep = (record: InspectionRecord) =>
  (record.type === '@xstate.snapshot' || record.type === '@xstate.event') &&
  missingPart(record) === undefined;

export class Session {
  model = new Model();
  connection: Connection = 'connecting';
  playback: Playback | undefined;
  /** Whether the recording was opened here, where something else runs. */
  isOpened = false;
  /** What went wrong last, for who looks at the page. */
  complaint = '';
  readonly #listeners = new Set<() => void>();
  #live: Live | undefined;
  #isScheduled = false;
  /** Whether all that is served here is a recording. */
  #isServed = false;
  #recorded: InspectionRecord[] = [];

  constructor() {
    this.#live = new Live({
      onConnection: (connection) => {
        this.connection = connection;
        this.changed();
      },
      onRecords: (records) => this.#take(records),
    });
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Lets the views be drawn again, at the next frame. */
  changed(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      for (const listener of this.#listeners) listener();
    });
  }

  /** Says what went wrong; empty once it is read. */
  complain(sentence: string): void {
    this.complaint = sentence;
    this.changed();
  }

  async perform(command: Command): Promise<void> {
    this.complain((await this.#live?.perform(command)) ?? '');
  }

  async open(file: File): Promise<void> {
    try {
      this.play(file.name, await openRecording(file));
      this.isOpened ||= !this.#isServed;
    } catch (error) {
      this.complain(error instanceof Error ? error.message : String(error));
    }
  }

  /** What runs is left alone: the page shows the recording until it is loaded anew. */
  play(name: string, records: readonly InspectionRecord[]): void {
    this.#live?.close();
    this.#live = undefined;
    const steps = records.flatMap((record, index) => (isStep(record) ? [index + 1] : []));
    this.playback = { name, records, steps, position: 0 };
    this.complaint = '';
    this.model = new Model();
    this.seek(steps.length);
  }

  /** Shows a recording as it was after so many of its steps; all that is before the first, at 0. */
  seek(position: number): void {
    const { playback } = this;
    if (!playback) return;
    const { records, steps } = playback;
    const before = playback.position;
    playback.position = Math.max(0, Math.min(steps.length, position));
    const placeOf = (step: number) => {
      if (step === steps.length) return records.length;
      return step === 0 ? (steps[0] ?? 1) - 1 : (steps[step - 1] ?? 0);
    };
    const isBack = playback.position <= before;
    if (isBack || this.model.version === 0) {
      this.model = new Model();
      this.model.isRecording = true;
      this.#feed(records, 0, placeOf(playback.position));
    } else {
      this.#feed(records, placeOf(before), placeOf(playback.position));
    }
    this.model.control = false;
    this.changed();
  }

  #feed(records: readonly InspectionRecord[], from: number, to: number): void {
    for (const record of records.slice(from, to)) this.#read(record);
  }

  /** A recording may hold anything; what cannot be read is left out, and said. */
  #read(record: InspectionRecord): void {
    try {
      this.model.take(record);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.complain(`A record ${record.type} cannot be read, and is left out: ${reason}.`);
    }
  }

  #take(records: readonly InspectionRecord[]): void {
    for (const record of records) this.#read(record);
    if (this.model.isRecording) {
      this.#isServed = true;
      // One that the command opened comes whole, as if it were live.
      this.#recorded.push(...records.filter(({ type }) => type !== '@interplex.welcome'));
      if (this.#recorded.length > 0) this.play(this.model.title, this.#recorded);
      return;
    }
    this.changed();
  }
}

/** Draws the calling view again whenever the session has changed. */
export function useSession(session: Session): Model {
  const [, redraw] = useState(0);
  useEffect(() => session.subscribe(() => redraw((count) => count + 1)), [session]);
  return session.model;
}
