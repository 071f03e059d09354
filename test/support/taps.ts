/** A tap whose reports are read as records, each parcel taken when it is asked for. */
import { Tap } from '#internal/inspect/tap';
import type { TapReport } from '#internal/inspect/tap-orders';
import type { InspectionRecord } from '#internal/inspect/records';

export interface WatchedTap {
  readonly tap: Tap;
  /** The records of the next parcels, until one of them fits. */
  until(isLast: (record: InspectionRecord) => boolean): Promise<InspectionRecord[]>;
  /** What it said of the events that it was to send. */
  readonly answers: Exclude<TapReport, string>[];
  stop(): void;
}

export function watchedTap(node = 'hall', cut: (path: string) => void = () => {}): WatchedTap {
  const answers: Exclude<TapReport, string>[] = [];
  const waiting: InspectionRecord[][] = [];
  let wake: () => void = () => undefined;
  const tap: Tap = new Tap({
    node,
    thread: 7,
    cut,
    post: (report: TapReport) => {
      if (typeof report !== 'string') {
        answers.push(report);
        return;
      }
      waiting.push(JSON.parse(`[${report}]`) as InspectionRecord[]);
      wake();
    },
  });
  return {
    tap,
    answers,
    until: async (isLast) => {
      const heard: InspectionRecord[] = [];
      for (;;) {
        const parcel = waiting.shift();
        if (parcel) {
          heard.push(...parcel);
          tap.order({ type: 'taken' });
          if (parcel.some(isLast)) return heard;
        } else {
          await new Promise<void>((resolve) => (wake = resolve));
        }
      }
    },
    stop: () => tap.order({ type: 'ignore' }),
  };
}

/** Whether a record tells that somebody is in a state, or has that status. */
export const isIn =
  (name: string, state: unknown) =>
  (record: InspectionRecord): boolean =>
    (record.type === '@xstate.snapshot' || record.type === '@xstate.actor') &&
    record.sessionId.endsWith(name) &&
    (record.snapshot.value === state || record.snapshot.status === state);
