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
    }
  | { readonly type: 'cut'; readonly number: number; readonly path: string };

/** What it tells: records as JSON with commas between them, or how a command went. */
export type TapReport = string | { readonly number: number; readonly refusal: string | undefined };
