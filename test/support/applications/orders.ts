/** What a test may tell a node's `troupe` to do, and what it answers. */
import type { DeadLetterReason, MailboxOptions, SupervisionOptions } from 'interplex/actors';

/** A function that takes one event at a time, an XState machine, or custom logic. */
export type PartName = 'player' | 'machine' | 'stillborn';

interface Event {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** `to` is an address everywhere. */
export type Order =
  | {
      readonly do: 'spawn'; // answers with the address
      readonly name: string;
      readonly part: PartName;
      readonly mailbox?: MailboxOptions;
      readonly supervision?: SupervisionOptions;
    }
  | { readonly do: 'find'; readonly name: string } // answers with the address, once it is known
  | { readonly do: 'stop'; readonly to: string; readonly drainMs?: number }
  | { readonly do: 'send'; readonly to: string; readonly event: Event }
  | {
      readonly do: 'flood'; // sends numbered events of a type
      readonly to: string;
      readonly type: string;
      readonly count: number;
      readonly textLength: number;
      /** Awaits `ready()`; otherwise only lets its own thread turn. */
      readonly isPaced: boolean;
    }
  | {
      readonly do: 'ask';
      readonly to: string;
      readonly event: Event;
      readonly timeoutMs?: number;
    }
  | { readonly do: 'stand for'; readonly name: string; readonly to: string } // as an XState child
  | { readonly do: 'watch'; readonly to: string; readonly label: string }
  | { readonly do: 'unwatch'; readonly label: string }
  /** Answers with all ends so far when so many have come under the label. */
  | { readonly do: 'ends'; readonly label: string; readonly count: number }
  | { readonly do: 'heard'; readonly name: string; readonly count: number } // with their numbers
  | { readonly do: 'release'; readonly name: string } // those that stand still go on
  | { readonly do: 'letters' | 'mailboxes' | 'warnings' | 'throw' };

/** The answer to `ask`. */
export type Outcome =
  | { readonly answer: object; readonly afterMs: number }
  | { readonly code: string; readonly reason: string; readonly afterMs: number };

/** The answer to `flood`. */
export interface Flooded {
  readonly taken: number;
  readonly refused: number;
}

/** The answer to `letters`. */
export interface Letters {
  readonly counts: Readonly<Record<DeadLetterReason, number>>;
  /** What a subscriber was told of. */
  readonly subscribed: { readonly count: number; readonly withEvent: number };
  readonly recent: readonly {
    readonly to: string;
    readonly reason: string;
    readonly count: number;
    readonly type: string | undefined;
    readonly number: number | undefined;
  }[];
}
