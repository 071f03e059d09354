/** Between the main thread and the tap in each thread. */
import type { PlainEvent } from './records.ts';

/** What a tap is told. */
export type TapOrder =
  | { readonly type: 'watch' | 'ignore' | 'taken' }
  | {
      readonly type: 'send';
      readonly number: number;
      readonly sessionId: string;
      readonly event: PlainEvent;
    };

/** What it tells: records as JSON with commas between them, or how a sending went. */
export type TapReport = string | { readonly number: number; readonly refusal: string | undefined };
