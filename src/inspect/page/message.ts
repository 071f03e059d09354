/** A message that an actor got, as the page tells of it. */
import type { PlainEvent } from '../records.ts';

export interface Message {
  readonly number: number;
  readonly atMs: number;
  readonly from: string | undefined;
  readonly to: string;
  readonly event: PlainEvent;
  /** `<giver>/<number>`, of a message between two nodes about a transfer. */
  readonly transfer: string | undefined;
}
